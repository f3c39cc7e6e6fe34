package storetest

import (
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/usage"
)

// TestOneReplicaWithAClockOfYearsAheadRemovesNoUsage lets it write usage too,
// which no AWS would answer. On SQLite there is no other clock to ask.
func TestOneReplicaWithAClockOfYearsAheadRemovesNoUsage(t *testing.T) {
	each(t, func(t *testing.T, e Engine) {
		s := Open(t, e.New(t))
		if last, err := s.LastAnswered(t.Context()); err != nil || !last.IsZero() {
			t.Errorf("before anything was used: %v, %v", last, err)
		}
		newest := time.Now().AddDate(0, 0, -20).UTC().Truncate(time.Hour) // the engine's clock is the real one
		for d := range 90 {
			must(t, s.AddUsage(t.Context(), []usage.Record{record(newest.AddDate(0, 0, -d), "m", "k")}))
		}
		ahead := newest.AddDate(4, 0, 0)
		refused := record(ahead.Add(-time.Hour), "m", "k")
		refused.Tokens, refused.Estimated = 0, 0
		must(t, s.AddUsage(t.Context(), []usage.Record{refused}))
		if e.Name == "PostgreSQL" {
			must(t, s.AddUsage(t.Context(), []usage.Record{record(ahead.Add(-time.Hour), "m", "k")}))
		}
		if last, err := s.LastAnswered(t.Context()); err != nil || !last.Equal(newest) {
			t.Errorf("the last usage was at %v (%v), want %v", last, err, newest)
		}
		p, err := usage.NewPruner(s, usage.PrunerSettings{Now: func() time.Time { return ahead }})
		must(t, err)
		if n, err := p.Step(t.Context()); n != 0 || err != nil {
			t.Errorf("%d sums were removed: %v", n, err)
		}
	})
}

// Of some models AWS never tells the tokens.
func TestUsageOfWhichAWSToldNoTokensGetsOldToo(t *testing.T) {
	each(t, func(t *testing.T, e Engine) {
		s := Open(t, e.New(t))
		now := time.Now().UTC().Truncate(time.Hour) // the engine's clock is the real one
		for _, days := range []int{0, 99, 101} {
			estimated := record(now.AddDate(0, 0, -days), "m", "k")
			estimated.Tokens = 0
			must(t, s.AddUsage(t.Context(), []usage.Record{estimated}))
		}
		p, err := usage.NewPruner(s, usage.PrunerSettings{Now: func() time.Time { return now }})
		must(t, err)
		if n, err := p.Step(t.Context()); n != 1 || err != nil {
			t.Errorf("%d sums were removed, want the hour of 101 days ago: %v", n, err)
		}
	})
}
