package studio

import (
	"html/template"
	"slices"
	"strconv"
	"unicode/utf8"
)

// barChart is a chart of bars over time, one or several values stacked in each.
// It is drawn by the server as SVG without any script or style: geometry is in
// attributes, colours in classes. Its lengths are percentages, so it fills the
// width there is.
type barChart struct {
	// ID is unique in its page; the ids of what belongs to the chart begin with it.
	ID    string
	Title string
	// Note stands beside the title, such as a total.
	Note   string
	Series []barSeries // from the bottom up
	Bars   []bar       // oldest first
	// Short writes a value beside an axis that ends at most, Exact writes it
	// anywhere else; default counts.
	Short func(value, most int64) string
	Exact func(int64) string
	// Empty is said when all values are zero; default "No data in this period."
	Empty string
}

// barSeries is one of the values of every bar. Class chooses its colour: "fill-main",
// "fill-soft" (the same, lighter), "fill-warn", "fill-third" or "fill-bad". A Rare one
// is left out where all its values are 0.
type barSeries struct {
	Name, Class string
	Rare        bool
}

// bar is one step of time. Values are as many as there are series; negative ones count as 0.
type bar struct {
	Label  string // below the bar, where it has room; "" for none ever
	Wide   bool   // the label only has room on wide screens
	Full   string // the same at length
	Values []int64
}

const (
	plotHeight = 168.0 // of the bars, in pixels
	labelRoom  = 24.0  // below them
	plotTop    = 8.0
	axisLeast  = 52.0 // of the numbers at the left, so that charts with short ones stand alike
	axisGap    = 8.0  // between them and the plot
	digitWidth = 8.5
)

// HTML draws the chart with its legend, and with its numbers as a table.
func (c barChart) HTML() template.HTML {
	if c.Short == nil {
		c.Short = func(n, _ int64) string { return chartCount(n) }
	}
	if c.Exact == nil {
		c.Exact = exactCount
	}
	c = c.withoutRare()
	d := &drawing{}
	d.begin("figure", "class", "chart")
	d.begin("figcaption")
	d.put("span", c.Title, "class", "chart-title")
	if c.Note != "" {
		d.put("span", c.Note, "class", "chart-note")
	}
	d.end()
	most, sum := c.extent()
	if sum == 0 {
		c.drawEmpty(d)
	} else {
		c.drawLegend(d)
		d.begin("div", "class", "chart-plot")
		marks := axis(most)
		c.drawAxis(d, marks)
		c.drawPlot(d, marks)
		d.end()
		c.drawTable(d)
	}
	d.end()
	return d.html()
}

// withoutRare returns the chart without its rare series that have no values.
func (c barChart) withoutRare() barChart {
	for i := len(c.Series) - 1; i >= 0; i-- {
		if !c.Series[i].Rare || slices.ContainsFunc(c.Bars, func(b bar) bool { return i < len(b.Values) && b.Values[i] > 0 }) {
			continue
		}
		c.Series = slices.Delete(slices.Clone(c.Series), i, i+1)
		c.Bars = slices.Clone(c.Bars)
		for n, b := range c.Bars {
			if i < len(b.Values) {
				c.Bars[n].Values = slices.Delete(slices.Clone(b.Values), i, i+1)
			}
		}
	}
	return c
}

// extent returns the height of the highest bar, and whether there is anything at all.
func (c barChart) extent() (most, sum int64) {
	for _, b := range c.Bars {
		height := b.total()
		most = max(most, height)
		sum |= height
	}
	return most, sum
}

func (b bar) total() (sum int64) {
	for _, v := range b.Values {
		if v > 0 {
			sum = saturated(sum, v)
		}
	}
	return sum
}

// saturated adds without turning over.
func saturated(a, b int64) int64 {
	if sum := a + b; sum >= a {
		return sum
	}
	return 1<<63 - 1
}

func (c barChart) drawEmpty(d *drawing) {
	said := c.Empty
	if said == "" {
		said = "No data in this period."
	}
	d.put("p", said, "class", "chart-empty")
}

func (c barChart) drawLegend(d *drawing) {
	if len(c.Series) < 2 {
		return
	}
	d.begin("ul", "class", "chart-legend")
	for _, s := range c.Series {
		d.begin("li")
		d.begin("svg", "width", "10", "height", "10", "aria-hidden", "true")
		d.put("rect", "", "width", "10", "height", "10", "rx", "2", "class", s.Class)
		d.end()
		d.text(" " + s.Name)
		d.end()
	}
	d.end()
}

// drawAxis draws the numbers at the left, in an SVG of their own that does not stretch.
func (c barChart) drawAxis(d *drawing, marks []int64) {
	wide := c.axisWidth(marks)
	d.begin("svg", "class", "chart-axis", "width", num(wide), "height", num(plotTop+plotHeight+labelRoom), "aria-hidden", "true")
	for _, m := range marks {
		d.put("text", c.Short(m, marks[len(marks)-1]), "x", num(wide-axisGap), "y", num(level(m, marks)+4), "text-anchor", "end")
	}
	d.end()
}

// axisWidth is what the longest label needs: $0.0000006 more than 35k. The labels
// are digits of 13 pixels, of which none of the fonts that systems have draws one wider than digitWidth.
func (c barChart) axisWidth(marks []int64) float64 {
	wide := axisLeast
	for _, m := range marks {
		wide = max(wide, float64(utf8.RuneCountInString(c.Short(m, marks[len(marks)-1])))*digitWidth+axisGap)
	}
	return wide
}

// level is how far down a value lies.
func level(value int64, marks []int64) float64 {
	top := marks[len(marks)-1]
	return plotTop + plotHeight*(1-min(float64(value)/float64(top), 1))
}

func (c barChart) drawPlot(d *drawing, marks []int64) {
	d.begin("svg", "class", "chart-bars", "width", "100%", "height", num(plotTop+plotHeight+labelRoom),
		"role", "img", "aria-labelledby", c.ID+"-title "+c.ID+"-desc")
	d.put("title", c.Title, "id", c.ID+"-title")
	d.put("desc", c.summary(), "id", c.ID+"-desc")
	for _, m := range marks {
		y := num(level(m, marks))
		d.put("line", "", "class", "chart-line", "x1", "0", "x2", "100%", "y1", y, "y2", y)
	}
	slot := 1 / float64(max(len(c.Bars), 1))
	for i, b := range c.Bars {
		c.drawBar(d, b, float64(i)*slot, slot, marks)
	}
	d.end()
}

// drawBar draws one bar in its slot, and what belongs below it.
func (c barChart) drawBar(d *drawing, b bar, left, slot float64, marks []int64) {
	d.begin("g", "class", "chart-bar")
	d.put("title", c.tell(b))
	d.put("rect", "", "class", "chart-slot", "x", percent(left), "width", percent(slot), "y", num(plotTop), "height", num(plotHeight))
	gap := gapOf(slot)
	var below int64
	for i, v := range b.Values {
		if v <= 0 || i >= len(c.Series) {
			continue
		}
		bottom := level(below, marks)
		below = saturated(below, v)
		height := max(bottom-level(below, marks), 1.5)
		d.put("rect", "", "class", c.Series[i].Class, "x", percent(left+slot*gap/2), "width", percent(slot*(1-gap)),
			"y", num(bottom-height), "height", num(height), "rx", "1.5")
	}
	if b.Label != "" {
		class, anchor, x := "chart-x", "middle", left+slot/2
		if b.Wide {
			class = "chart-x chart-wide"
		}
		if x > 0.95 {
			anchor, x = "end", 1
		}
		d.put("text", b.Label, "class", class, "x", percent(x), "y", num(plotTop+plotHeight+labelRoom-6), "text-anchor", anchor)
	}
	d.end()
}

// gapOf is the share of a slot that stays empty: many bars need what room there is.
func gapOf(slot float64) float64 {
	switch {
	case slot > 1.0/10: // few bars are no blocks
		return 0.5
	case slot > 1.0/40:
		return 0.24
	case slot > 1.0/120:
		return 0.12
	}
	return 0
}

// tell says one bar in words.
func (c barChart) tell(b bar) string {
	said := b.Full + ": " + c.Exact(b.total())
	if len(c.Series) < 2 {
		return said
	}
	for i, v := range b.Values {
		if v > 0 && i < len(c.Series) {
			said += "\n" + c.Series[i].Name + ": " + c.Exact(v)
		}
	}
	return said
}

// summary says the chart in words, for those who cannot see it.
func (c barChart) summary() string {
	var sum int64
	highest := c.Bars[0]
	for _, b := range c.Bars {
		sum = saturated(sum, b.total())
		if b.total() > highest.total() {
			highest = b
		}
	}
	return strconv.Itoa(len(c.Bars)) + " bars, together " + c.Exact(sum) + ". The highest is " + c.Exact(highest.total()) + ", " + highest.Full +
		". The table below has the numbers."
}
