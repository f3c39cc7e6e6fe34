package studio

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/adit-hq/adit/internal/control/wire"
)

// moment is a time as an element: what people read, with the exact one in
// datetime and on hover. How "ago" reads, the script keeps up to date. Takes
// time.Time and *time.Time; one that never was is "never".
func moment(t any, now time.Time, style string) template.HTML {
	at, ok := timeOf(t)
	if !ok {
		return `<span class="quiet">never</span>`
	}
	at = at.UTC()
	text, mark := relative(at, now), " data-ago"
	switch style {
	case "when":
		text, mark = at.Format("2 Jan 2006, 15:04 UTC"), ""
	case "day":
		text, mark = at.Format("2 Jan 2006"), ""
	}
	//nolint:gosec // digits and letters of ours only
	return template.HTML(fmt.Sprintf(`<time datetime="%s" title="%s"%s>%s</time>`,
		at.Format(time.RFC3339), at.Format("2 January 2006, 15:04:05 UTC"), mark, text))
}

func timeOf(t any) (time.Time, bool) {
	switch t := t.(type) {
	case time.Time:
		return t, !t.IsZero()
	case *time.Time:
		if t != nil {
			return *t, !t.IsZero()
		}
	}
	return time.Time{}, false
}

// relative is how long ago, or until, a moment is.
func relative(at, now time.Time) string {
	d := now.Sub(at)
	future := d < 0
	d = d.Abs()
	var text string
	switch {
	case d < 45*time.Second:
		if future {
			return "in a moment"
		}
		return "just now"
	case d < 59*time.Minute+30*time.Second:
		text = plural(max(1, int(math.Round(d.Minutes()))), "minute", "minutes")
	case d < 36*time.Hour:
		text = plural(int(math.Round(d.Hours())), "hour", "hours")
	case d < 60*24*time.Hour:
		text = plural(int(math.Round(d.Hours()/24)), "day", "days")
	case d < 700*24*time.Hour:
		text = plural(int(math.Round(d.Hours()/24/30.44)), "month", "months")
	default:
		text = plural(int(math.Round(d.Hours()/24/365.25)), "year", "years")
	}
	if future {
		return "in " + text
	}
	return text + " ago"
}

// whole is an integer of any type as one.
func whole(n any) int64 {
	v := reflect.ValueOf(n)
	switch {
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		return int64(min(v.Uint(), math.MaxInt64))
	case v.CanFloat():
		return int64(v.Float())
	}
	return 0
}

// thousands writes an integer with its thousands apart: 1,234,567.
func thousands(n any) string {
	i := whole(n)
	s := strconv.FormatInt(i, 10)
	sign := ""
	if i < 0 {
		sign, s = "−", s[1:]
	}
	for at := len(s) - 3; at > 0; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return sign + s
}

// short writes a large integer in few characters: 1.2M.
func short(n any) string {
	i := float64(whole(n))
	for _, unit := range []struct {
		size float64
		name string
	}{{1e12, "T"}, {1e9, "B"}, {1e6, "M"}, {1e4, "k"}} {
		size := unit.size
		if unit.name == "k" {
			size = 1e3
		}
		if math.Abs(i) >= unit.size {
			s := strconv.FormatFloat(i/size, 'f', 1, 64)
			return strings.TrimSuffix(s, ".0") + unit.name
		}
	}
	return thousands(int64(i))
}

// usd writes a decimal text of US dollars, with as many digits as tell something.
func usd(decimal string) string {
	if decimal == "" {
		return "–"
	}
	f, err := strconv.ParseFloat(decimal, 64)
	if err != nil {
		return say(decimal)
	}
	switch a := math.Abs(f); {
	case a == 0:
		return "$0"
	case a < 0.000_01:
		return "<\u00a0$0.00001" // it stays on one line
	case a < 0.01:
		return "$" + strings.TrimRight(strconv.FormatFloat(f, 'f', 5, 64), "0")
	case a < 1:
		return "$" + strings.TrimSuffix(strconv.FormatFloat(f, 'f', 3, 64), "0")
	default:
		dollars, cents, _ := strings.Cut(strconv.FormatFloat(f, 'f', 2, 64), ".")
		n, _ := strconv.ParseInt(dollars, 10, 64) // it was just written so; beyond an int64 there is no money
		return "$" + thousands(n) + "." + cents
	}
}

// limitUSD writes a limit in US dollars as it was set: all of it, for requests
// are refused at that amount and at no rounded one.
func limitUSD(decimal string) string {
	whole, part, _ := strings.Cut(decimal, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return say(decimal)
	}
	part = strings.TrimRight(part, "0")
	if n == 0 && part == "" {
		return "$0"
	}
	if n != 0 || len(part) == 1 {
		part += strings.Repeat("0", max(2-len(part), 0))
	}
	return "$" + thousands(n) + "." + part
}

// plural is a number and its noun.
func plural(n any, one, many string) string {
	if whole(n) == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

// seconds is a duration in whole seconds, in words.
func seconds(n any) string {
	s := whole(n)
	switch {
	case s <= 0:
		return "0 s"
	case s%86400 == 0:
		return plural(s/86400, "day", "days")
	case s%3600 == 0:
		return plural(s/3600, "hour", "hours")
	case s%60 == 0:
		return plural(s/60, "minute", "minutes")
	}
	return thousands(s) + " s"
}

// say is a text of others as it may be shown: what would turn it around, or not
// be seen at all, is drawn as a box.
func say(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == utf8.RuneError:
			return '\uFFFD'
		}
		return r
	}, s)
}

// clip cuts a text after so many characters.
func clip(most int, s string) string {
	s = say(s)
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

// stateWord is a state and how it looks.
type stateWord struct{ Word, Class string }

// stateOf is the look of a state, an outcome or a severity.
func stateOf(word string) stateWord {
	class := "quiet"
	switch word {
	case "within":
		return stateWord{"OK", "good"}
	case "ready", "ok", "active", "granted", "refuses", "enabled", "sound":
		class = "good"
	case "unsafe", "failing", "failed", "exceeded", "refused", "error", "not-authorized":
		class = "bad"
	case "pending", "warning", "retiring", "wide", "undecided", "agreement-needed", "agreement-pending", "locked":
		class = "warn"
	case "next", "notice", "live":
		class = "info"
	}
	return stateWord{Word: capital(strings.ReplaceAll(word, "-", " ")), Class: class}
}

// pair is a name and its value.
type pair struct{ Name, Value string }

// pairs makes rows of names and values: pairs "Region" .Region "Role" .RoleARN. Empty values are left out.
func pairs(of ...string) []pair {
	var out []pair
	for i := 0; i+1 < len(of); i += 2 {
		if of[i+1] != "" {
			out = append(out, pair{of[i], of[i+1]})
		}
	}
	return out
}

// sortedPairs are a map's.
func sortedPairs(m map[string]string) []pair {
	out := make([]pair, 0, len(m))
	for k, v := range m {
		out = append(out, pair{k, v})
	}
	slices.SortFunc(out, func(a, b pair) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// choose is one text or the other.
func choose(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// sum adds two counts.
func sum(a, b int64) int64 { return a + b }

// share is a part of a whole as a percentage.
func share(part, of int64) string {
	switch {
	case of <= 0 || part <= 0:
		return "0%"
	case part*1000 < of:
		return "<\u00a00.1%"
	case part*10 < of:
		return strconv.FormatFloat(100*float64(part)/float64(of), 'f', 1, 64) + "%"
	}
	return strconv.FormatFloat(100*float64(part)/float64(of), 'f', 0, 64) + "%"
}

// costs is what counts cost, of told and guessed tokens together. Where none of
// them has a price that is not known, and no nothing.
func costs(c wire.Counts) string {
	if costsOf(c).Unknown() {
		return "unknown"
	}
	if c.EstimatedCostUSD == "" {
		return usd(c.CostUSD)
	}
	return usd(exactUSD(saturated(nanoDollars(c.CostUSD), nanoDollars(c.EstimatedCostUSD))))
}

// exactUSD is billionths of a dollar as a decimal.
func exactUSD(nano int64) string { return fmt.Sprintf("%d.%09d", nano/1e9, nano%1e9) }
