package studio

import (
	"encoding/xml"
	"errors"
	"html/template"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/control/wire"
)

// wellFormed reads the drawing as XML, which is stricter than a browser, and
// returns the text and attributes of it by element name.
func wellFormed(t interface{ Fatalf(string, ...any) }, h template.HTML) (names map[string]int, texts []string) {
	names = map[string]int{}
	d := xml.NewDecoder(strings.NewReader(string(h)))
	d.Entity = xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return names, texts
		}
		if err != nil {
			t.Fatalf("%v in %s", err, h)
		}
		switch x := token.(type) {
		case xml.StartElement:
			names[x.Name.Local]++
			for _, a := range x.Attr {
				names["@"+a.Name.Local]++
			}
		case xml.CharData:
			texts = append(texts, string(x))
		}
	}
}

func TestAChartHasATitleAndItsNumbersInWordsForThoseWhoCannotSeeIt(t *testing.T) {
	from := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	at := from.Add(2 * time.Hour)
	sums := []wire.UsageSum{{Hour: &at, Counts: wire.Counts{Requests: 12_345, Throttles: 300, Errors: 45}}}
	h := usageChart("r", measureRequests, sums, from, from.Add(24*time.Hour), time.Hour)
	for _, want := range []string{
		`role="img" aria-labelledby="r-title r-desc"`, `<title id="r-title">Requests</title>`,
		"24 bars, together 12,345. The highest is 12,345, Sat 21 Nov 2026, 14:00–15:00 UTC.",
		"Succeeded: 12,000\nThrottled: 300\nFailed: 45", `<th scope="row">Sat 21 Nov 2026, 14:00–15:00 UTC</th><td class="num">12,000</td>`,
	} {
		if !strings.Contains(string(h), want) {
			t.Errorf("%q is not in %s", want, h)
		}
	}
	if strings.Contains(string(h), "Over budget") {
		t.Error("it speaks of budgets, and none was spent")
	}
	sums[0].Counts.OverBudget = 2_000
	h = usageChart("r", measureRequests, sums, from, from.Add(24*time.Hour), time.Hour)
	if want := "Succeeded: 10,000\nThrottled: 300\nOver budget: 2,000\nFailed: 45"; !strings.Contains(string(h), want) {
		t.Errorf("%q is not in %s", want, h)
	}
	if strings.Contains(string(h), "style") || strings.Contains(string(h), "<script") {
		t.Error("it has style or script, which the page's policy refuses")
	}
	if names, _ := wellFormed(t, h); names["tr"] != 2 {
		t.Errorf("%d rows; hours without requests belong in the drawing only", names["tr"])
	}
}

func TestAChartOfNothingSaysSo(t *testing.T) {
	from := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	h := usageChart("r", measureTokens, nil, from, from.Add(24*time.Hour), time.Hour)
	if names, _ := wellFormed(t, h); names["svg"] != 0 || !strings.Contains(string(h), "No data in this period.") {
		t.Errorf("%s", h)
	}
}

func TestHostileTextIsTextInAChart(t *testing.T) {
	evil := `"><img src=x onerror=alert(1)>` + "\x00" + `&lt;'`
	h := barChart{ID: "x", Title: evil, Note: evil, Series: []barSeries{{Name: evil, Class: "fill-main"}, {Name: evil, Class: "fill-soft", Rare: true}}, Bars: []bar{{Label: evil, Full: evil, Values: []int64{1, 2, 3}}}}.HTML()
	names, texts := wellFormed(t, h)
	if names["img"] != 0 || names["@onerror"] != 0 || strings.ContainsRune(string(h), 0) {
		t.Errorf("%s", h)
	}
	if !strings.Contains(strings.Join(texts, ""), `"><img src=x onerror=alert(1)>`) {
		t.Error("it is not shown")
	}
}

func TestAChartOfAnyNumbersIsWellFormedAndKeepsWithinItsPlot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		series := rapid.IntRange(1, 3).Draw(t, "series")
		c := barChart{ID: "c", Title: "T"}
		for range series {
			c.Series = append(c.Series, barSeries{Name: "S", Class: "fill-main", Rare: len(c.Series) > 0})
		}
		c.Bars = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) bar {
			return bar{Full: "f", Values: rapid.SliceOfN(rapid.Int64(), 0, 4).Draw(t, "values")}
		}), 1, 40).Draw(t, "bars")
		wellFormed(t, c.HTML())
		most, _ := c.extent()
		marks := axis(most)
		if y := level(most, marks); y < plotTop-1e-9 || y > plotTop+plotHeight {
			t.Fatalf("the highest bar ends at %v", y)
		}
	})
}

func TestAnAxisHasFewRoundMarksAndReachesTheHighestValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.Int64Range(0, math.MaxInt64).Draw(t, "most")
		marks := axis(most)
		if len(marks) < 2 || len(marks) > 6 || marks[0] != 0 {
			t.Fatalf("%v", marks)
		}
		for i := 1; i < len(marks); i++ {
			if marks[i] <= marks[i-1] {
				t.Fatalf("%v", marks)
			}
		}
		if top := marks[len(marks)-1]; top < most && most < math.MaxInt64/2 {
			t.Fatalf("%v does not reach %d", marks, most)
		}
		if top := marks[len(marks)-1]; most > 3 && float64(top) > 2.6*float64(most) {
			t.Fatalf("%v leaves most of the plot empty above %d", marks, most)
		}
	})
}

func TestNumbersAreWrittenAsAnAxisHasRoomForThem(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 950: "950", 1000: "1k", 1250: "1.25k", 35_000: "35k", 999_600: "1M", 2_500_000: "2.5M", 7e12: "7T", math.MaxInt64: "9223372T"} {
		if got := chartCount(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0 µ$", 1: "0.001 µ$", 150_000: "150 µ$", 499_999: "500 µ$", 500_000: "$0.0005", 2e6: "$0.002", 25e7: "$0.25", 1.5e9: "$1.5", 35e12: "$35k"} {
		if got := chartDollars(n, n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

func TestMoneyIsWrittenWithAllItsDigitsAndReadBack(t *testing.T) {
	for n, want := range map[int64]string{0: "$0.00", 5: "$0.000000005", 1e9: "$1.00", 1_234_500_000_000: "$1,234.50", 123_456: "$0.000123456", -5e8: "-$0.50"} {
		if got := exactDollars(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
	for text, want := range map[string]int64{"0": 0, "0.000000005": 5, "12.5": 12.5e9, "": 0, "x": 0, "1e9": 0, "0.0000000019": 1} {
		if got := nanoDollars(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

func TestSumsOfAStepAreAddedUpAndThoseOutsideAreNotDrawn(t *testing.T) {
	day := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	at := func(d int) *time.Time { x := day.AddDate(0, 0, d); return &x }
	sums := []wire.UsageSum{
		{Day: at(-1), Counts: wire.Counts{Texts: 100}}, {Day: at(1), Counts: wire.Counts{Texts: 2}},
		{Day: at(1), Counts: wire.Counts{Texts: 3}}, {Day: at(30), Counts: wire.Counts{Texts: 100}}, {Counts: wire.Counts{Texts: 100}},
	}
	c := usageBars("t", measureTexts, sums, day, day.AddDate(0, 0, 30), 24*time.Hour)
	if len(c.Bars) != 30 || c.Bars[1].Values[0] != 5 || c.Note != "5" {
		t.Errorf("%d bars, %v, %q", len(c.Bars), c.Bars[1], c.Note)
	}
}

func TestLabelsAreFewEnoughForATelephone(t *testing.T) {
	from := time.Date(2026, 11, 1, 7, 0, 0, 0, time.UTC)
	for _, step := range []time.Duration{time.Hour, 24 * time.Hour} {
		for n := 1; n <= 400; n++ {
			c := usageBars("t", measureTexts, nil, from, from.Truncate(step).Add(time.Duration(n)*step), step)
			if len(c.Bars) != n {
				t.Fatalf("%d bars for %d", len(c.Bars), n)
			}
			narrow, all := 0, 0
			for _, b := range c.Bars {
				if b.Label != "" {
					all++
					if !b.Wide {
						narrow++
					}
				}
			}
			if narrow > 5 || all > 12 || n > 2 && all == 0 {
				t.Errorf("%d bars of %v: %d labels, %d of them narrow", n, step, all, narrow)
			}
		}
	}
}

func TestShortenedTextKeepsWholeCharacters(t *testing.T) {
	for in, want := range map[string]string{"": "", "abc": "abc", "abcd": "abcd", "abcde": "abc…", "äöüß": "äöüß", "äöüßx": "äöü…"} {
		if got := shortened(in, 4); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestTheAxisHasRoomForItsLongestLabel(t *testing.T) {
	for most, want := range map[int64]string{
		2_000_000_000: `class="chart-axis" width="52"`, // $0.5 … $2
		600:           `class="chart-axis" width="59"`, // 0.2 µ$ … 0.6 µ$
		3:             `class="chart-axis" width="76"`,
	} {
		h := barChart{ID: "c", Title: "Cost", Series: []barSeries{{Name: "S", Class: "fill-main"}}, Bars: []bar{{Full: "f", Values: []int64{most}}}, Short: chartDollars, Exact: exactDollars}.HTML()
		if !strings.Contains(string(h), want) {
			t.Errorf("%d: no %s in %.900s", most, want, h)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		c := barChart{Short: chartDollars}
		marks := axis(rapid.Int64Range(0, math.MaxInt64).Draw(t, "most"))
		top := marks[len(marks)-1]
		for _, m := range marks {
			if need := 8 * float64(len(c.Short(m, top))); c.axisWidth(marks) < need || need > 120 {
				t.Fatalf("%s needs %v of %v", c.Short(m, top), need, c.axisWidth(marks))
			}
		}
	})
}

func TestAllMarksOfAnAxisAreInOneUnit(t *testing.T) {
	for most, want := range map[int64]string{
		480_000: "$0 $0.0002 $0.0004 $0.0006", 400_000: "0 µ$ 200 µ$ 400 µ$", 2.3e9: "$0 $1 $2 $3",
	} {
		c := barChart{ID: "c", Title: "Cost", Series: []barSeries{{Name: "S", Class: "fill-main"}}, Short: chartDollars, Exact: exactDollars}
		c.Bars = []bar{{Full: "f", Values: []int64{most}}}
		_, beside, _ := strings.Cut(string(c.HTML()), `class="chart-axis"`)
		beside, _, _ = strings.Cut(beside, "</svg>")
		_, texts := wellFormed(t, template.HTML("<svg "+beside+"</svg>"))
		if got := strings.Join(texts, " "); got != want {
			t.Errorf("an axis up to %d has %q, want %q", most, got, want)
		}
	}
}
