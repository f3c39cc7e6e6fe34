package control

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
)

// halfway removes some rows and then fails.
type halfway struct{ *world }

func (halfway) Prune(context.Context, time.Time) (audit.Checkpoint, error) {
	return audit.Checkpoint{Seq: 10_000}, fault.New(fault.Unavailable, "the database cannot be reached")
}

func TestTheAuditTellsOfAPruningWhatBecameOfIt(t *testing.T) {
	for _, c := range []struct {
		name    string
		fails   bool
		status  int
		outcome string
		last    string
	}{{"whole", false, http.StatusOK, "ok", "3"}, {"interrupted", true, http.StatusServiceUnavailable, "unavailable", "10000"}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld()
			s := w.settings()
			if c.fails {
				s.Audit = halfway{w}
			}
			before := start().AddDate(0, 0, -31).Format(time.RFC3339)
			if got := ask(t, New(s), "operator", "POST", base+"/audit/prune", `{"before":"`+before+`"}`); got.Code != c.status {
				t.Errorf("%d %s", got.Code, got.Body)
			}
			type told struct {
				Action, Outcome string
				Details         map[string]string
			}
			var got []told
			for _, e := range w.recorded {
				got = append(got, told{e.Action, e.Outcome, e.Details})
			}
			want := []told{
				{"audit.prune.begin", "ok", map[string]string{"before": before}},
				{"audit.prune", c.outcome, map[string]string{"before": before, "last_seq": c.last}},
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
}
