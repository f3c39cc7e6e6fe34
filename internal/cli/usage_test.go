package cli

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/control/wire"
)

func TestUsageSaysWhatIsNoLongerKept(t *testing.T) {
	u := wire.Usage{From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), DaysSince: time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC)}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var answer any = wire.WhoAmI{Permissions: []string{"usage.read.all"}}
		if r.URL.Path == "/api/v1/usage" {
			answer = u
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(s.Close)
	d := &desk{t: t, environ: []string{"ADIT_SERVER=" + s.URL, "ADIT_API_KEY=adit_test"}}
	d.adit("usage", "--from", "2026-01-01").exits(0).says("total").tells("Usage before 2026-02-03 is no longer kept.")
	u.From = u.DaysSince
	if shown := d.adit("usage", "--from", "2026-02-03").exits(0); shown.err != "" {
		t.Error(shown.err)
	}
}
