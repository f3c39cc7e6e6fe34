package studio

import (
	"html/template"
	"strconv"
	"time"

	"github.com/adit-hq/adit/internal/control/wire"
)

// measure is what of the usage a chart shows.
type measure string

// The measures.
const (
	measureRequests measure = "requests" // answered, throttled, over budget and failed
	measureTexts    measure = "texts"
	measureTokens   measure = "tokens" // reported by AWS, and estimated
	measureCost     measure = "cost"   // of both
)

// usageChart draws sums by hour or day as bars. Sums of one step are added up,
// steps without any are drawn empty. step is an hour or 24; from and to bound
// the chart. The id is unique in the page.
func usageChart(id string, m measure, sums []wire.UsageSum, from, to time.Time, step time.Duration) template.HTML {
	return usageBars(id, m, sums, from, to, step).HTML()
}

// maxBars bounds what a chart draws: a year and the same month of the year before, by day.
const maxBars = 800

func usageBars(id string, m measure, sums []wire.UsageSum, from, to time.Time, step time.Duration) barChart {
	c := m.chart()
	c.ID = id
	first := from.UTC().Truncate(step)
	for at := first; at.Before(to) && len(c.Bars) < maxBars; at = at.Add(step) {
		c.Bars = append(c.Bars, bar{Full: stepName(at, step), Values: make([]int64, len(c.Series))})
	}
	label(c.Bars, first, step)
	var total, unpriced int64
	for _, s := range sums {
		at := s.Hour
		if at == nil {
			at = s.Day
		}
		if at == nil || at.Before(first) {
			continue
		}
		i := int(at.Sub(first) / step)
		if i >= len(c.Bars) {
			continue
		}
		unpriced = saturated(unpriced, max(s.Counts.Unpriced, 0))
		for n, v := range m.values(s.Counts) {
			c.Bars[i].Values[n] = saturated(c.Bars[i].Values[n], max(v, 0))
			total = saturated(total, max(v, 0))
		}
	}
	switch {
	case total == 0 && unpriced > 0 && m == measureCost:
		c.Empty = "No price for these models."
	case total > 0 && m == measureCost:
		c.Note = usd(strconv.FormatFloat(float64(total)/1e9, 'f', 9, 64))
	case total > 0:
		c.Note = c.Exact(total)
	}
	return c
}

// chart is an empty chart of the measure.
func (m measure) chart() barChart {
	c := barChart{Exact: exactCount}
	switch m {
	case measureTexts:
		c.Title, c.Series = "Texts", []barSeries{{Name: "Texts", Class: "fill-main"}}
	case measureTokens:
		c.Title, c.Series = "Tokens", []barSeries{{Name: "Reported by AWS", Class: "fill-main"}, {Name: "Estimated", Class: "fill-soft"}}
	case measureCost:
		c.Title, c.Series = "Cost", []barSeries{{Name: "Reported tokens", Class: "fill-main"}, {Name: "Estimated tokens", Class: "fill-soft"}}
		c.Short, c.Exact = chartDollars, exactDollars
	default:
		c.Title, c.Series = "Requests", []barSeries{
			{Name: "Succeeded", Class: "fill-main"}, {Name: "Throttled", Class: "fill-warn"},
			{Name: "Over budget", Class: "fill-third", Rare: true}, {Name: "Failed", Class: "fill-bad"},
		}
	}
	return c
}

// values are those of the measure's series, in their order.
func (m measure) values(c wire.Counts) []int64 {
	switch m {
	case measureTexts:
		return []int64{c.Texts}
	case measureTokens:
		return []int64{c.Tokens, c.Estimated}
	case measureCost:
		return []int64{nanoDollars(c.CostUSD), nanoDollars(c.EstimatedCostUSD)}
	default:
		return []int64{c.Requests - c.Throttles - c.OverBudget - c.Errors, c.Throttles, c.OverBudget, c.Errors}
	}
}

// stepName says an hour or a day at length.
func stepName(at time.Time, step time.Duration) string {
	if step >= 24*time.Hour {
		return at.Format("Mon 2 Jan 2006")
	}
	return at.Format("Mon 2 Jan 2006, 15:04") + "–" + at.Add(step).Format("15:04") + " UTC"
}

// label gives a few of the bars a label: four that fit a telephone, and up to
// twelve on wide screens. Midnight is labelled with its date.
func label(bars []bar, first time.Time, step time.Duration) {
	narrow, wide := every(len(bars), 4, step), every(len(bars), 12, step)
	for narrow%wide != 0 { // what a telephone shows, wide screens show too
		wide++
	}
	offset := 0 // hours are labelled where the clock is round
	if step < 24*time.Hour {
		offset = int(first.Sub(first.Truncate(24*time.Hour)) / step)
	}
	for i := range bars {
		n := i + offset
		if n%wide != 0 {
			continue
		}
		at := first.Add(time.Duration(i) * step)
		bars[i].Label, bars[i].Wide = at.Format("2 Jan"), n%narrow != 0
		if step < 24*time.Hour && at.Hour() != 0 {
			bars[i].Label = at.Format("15:04")
		}
	}
}

// every returns how many bars lie between two labels, so that there are at most so many.
func every(bars, most int, step time.Duration) int {
	distances := []int{1, 2, 4, 7, 14, 28, 56, 112, 224}
	if step < 24*time.Hour {
		distances = []int{1, 2, 3, 6, 12, 24, 48, 96, 168, 336, 672}
	}
	for _, d := range distances {
		if (bars+d-1)/d <= most {
			return d
		}
	}
	return distances[len(distances)-1]
}
