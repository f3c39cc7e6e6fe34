package control

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/usage"
)

func TestUsageTellsCostsThatAreExactFromThoseThatAreGuessed(t *testing.T) {
	w := newWorld()
	tags := func(team string) string { return usage.TagText(map[string]string{"team": team, "cost:center": "7"}) }
	one := usage.Record{Hour: start().Add(-time.Hour), Organization: ours, Environment: ourEnv, Model: "m", Key: ourKey}
	for i, key := range []string{ourKey, "tru_1", somebody} {
		r := one
		r.Key, r.Tags = key, tags([]string{"search", "ads", "search"}[i])
		r.Counts = usage.Counts{Requests: 1, Tokens: 1_000_000, Estimated: 500, Cost: 20_000_000, EstimatedCost: 10_000, Unpriced: 3}
		w.usage = append(w.usage, r)
	}
	bare := one
	bare.Counts = usage.Counts{Requests: 1}
	w.usage = append(w.usage, bare)
	h := New(w.settings())
	sum := func(query string) wire.Usage {
		return read[wire.Usage](t, ask(t, h, "auditor@"+ours, "GET", base+"/organizations/ours/usage?"+query, ""), http.StatusOK)
	}
	got := sum("group=tag:team")
	want := []wire.UsageSum{
		{Counts: wire.Counts{Requests: 1, CostUSD: "0", EstimatedCostUSD: "0"}},
		{Tag: "ads", Counts: wire.Counts{Requests: 1, Tokens: 1_000_000, Estimated: 500, CostUSD: "0.02", EstimatedCostUSD: "0.00001", Unpriced: 3}},
		{Tag: "search", Counts: wire.Counts{Requests: 2, Tokens: 2_000_000, Estimated: 1000, CostUSD: "0.04", EstimatedCostUSD: "0.00002", Unpriced: 6}},
	}
	if d := cmp.Diff(want, got.Items); d != "" {
		t.Error(d)
	}
	if got.Total.CostUSD != "0.06" || got.Total.EstimatedCostUSD != "0.00003" || got.Total.Requests != 4 || got.Total.Unpriced != 9 {
		t.Errorf("%+v", got.Total)
	}
	if got := sum("group=key"); len(got.Items) != 3 {
		t.Errorf("not every kind of caller is there: %+v", got.Items)
	}
	if got := sum("group=day,hour,tag:cost:center"); len(got.Items) != 2 || got.Items[0].Hour == nil || got.Items[0].Day != nil {
		t.Errorf("%+v", got.Items)
	}
	for _, query := range []string{"group=tag:", "group=tag:a,tag:b", "group=team", "group=Tag:team", "group=hour%20", "group=tag:" + strings.Repeat("x", 400)} {
		p := told(t, ask(t, h, "auditor@"+ours, "GET", base+"/organizations/ours/usage?"+query, ""))
		if p.Status != 422 || len(p.Errors) == 0 || len(p.Errors[0].Location) < 11 || p.Errors[0].Location[:11] != "query.group" {
			t.Errorf("%s: %+v", query, p)
		}
	}
}

// reports notes what is asked of it.
type reports struct {
	asked usage.Query
	most  int
	err   error
}

func (r *reports) Sums(_ context.Context, q usage.Query, _ usage.By, most int) ([]usage.Record, error) {
	r.asked, r.most = q, most
	return nil, r.err
}

func TestUsageIsAddedUpWhereItIsKeptAndNeverWithoutBound(t *testing.T) {
	w, r := newWorld(), &reports{}
	s := w.settings()
	s.Reports = r
	h := New(s)
	read[wire.Usage](t, ask(t, h, "operator", "GET", base+"/usage?model=m&key="+ourKey, ""), http.StatusOK)
	want := usage.Query{From: start().Add(time.Hour - usageSpan), To: start().Add(time.Hour), Model: "m", Key: ourKey}
	if d := cmp.Diff(want, r.asked); d != "" || r.most != maxGroups {
		t.Errorf("%d %s", r.most, d)
	}
	read[wire.Usage](t, ask(t, h, "owner@"+ours, "GET", base+"/organizations/ours/usage?environment="+ourEnv, ""), http.StatusOK)
	if r.asked.Organization != ours || r.asked.Environment != ourEnv {
		t.Errorf("%+v", r.asked)
	}
	r.err = fault.New(fault.Invalid, "too many").WithCode("too_many_groups")
	p := told(t, ask(t, h, "operator", "GET", base+"/usage?group=hour,key", ""))
	if p.Status != 422 || p.Code != "too_many_groups" || p.Errors[0].Location != "query.group" || p.Remedy == "" {
		t.Errorf("%+v", p)
	}
}
