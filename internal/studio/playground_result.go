package studio

import (
	"html/template"
	"math"
	"strconv"
	"time"

	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// playResult is what a try came to, as the page draws it.
type playResult struct {
	Model      string
	Trial      Trial
	Cost       playCost
	Adit, AWS  string // how long each took
	Took       string // both together
	Time       template.HTML
	Neighbours []nearestText
	Heat, Map  template.HTML
	Snippets   []snippet
}

// nearestText is a text and the one nearest to it, counted from 1; Nearest is 0
// where there is no other.
type nearestText struct {
	Number, Nearest int
	Text, Cosine    string
}

func (v *visit) playResult(model wire.CallableModel, texts []string, t Trial) (*playResult, error) {
	if len(t.Vectors) != len(texts) {
		return nil, fault.New(fault.Internal, "%d vectors came back for %d texts", len(t.Vectors), len(texts))
	}
	cosines := nearness(t.Vectors)
	own := max(t.Total-t.AWS, 0)
	return &playResult{
		Model: model.Name, Trial: t, Cost: costOf(t),
		Adit: durationText(own), AWS: durationText(t.AWS), Took: durationText(own + t.AWS), Time: timeBar(own, t.AWS),
		Neighbours: neighbours(texts, cosines),
		Heat:       heatMap{ID: "heat", Texts: texts, Cosines: cosines}.HTML(),
		Map:        pointMap{ID: "map", Texts: texts, Flat: flatten(directions(t.Vectors))}.HTML(),
		Snippets:   snippets(v.base(), model.Name, texts),
	}, nil
}

// base is where the person found this server, which is where its callers find it.
func (v *visit) base() string {
	if v.carriage(v.r) == sealed {
		return "https://" + v.r.Host
	}
	return "http://" + v.r.Host
}

func neighbours(texts []string, cosines [][]float64) []nearestText {
	out := make([]nearestText, len(texts))
	for i, text := range texts {
		out[i] = nearestText{Number: i + 1, Text: text}
		best := math.Inf(-1)
		for j, c := range cosines[i] {
			if j != i && c > best {
				best, out[i].Nearest, out[i].Cosine = c, j+1, strconv.FormatFloat(c, 'f', 3, 64)
			}
		}
	}
	return out
}

// durationText writes a short duration: 0.4 ms, 183 ms, 1.24 s.
func durationText(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case ms < 10:
		return strconv.FormatFloat(ms, 'f', 1, 64) + " ms"
	case ms < 1000:
		return strconv.FormatFloat(ms, 'f', 0, 64) + " ms"
	}
	return strconv.FormatFloat(ms/1000, 'f', 2, 64) + " s"
}

// timeBar shows whose the time was.
func timeBar(own, aws time.Duration) template.HTML {
	share := 0.0
	if own+aws > 0 {
		share = float64(own) / float64(own+aws)
	}
	d := &drawing{}
	d.begin("svg", "class", "split-bar", "width", "100%", "height", "12", "role", "img", "aria-label", durationText(own)+" in Adit, "+durationText(aws)+" at AWS")
	d.put("rect", "", "class", "fill-soft", "width", "100%", "height", "12", "rx", "3")
	d.put("rect", "", "class", "fill-main", "width", percent(share), "height", "12", "rx", "3")
	d.end()
	return d.html()
}

// playCost is what a try cost. Known is false where no price of the model is.
type playCost struct {
	Known     bool
	Exact     string // of the tokens that AWS told; "" for none
	Estimated string
	Date      string // of the price
}

func costOf(t Trial) playCost {
	c := playCost{Known: t.Priced, Date: t.Prices}
	if t.Tokens > 0 || t.Estimated == 0 {
		c.Exact = exactDollars(t.Cost)
	}
	if t.Estimated > 0 {
		c.Estimated = exactDollars(t.EstimatedCost)
	}
	return c
}
