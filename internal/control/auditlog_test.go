package control

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

func TestEventsAreFoundByTheirOutcomeHoweverRareItIs(t *testing.T) {
	w := newWorld()
	w.events = events(maxLooked + 1500)
	rare := []int64{7, 600, 1200, 11_200}
	for i, seq := range rare {
		w.events[seq-1].Outcome, w.events[seq-1].Organization = []string{"AccessDenied", "timeout"}[i%2], ours
	}
	h := New(w.settings())
	c := serve(t, h, "operator")
	found := func(outcome string) (seen []int64) {
		f := client.AuditFilter{Outcome: outcome}
		for _, e := range collected(t, c.Events(t.Context(), f)) {
			seen = append(seen, e.Seq)
		}
		return seen
	}
	if d := cmp.Diff([]int64{11_200, 1200, 600, 7}, found("failed")); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]int64{1200, 7}, found("AccessDenied")); d != "" {
		t.Error(d)
	}
	var exported []int64
	for _, e := range collected(t, c.ExportEvents(t.Context(), client.AuditFilter{Outcome: "timeout"})) {
		exported = append(exported, e.Seq)
	}
	if d := cmp.Diff([]int64{600, 11_200}, exported); d != "" {
		t.Error(d)
	}
	page := read[wire.Page[wire.AuditRow]](t, ask(t, h, "auditor@"+ours, "GET", base+"/organizations/ours/audit?outcome=failed&limit=2", ""), http.StatusOK)
	again := read[wire.Page[wire.AuditRow]](t, ask(t, h, "auditor@"+ours, "GET", base+"/organizations/ours/audit?outcome=failed&limit=2&cursor="+page.Next, ""), http.StatusOK)
	if len(page.Items) == 0 || page.Next == "" || len(again.Items) == 0 || again.Items[0].Seq >= page.Items[len(page.Items)-1].Seq {
		t.Errorf("%+v, then %+v", page, again)
	}
	if p := told(t, ask(t, h, "auditor@"+ours, "GET", base+"/organizations/ours/audit?outcome=ok&limit=2&cursor="+page.Next, "")); p.Code != "bad_cursor" {
		t.Errorf("%+v", p)
	}
}
