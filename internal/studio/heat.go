package studio

import (
	"cmp"
	"html/template"
	"math"
	"slices"
	"strconv"
)

// heatMap shows how near texts are to each other: the cosine of the angle
// between their vectors, 1 for the same direction.
type heatMap struct {
	ID    string   // unique in its page
	Texts []string // what was asked, in the order of the vectors
	// Cosines are of all with all.
	Cosines [][]float64
}

// nearness returns the cosines of all with all, from -1 to 1. A vector of length
// zero, or with something that is no number, is near to nothing: 0.
func nearness(vectors [][]float32) [][]float64 {
	units := make([][]float64, len(vectors))
	for i, v := range vectors {
		units[i] = unit(v)
	}
	out := make([][]float64, len(units))
	for i := range out {
		out[i] = make([]float64, len(units))
		for j := range i + 1 {
			c := cosine(units[i], units[j])
			out[i][j], out[j][i] = c, c
		}
	}
	return out
}

// unit returns the vector with length 1, or nil where there is no direction.
func unit(v []float32) []float64 {
	sum := 0.0
	for _, f := range v {
		sum += float64(f) * float64(f)
	}
	length := math.Sqrt(sum)
	if length == 0 || math.IsNaN(length) || math.IsInf(length, 0) {
		return nil
	}
	out := make([]float64, len(v))
	for i, f := range v {
		out[i] = float64(f) / length
	}
	return out
}

func cosine(a, b []float64) float64 {
	sum := 0.0
	for i := range min(len(a), len(b)) {
		sum += a[i] * b[i]
	}
	return max(-1, min(1, sum))
}

// directions returns the vectors with length 1, so that distances on a map speak
// of the same thing as cosines.
func directions(vectors [][]float32) [][]float32 {
	out := make([][]float32, len(vectors))
	for i, v := range vectors {
		out[i] = make([]float32, len(v))
		for k, f := range unit(v) {
			out[i][k] = float32(f)
		}
	}
	return out
}

// textPair is two texts, counted from 0, the first before the second.
type textPair struct {
	A, B   int
	Cosine float64
}

// pairs returns all of them, the nearest first.
func (h heatMap) pairs() []textPair {
	var out []textPair
	for a := range h.Cosines {
		for b := a + 1; b < len(h.Cosines); b++ {
			out = append(out, textPair{a, b, h.Cosines[a][b]})
		}
	}
	slices.SortStableFunc(out, func(x, y textPair) int { return cmp.Compare(y.Cosine, x.Cosine) })
	return out
}

// lowest is where the scale of colours begins: the least cosine there is, so
// that differences show, which between texts of one subject are small.
func (h heatMap) lowest() float64 {
	least := 1.0
	for _, row := range h.Cosines {
		for _, c := range row {
			least = min(least, c)
		}
	}
	return least
}

const (
	heatSide  = 320.0 // of the drawing, in its own units
	heatRoom  = 22.0  // for the numbers of the texts
	heatWords = 10    // so many texts at most leave room for numbers in the cells
)

// HTML draws the map, its scale, and its numbers as a table.
func (h heatMap) HTML() template.HTML {
	d := &drawing{}
	d.begin("figure", "class", "chart heat")
	d.begin("figcaption")
	d.put("span", "Similarity", "class", "chart-title")
	d.put("span", "cosine of each pair", "class", "chart-note")
	d.end()
	d.begin("svg", "class", "heat-map", "viewBox", "0 0 320 320", "role", "img", "aria-labelledby", h.ID+"-title "+h.ID+"-desc")
	d.put("title", "Similarity of the texts", "id", h.ID+"-title")
	d.put("desc", h.summary(), "id", h.ID+"-desc")
	size := (heatSide - heatRoom) / float64(max(len(h.Cosines), 1))
	least := h.lowest()
	for i, row := range h.Cosines {
		h.drawNumber(d, i, size)
		for j, c := range row {
			h.drawCell(d, i, j, size, strengthOf(c, least))
		}
	}
	d.end()
	h.drawScale(d, least)
	h.drawTable(d)
	d.end()
	return d.html()
}

// strengthOf is how strong the colour of a cosine is, from 0 for the least there
// is to 1. Where all are the same direction, none of them is unlike.
func strengthOf(c, least float64) float64 {
	const same = 1e-6 // of vectors of 32 bits that differ by nothing else
	if 1-least < same {
		return 1
	}
	return (c - least) / (1 - least)
}

// numberEvery is how many columns lie between two numbers above them, so that
// many texts leave them room; rows always have it.
func (h heatMap) numberEvery(size float64) int {
	const digit, apart = 0.62, 3.0 // of the font's size, in units of the drawing
	wide := float64(len(strconv.Itoa(len(h.Cosines))))*digit*numberFont(size) + apart
	return int(math.Ceil(wide / size))
}

func numberFont(size float64) float64 { return min(11, size*0.85) }

func (h heatMap) drawNumber(d *drawing, i int, size float64) {
	font := num(numberFont(size))
	at := heatRoom + (float64(i)+0.5)*size
	number := strconv.Itoa(i + 1)
	d.put("text", number, "class", "heat-number", "x", num(heatRoom-5), "y", num(at+4), "text-anchor", "end", "font-size", font)
	if i%h.numberEvery(size) == 0 {
		d.put("text", number, "class", "heat-number", "x", num(at), "y", num(heatRoom-7), "text-anchor", "middle", "font-size", font)
	}
}

// drawCell draws one pair; strength is from 0 to 1.
func (h heatMap) drawCell(d *drawing, i, j int, size, strength float64) {
	c := h.Cosines[i][j]
	d.begin("g")
	d.put("title", strconv.Itoa(i+1)+" and "+strconv.Itoa(j+1)+": "+cosineText(c)+"\n"+h.text(i, 40)+"\n"+h.text(j, 40))
	x, y := heatRoom+float64(j)*size, heatRoom+float64(i)*size
	gap := min(1, size*0.08)
	d.put("rect", "", "class", "fill-heat", "x", num(x+gap/2), "y", num(y+gap/2), "width", num(size-gap), "height", num(size-gap),
		"rx", num(min(3, size*0.1)), "fill-opacity", num(0.05+0.95*strength*strength))
	if len(h.Cosines) <= heatWords {
		d.put("text", cosineText(c), "class", "heat-value", "x", num(x+size/2), "y", num(y+size/2+3.5), "text-anchor", "middle", "font-size", num(min(11, size*0.36)))
	}
	d.end()
}

// drawScale shows what the colours mean.
func (h heatMap) drawScale(d *drawing, least float64) {
	if len(h.Cosines) < 2 {
		return
	}
	d.begin("p", "class", "heat-scale")
	d.text(cosineText(least) + " ")
	d.begin("svg", "width", "120", "height", "10", "aria-hidden", "true")
	for i := range 10 {
		s := float64(i) / 9
		d.put("rect", "", "class", "fill-heat", "x", strconv.Itoa(12*i), "width", "12", "height", "10", "fill-opacity", num(0.05+0.95*s*s))
	}
	d.end()
	d.text(" 1.00 is the same direction")
	d.end()
}

// text is one of the texts, short enough for its place.
func (h heatMap) text(i, most int) string {
	if i >= len(h.Texts) {
		return ""
	}
	return shortened(h.Texts[i], most)
}

// cosineText writes a cosine with two digits, and never "-0.00".
func cosineText(c float64) string {
	s := strconv.FormatFloat(c, 'f', 2, 64)
	if s == "-0.00" {
		return "0.00"
	}
	return s
}

// summary says the nearest and the farthest pair.
func (h heatMap) summary() string {
	pairs := h.pairs()
	if len(pairs) == 0 {
		return "Add another text to compare."
	}
	first, last := pairs[0], pairs[len(pairs)-1]
	return "The most similar are " + first.words() + ". The least similar are " + last.words() + ". The table below has all of them."
}

func (p textPair) words() string {
	return strconv.Itoa(p.A+1) + " and " + strconv.Itoa(p.B+1) + " with " + cosineText(p.Cosine)
}

// drawTable writes the cosines for those who cannot see the map.
func (h heatMap) drawTable(d *drawing) {
	d.begin("details", "class", "chart-table")
	d.put("summary", "Show as table")
	d.begin("div", "class", "chart-scroll", "tabindex", "0", "role", "region", "aria-label", "Similarity of the texts, as a table")
	d.begin("table")
	d.begin("thead")
	d.begin("tr")
	d.put("th", "Text", "scope", "col")
	for i := range h.Cosines {
		d.put("th", strconv.Itoa(i+1), "scope", "col", "class", "num")
	}
	d.end()
	d.end()
	d.begin("tbody")
	for i, row := range h.Cosines {
		d.begin("tr")
		d.put("th", strconv.Itoa(i+1), "scope", "row")
		for _, c := range row {
			d.put("td", strconv.FormatFloat(c, 'f', 4, 64), "class", "num")
		}
		d.end()
	}
	d.end()
	d.end()
	d.end()
	d.end()
}
