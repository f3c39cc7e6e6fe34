package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/store"
	"github.com/adit-hq/adit/internal/store/storetest"
	"github.com/adit-hq/adit/internal/usage"
)

// A machine that lost its power, or a firewall that forgot, says no goodbye.
func TestConnectionsThatFellSilentHoldNobodyUpForLong(t *testing.T) {
	u, password := parse(t, storetest.Postgres().New(t))
	gate := open(t, u.Host)
	u.Host = gate.address()
	s, err := store.Open(t.Context(), u.String(), store.Options{Patience: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	s.UseChain(storetest.Chain())
	ctx, cancel := context.WithCancel(t.Context())
	defer time.AfterFunc(3*time.Minute, cancel).Stop() // who hangs fails

	log := audit.NewLog(s, audit.Settings{})
	if err := log.Record(ctx, storetest.Event("org_1", "environment.create")); err != nil {
		t.Fatal(err)
	}
	for name, work := range map[string]func() error{
		"the audit":    func() error { return log.Flush(ctx) },
		"a change":     func() error { return s.SetSetting(ctx, "name", "value") },
		"usage":        func() error { return s.AddUsage(ctx, []usage.Record{{Organization: "org_1"}}) },
		"a report":     func() error { _, err := s.Sums(ctx, usage.Query{}, usage.By{}, 1); return err },
		"the keys":     func() error { _, _, err := s.SigningKeys(ctx, "default"); return err },
		"the revision": func() error { _, err := s.Revision(ctx); return err },
	} {
		gate.silence()
		for err := work(); err != nil; err = work() {
			if ctx.Err() != nil {
				t.Fatalf("%s waited for a connection that is silent", name)
			}
			wantUnavailable(t, err, password)
		}
	}
}
