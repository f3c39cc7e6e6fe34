package studio

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

// usageStage answers usage with two sums, by whatever is asked for.
func usageStage(t *testing.T, role access.Role) *visitor {
	t.Helper()
	s := newStage(t, role)
	const org = "/organizations/" + stageOrg
	s.api.answer("GET "+org+"/environments", wire.Page[wire.Environment]{Items: []wire.Environment{{ID: stageEnv, Name: "prod"}}})
	s.api.answer("GET "+org+"/keys", wire.Page[wire.Key]{Items: []wire.Key{stageKeyRow()}})
	answer := func(r *http.Request) (int, any) {
		q := r.URL.Query()
		counts := wire.Counts{Requests: 1000, Texts: 2000, Tokens: 30_000, Estimated: 50, Errors: 3, Throttles: 4, OverBudget: 5, CostUSD: "0.6", EstimatedCostUSD: "0.001", Unpriced: 7}
		u := wire.Usage{Total: counts, Items: []wire.UsageSum{}}
		for _, small := range []bool{true, false} {
			sum := wire.UsageSum{Counts: counts}
			if small {
				sum.Counts.CostUSD = "0.1"
			}
			for name := range strings.SplitSeq(q.Get("group"), ",") {
				at := stageNow().Add(-2 * time.Hour)
				switch {
				case name == "hour":
					sum.Hour = &at
				case name == "day":
					at = at.Truncate(24 * time.Hour)
					sum.Day = &at
				case small:
				case name == "environment":
					sum.Environment = stageEnv
				case name == "model":
					sum.Model = "amazon.titan-embed-text-v2:0"
				case name == "key":
					sum.Key = stageKey
				case name == "tag:team":
					sum.Tag = "=cmd|' /C calc'!A0"
				}
			}
			u.Items = append(u.Items, sum)
		}
		return http.StatusOK, u
	}
	s.api.answers["GET "+org+"/usage"] = answer
	s.api.answers["GET "+org+"/usage/own"] = answer
	return s
}

// askedUsage are the queries for usage.
func askedUsage(s *visitor) (out []url.Values) {
	for _, q := range s.api.asked {
		if strings.Contains(q.Path, "/usage") {
			values, _ := url.ParseQuery(q.Query)
			values.Set("path", q.Path[strings.LastIndex(q.Path, "/"):])
			out = append(out, values)
		}
	}
	return out
}

func TestUsageTellsExactFromEstimatedAndNamesTokensWithoutAPrice(t *testing.T) {
	s := usageStage(t, access.Auditor)
	w := s.get(s.org("usage"))
	s.see(w, http.StatusOK, "30,050</span> <small>30k reported by AWS, 50 estimated</small>", "$0.601 <small>$0.60 for reported tokens, $0.001 for estimated tokens</small>",
		"7 unpriced tokens", "4 throttled, 5 over budget, 3 failed", `>Over budget</th>`, `id="usage-requests-title"`, `id="usage-cost-title"`, "Day (UTC)")
	want := []url.Values{{"path": {"/usage"}, "group": {"day"}, "from": {"2026-11-16T00:00:00Z"}, "to": {"2026-11-23T00:00:00Z"}}}
	if d := cmp.Diff(want, askedUsage(s)); d != "" {
		t.Error(d)
	}
}

func TestUsageByEnvironmentAndCallerHasNamesAndTheCostliestFirst(t *testing.T) {
	s := usageStage(t, access.Auditor)
	w := s.get(s.org("usage") + "?by=environment&range=24h")
	s.see(w, http.StatusOK, "<bdi>prod</bdi>", "spicepod.yaml, no environment", "environment="+stageEnv)
	if body := w.Body.String(); strings.Index(body, "<bdi>prod</bdi>") > strings.Index(body, "spicepod.yaml, no environment") {
		t.Error("the cheaper one stands first")
	}
	s.see(s.get(s.org("usage")+"?by=key&range=90d&environment="+stageEnv), http.StatusOK, "<bdi>search</bdi>", stageKey, "Environment: <b><bdi>prod</bdi></b> only")
	s.see(s.get(s.org("usage")+"?by=model"), http.StatusOK, "amazon.titan-embed-text-v2:0")
	s.see(s.get(s.org("usage")+"?by=tag&tag=team"), http.StatusOK, "not tagged", "=cmd|")
	got := askedUsage(s)
	if g := got[len(got)-1].Get("group"); g != "tag:team" {
		t.Errorf("asked for %s", g)
	}
}

func TestTheTableOfUsageCountsTokensAndCostAsItsHeadlinesDo(t *testing.T) {
	s := usageStage(t, access.Auditor)
	s.see(s.get(s.org("usage")+"?by=environment"), http.StatusOK,
		`>Tokens</th><th scope="col" class="num">of which est.</th><th scope="col" class="num">Cost</th><th scope="col" class="num">of which est.</th>`,
		`<td class="num">30,050</td><td class="num">50</td><td class="num">$0.601 <small>7 unpriced</small></td><td class="num">$0.001</td>`,
		`<td class="num">30,050</td><td class="num">50</td><td class="num">$0.101 <small>7 unpriced</small></td><td class="num">$0.001</td>`)
}

func TestTheAmountsOfAColumnHaveTheirPointsInOneLine(t *testing.T) {
	cost := func(told, estimated string) wire.Counts {
		return wire.Counts{CostUSD: told, EstimatedCostUSD: estimated}
	}
	lines := []wire.Counts{cost("12345.678", "0"), cost("0.00123", "0.0005"), cost("0", "1.5"), cost("0", "0"), cost("0.000001", "0"), {CostUSD: "0", EstimatedCostUSD: "0", Unpriced: 7}}
	var got [][]string
	for _, a := range amountsOf(lines) {
		got = append(got, []string{a.Cost, a.EstimatedCost})
	}
	want := [][]string{
		{"$12,345.67800", "–"}, {"$0.00173", "$0.0005"}, {"$1.50000", "$1.5000"}, {"–", "–"}, {"<\u00a0$0.00001", "–"}, {"unknown", "–"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	rapid.Check(t, func(t *rapid.T) { // an amount alone reads as everywhere else
		c := cost(decimalUSD(rapid.Int64Range(1, 20e9).Draw(t, "billionths")), "0")
		if got, want := amountsOf([]wire.Counts{c})[0].Cost, usd(c.CostUSD); got != want {
			t.Fatalf("%s is %s in a table, and %s elsewhere", c.CostUSD, got, want)
		}
	})
}

func TestWhatHasNoPriceIsNotSaidToCostNothing(t *testing.T) {
	s := usageStage(t, access.Auditor)
	unpriced := wire.Counts{Requests: 9, Tokens: 15_100_000, CostUSD: "0", EstimatedCostUSD: "0", Unpriced: 15_100_000}
	hour := stageNow().Add(-2 * time.Hour)
	at := hour.Truncate(24 * time.Hour)
	sums := wire.Usage{Total: unpriced, Items: []wire.UsageSum{{Day: &at, Hour: &at, Environment: stageEnv, Counts: unpriced}}}
	env := wire.Environment{ID: stageEnv, Name: "prod", State: "ready"}
	s.api.answer("GET /organizations/"+stageOrg+"/usage", sums)
	s.api.answer("GET /organizations/"+stageOrg+"/environments/"+stageEnv, env)
	s.api.answer("GET /organizations/"+stageOrg+"/overview", wire.Overview{Environments: map[string]int{"ready": 1}, Total: unpriced, Hours: []wire.UsageSum{{Hour: &hour, Counts: unpriced}}})
	for path, want := range map[string][]string{
		s.org("usage"):                           {"<dt>Cost</dt><dd>unknown <small>no price for these models</small> <small>15.1M unpriced tokens</small>", "No price for these models.", `<td class="num">unknown</td>`},
		s.org("usage") + "?by=environment":       {`<td class="num">unknown <small>15.1M unpriced</small></td>`},
		s.org("environments", stageEnv, "usage"): {"<dt>Cost</dt><dd>unknown<small>no price for these models</small><small>15.1M unpriced tokens</small>", "No price for these models."},
		s.org():                                  {"<dt>Cost</dt><dd>unknown<small>no price for these models</small><small>15.1M unpriced tokens</small>"},
	} {
		w := s.get(path)
		s.see(w, http.StatusOK, want...)
		for _, free := range []string{"$0", "No data in this period"} {
			if strings.Contains(w.Body.String(), free) {
				t.Errorf("%s says %q of what has no price", path, free)
			}
		}
	}
}

func TestDaysOfChoiceAreWholeAndFaultsOfThemAreSaid(t *testing.T) {
	s := usageStage(t, access.Auditor)
	s.see(s.get(s.org("usage")+"?range=days&from=2026-10-01&to=2026-10-31"), http.StatusOK, `value="2026-10-01"`, "Day (UTC)")
	want := []url.Values{{"path": {"/usage"}, "group": {"day"}, "from": {"2026-10-01T00:00:00Z"}, "to": {"2026-11-01T00:00:00Z"}}}
	if d := cmp.Diff(want, askedUsage(s)); d != "" {
		t.Error(d)
	}
	for _, query := range []string{"?range=days&from=x&to=2026-01-01", "?range=days&from=2026-02-01&to=2026-01-01", "?range=days&from=2020-01-01&to=2026-01-01", "?by=tag", "?range=days"} {
		s.see(s.get(s.org("usage")+query), http.StatusUnprocessableEntity, `role="alert"`, "Group by")
	}
}

func TestWhoMayNotSeeOthersSeesTheirOwnUsage(t *testing.T) {
	s := usageStage(t, access.Developer)
	s.see(s.get(s.org("usage")+"?by=key&key="+stageKey), http.StatusOK, "Your own requests")
	want := []url.Values{{"path": {"/own"}, "group": {"day"}, "from": {"2026-11-16T00:00:00Z"}, "to": {"2026-11-23T00:00:00Z"}}}
	if d := cmp.Diff(want, askedUsage(s)); d != "" {
		t.Error(d)
	}
}

func TestUsageAsAFileHoldsEverySumAndNoFormula(t *testing.T) {
	s := usageStage(t, access.Auditor)
	w := s.get(s.org("usage.csv") + "?by=tag&tag=team&range=24h")
	s.see(w, http.StatusOK)
	if got := w.Header().Get("Content-Disposition"); got != `attachment; filename="adit-usage-2026-11-21-to-2026-11-22.csv"` {
		t.Errorf("%s", got)
	}
	if got := w.Header().Get("Content-Type"); got != "text/csv; charset=utf-8" {
		t.Errorf("%s", got)
	}
	rows, err := csv.NewReader(w.Body).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"hour_utc", "tag team", "requests", "texts", "total_tokens", "estimated_tokens", "errors", "throttles", "over_budget", "total_cost_usd", "estimated_cost_usd", "unpriced_tokens"},
		{"2026-11-22T10:00:00Z", "", "1000", "2000", "30050", "50", "3", "4", "5", "0.101", "0.001", "7"},
		{"2026-11-22T10:00:00Z", "'=cmd|' /C calc'!A0", "1000", "2000", "30050", "50", "3", "4", "5", "0.601", "0.001", "7"},
	}
	if d := cmp.Diff(want, rows); d != "" {
		t.Error(d)
	}
	s.see(s.get(s.org("usage.csv")+"?range=days"), http.StatusUnprocessableEntity)
	s.see(s.get(s.org("usage.csv")+"?by=key"), http.StatusOK, "caller,caller_id", "search,"+stageKey, "\r\n")
}

// Where numbers have a decimal comma, spreadsheets part the cells of a CSV file by
// semicolons, and quotes in the midst of a cell mean nothing to them.
func TestNoTextBecomesAFormulaWhereSemicolonsPartCells(t *testing.T) {
	var out strings.Builder
	sums := []wire.UsageSum{{Tag: "x;=1+1;y"}, {Tag: `x;"=1+1"`}, {Tag: "x\t=1+1"}, {Tag: "x\r\n=1+1"}, {Tag: "x; @SUM(A1)"}, {Tag: "a;b, c;1-2"}}
	if err := writeUsage(&out, sums, usageAsk{Group: "tag", Tag: "team;=1+1"}, nil); err != nil {
		t.Fatal(err)
	}
	for _, cell := range regexp.MustCompile(`[;\t\r\n]`).Split(out.String(), -1) {
		if start := strings.TrimLeft(cell, ` "`); start != "" && strings.ContainsAny(start[:1], "=+-@") {
			t.Errorf("the cell %q is a formula in\n%s", cell, out.String())
		}
	}
	if !strings.Contains(out.String(), `"a;b, c;1-2"`) {
		t.Errorf("what is no formula is changed: %s", out.String())
	}
}

func TestNoCellOfAnyTextBeginsLikeAFormula(t *testing.T) {
	piece := rapid.OneOf(rapid.SampledFrom([]string{";", "=", "+", "-", "@", "＝", "\t", "\r", "\n", "\x00", "'", `"`, " ", "\u00a0"}), rapid.StringN(0, 3, -1))
	without := func(text, what string) string { return strings.ReplaceAll(text, what, "") }
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(piece).Draw(t, "pieces"), "")
		got := harmlessCell(text)
		if strings.TrimLeft(got, "\t\r\n") != got {
			t.Fatalf("%q", got)
		}
		for part := range strings.FieldsFuncSeq(got, func(r rune) bool { return strings.ContainsRune(";\t\r\n", r) }) {
			if start := strings.TrimLeft(part, " \u00a0\""); strings.TrimLeft(start, "=+-@＝＋－＠") != start {
				t.Fatalf("%q begins a formula in %q", part, got)
			}
		}
		if without(got, "'") != without(without(text, "\x00"), "'") || strings.Count(got, "'") < strings.Count(text, "'") {
			t.Fatalf("%q became %q", text, got)
		}
	})
}

func TestHostileTextIsTextInUsage(t *testing.T) {
	s := usageStage(t, access.Auditor)
	s.api.answer("GET /organizations/"+stageOrg+"/usage", wire.Usage{
		Items: []wire.UsageSum{{Model: evilText + strings.Repeat("W", 10_000), Environment: evilText, Key: evilText, Tag: evilText, Counts: wire.Counts{Requests: 1, CostUSD: evilText}}},
		Total: wire.Counts{Requests: 1, CostUSD: evilText, EstimatedCostUSD: evilText},
	})
	evil := url.QueryEscape(evilText)
	for _, query := range []string{"?by=model", "?by=environment", "?by=key", "?by=tag&tag=" + evil, "?model=" + evil + "&environment=" + evil + "&key=" + evil} {
		w := s.get(s.org("usage") + query)
		s.see(w, http.StatusOK, "&lt;img src=x onerror=alert(1)&gt;")
		harmless(t, query, w.Body.String())
	}
}
