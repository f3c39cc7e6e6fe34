package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/audit/audittest"
	"github.com/adit-hq/adit/internal/store"
)

func auditStories() []story {
	return []story{
		{"rows that eight append at once are one chain", oneChain},
		{"rows are chosen as by the audit in memory", chosenRows},
		{"pages of the audit are those of the audit in memory", chosenPages},
		{"pruning takes a beginning and leaves a checkpoint", pruning},
		{"an event with hostile text is written all the same", hostileEvents},
	}
}

// wantSound wants a chain that verifies, with so many rows.
func wantSound(t *testing.T, s *store.Store, rows int64) {
	t.Helper()
	v, err := audit.Verify(t.Context(), s, Chain())
	must(t, err)
	if !v.Sound || v.Rows != rows {
		t.Errorf("%d rows are sound, want %d; at %d: %s", v.Rows, rows, v.Bad, v.Why)
	}
}

func oneChain(t *testing.T, e Engine) {
	url := e.New(t)
	stores := []*store.Store{Open(t, url), Open(t, url)}
	var work sync.WaitGroup
	for i := range 8 {
		work.Go(func() {
			for j := range 10 {
				batch := make([]audit.Event, 1+j%3)
				for k := range batch {
					batch[k] = Event("", fmt.Sprintf("append.%d-%d-%d", i, j, k))
				}
				if err := stores[i%2].AppendEvents(t.Context(), batch); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	work.Wait()
	wantSound(t, stores[0], 8*(4*1+3*2+3*3))
}

// chosenRows writes the same events into the audit of the audit room's own
// tests and into the database, and asks both the same.
func chosenRows(t *testing.T, e Engine) {
	s, memory := Open(t, e.New(t)), audittest.New()
	start := Now()
	for i := range 30 {
		event := Event([]string{"", "org_a", "org_b"}[i%3], []string{"environment.create", "environment.delete", "Environment.create", "apikey.create", "environmental"}[i%5])
		event.Time, event.Actor.Key, event.Target = start.Add(time.Duration(i)*time.Minute), fmt.Sprintf("key_%d", i%2), fmt.Sprintf("env_%d", i%4)
		if i%6 == 0 {
			event.Details = nil
		}
		must(t, s.AppendEvents(t.Context(), []audit.Event{event}))
		must(t, memory.AppendEvents(t.Context(), []audit.Event{event}))
	}
	server, a := "", "org_a"
	for _, q := range []audit.Query{
		{}, {Limit: 7}, {After: 12}, {After: 12, Limit: 3}, {Newest: true}, {Newest: true, After: 12, Limit: 5}, {Newest: true, Limit: 1},
		{Organization: &server}, {Organization: &a}, {Organization: &a, Newest: true, Limit: 2},
		{Action: "environment."}, {Action: "environment.create"}, {Action: "E"}, {Action: "%"}, {Action: "environment_"},
		{Actor: "key_1"}, {Target: "env_3"}, {Actor: "key_0", Target: "env_2", Organization: &a},
		{From: start.Add(5 * time.Minute)}, {To: start.Add(5 * time.Minute)}, {From: start.Add(5 * time.Minute), To: start.Add(9 * time.Minute)},
		{After: 1000}, {Actor: "' OR 1=1 --"}, {Target: "\x00"},
	} {
		got, err := s.Rows(t.Context(), q)
		must(t, err)
		want, err := memory.Rows(t.Context(), q)
		must(t, err)
		if len(want) == 0 {
			want = nil
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%+v (-memory +database):\n%s", q, diff)
		}
	}
}

// chosenPages asks for pages by everything at once.
func chosenPages(t *testing.T, e Engine) {
	s, memory := Open(t, e.New(t)), audittest.New()
	start := Now()
	var all []audit.Event
	for i := range 200 {
		event := Event([]string{"", "org_a", "org_a", "org_b"}[i%4], []string{"environment.create", "Environment.create", "environmental", "é.create", "exchange.ok", "a"}[i*7%6])
		event.Time, event.Actor.Key, event.Target = start.Add(time.Duration(i-i%3*5)*time.Minute), fmt.Sprintf("key_%d", i%3), fmt.Sprintf("env_%d", i%5) // clocks that differ
		all = append(all, event)
	}
	must(t, s.AppendEvents(t.Context(), all))
	must(t, memory.AppendEvents(t.Context(), all))
	rapid.Check(t, func(rt *rapid.T) {
		text := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(rt, name) }
		for range 20 {
			q := audit.Query{
				After: rapid.Int64Range(0, 210).Draw(rt, "after"), Newest: rapid.Bool().Draw(rt, "newest"), Limit: rapid.IntRange(0, 20).Draw(rt, "limit"),
				Action: text("action", "", "", "e", "environment", "é", "exchange.ok", "x", "\x00"), Actor: text("actor", "", "", "key_1", "key_9"), Target: text("target", "", "", "env_2"),
			}
			if organization := text("organization", "everyone's", "", "org_a", "org_x"); organization != "everyone's" {
				q.Organization = &organization
			}
			if rapid.Bool().Draw(rt, "from") {
				q.From = start.Add(time.Duration(rapid.IntRange(-20, 220).Draw(rt, "from at")) * time.Minute)
			}
			if rapid.Bool().Draw(rt, "to") {
				q.To = start.Add(time.Duration(rapid.IntRange(-20, 220).Draw(rt, "to at")) * time.Minute)
			}
			got, err := s.Rows(t.Context(), q)
			must(t, err)
			want, err := memory.Rows(t.Context(), q)
			must(t, err)
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				rt.Fatalf("%+v (-memory +database):\n%s", q, diff)
			}
		}
	})
}

func pruning(t *testing.T, e Engine) {
	s, memory := Open(t, e.New(t)), audittest.New()
	memory.Now = Now
	start := Now().AddDate(0, 0, -90)
	for i, day := range []int{1, 2, 3, 9, 4, 10, 11} { // a clock that was wrong for a while
		event := Event("", fmt.Sprintf("e.%d", i))
		event.Time = start.AddDate(0, 0, day)
		must(t, s.AppendEvents(t.Context(), []audit.Event{event}))
		must(t, memory.AppendEvents(t.Context(), []audit.Event{event}))
	}
	left := []int64{7, 4, 4, 1, 0}
	for i, day := range []int{0, 5, 5, 11, 100} {
		before := start.AddDate(0, 0, day)
		got, err := s.PruneBefore(t.Context(), before)
		must(t, err)
		want, err := memory.PruneBefore(t.Context(), before)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the checkpoint of day %d (-memory +database):\n%s", day, diff)
		}
		kept, err := s.Checkpoint(t.Context())
		must(t, err)
		if diff := cmp.Diff(want, kept); diff != "" {
			t.Errorf("the checkpoint that is kept (-want +got):\n%s", diff)
		}
		wantSound(t, s, left[i])
	}
	must(t, s.AppendEvents(t.Context(), []audit.Event{Event("", "after.all")}))
	wantSound(t, s, 1)
	if n := events(t, s); n != 8 {
		t.Errorf("the head counts %d rows, want 8 with the pruned ones", n)
	}
}

func hostileEvents(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	bad := "a\x00\xff\u202e"
	event := audit.Event{Organization: bad, Actor: audit.Actor{Organization: bad, Key: bad, Name: bad, Address: bad}, Action: bad, Target: bad, Outcome: bad, Details: map[string]string{bad: bad}}
	must(t, s.AppendEvents(t.Context(), []audit.Event{event}))
	event.Time = time.Date(1, 1, 1, 0, 0, 0, 1999, time.UTC)
	must(t, s.AppendEvents(t.Context(), []audit.Event{event}))
	wantSound(t, s, 2)
}
