package storetest

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/store"
	"github.com/adit-hq/adit/internal/tenant"
	"github.com/adit-hq/adit/internal/usage"
)

func observationStories() []story {
	return []story{
		{"usage adds up, whoever writes it", usageAddsUp},
		{"usage is chosen by hour and name, in order", usageChosen},
		{"of two replicas the newer activity is kept", activityKept},
		{"the last use of a key only moves on", lastUsed},
		{"what is observed leaves the revision", sameRevision},
		{"of all that claim a day's work one gets it", claims},
	}
}

func record(hour time.Time, model, key string) usage.Record {
	return usage.Record{
		Hour: hour, Organization: "org_a", Environment: "env_a", Model: model, Key: key,
		Counts: usage.Counts{Requests: 1, Texts: 2, Tokens: 3, Estimated: 4, Errors: 5, Throttles: 6, OverBudget: 10, Cost: 7, EstimatedCost: 8, Unpriced: 9},
	}
}

func usageAddsUp(t *testing.T, e Engine) {
	url := e.New(t)
	stores := []*store.Store{Open(t, url), Open(t, url)}
	hour := Now().Truncate(time.Hour)
	var work sync.WaitGroup
	for i := range 8 {
		work.Go(func() {
			for range 5 {
				// Twice in one batch, and in another order from half of them.
				batch := []usage.Record{record(hour, "a", "k"), record(hour, "b", "k"), record(hour, "a", "k")}
				if i%2 == 0 {
					batch[0], batch[1] = batch[1], batch[0]
				}
				if err := stores[i%2].AddUsage(t.Context(), batch); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
	got, err := stores[0].Usage(t.Context(), usage.Query{})
	must(t, err)
	a, b := record(hour, "a", "k"), record(hour, "b", "k")
	a.Counts = usage.Counts{Requests: 80, Texts: 160, Tokens: 240, Estimated: 320, Errors: 400, Throttles: 480, OverBudget: 800, Cost: 560, EstimatedCost: 640, Unpriced: 720}
	b.Counts = usage.Counts{Requests: 40, Texts: 80, Tokens: 120, Estimated: 160, Errors: 200, Throttles: 240, OverBudget: 400, Cost: 280, EstimatedCost: 320, Unpriced: 360}
	if diff := cmp.Diff([]usage.Record{a, b}, got); diff != "" {
		t.Errorf("the sums (-want +got):\n%s", diff)
	}
	must(t, stores[0].AddUsage(t.Context(), nil))
}

func usageChosen(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	hour := Now().Truncate(time.Hour)
	var all []usage.Record // in order: bytes, not a language's
	for h := range 3 {
		for _, model := range []string{"", "B", "a", "a.b", "a:b", "ä"} {
			for _, key := range []string{"key_1", "key_2"} {
				all = append(all, record(hour.Add(time.Duration(h)*time.Hour), model, key))
			}
		}
	}
	backwards := make([]usage.Record, 0, len(all))
	for i := range all {
		backwards = append(backwards, all[len(all)-1-i])
	}
	must(t, s.AddUsage(t.Context(), backwards))
	for _, q := range []usage.Query{
		{},
		{From: hour.Add(time.Hour)},
		{To: hour.Add(time.Hour)},
		{From: hour.Add(time.Hour), To: hour.Add(2 * time.Hour), Model: "a:b"},
		{Organization: "org_a", Environment: "env_a", Key: "key_2"},
		{Organization: "org_b"},
		{Model: "\x00"},
	} {
		var want []usage.Record
		for _, r := range all {
			if !r.Hour.Before(q.From) && (q.To.IsZero() || r.Hour.Before(q.To)) && (q.Organization == "" || q.Organization == r.Organization) &&
				(q.Environment == "" || q.Environment == r.Environment) && (q.Model == "" || q.Model == r.Model) && (q.Key == "" || q.Key == r.Key) {
				want = append(want, r)
			}
		}
		got, err := s.Usage(t.Context(), q)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", q, diff)
		}
	}
}

func activityKept(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o := newOrganization(t, s, "acme")
	env, deleted := Environment(o.ID, "a"), Environment(o.ID, "b")
	must(t, s.CreateEnvironment(t.Context(), env))
	must(t, s.CreateEnvironment(t.Context(), deleted))
	must(t, s.DeleteEnvironment(t.Context(), deleted, forced(Now())))

	good := tenant.Activity{Exchanged: Now(), Outcome: "ok", RequestID: "1", Succeeded: Now()}
	bad := tenant.Activity{Exchanged: Now().Add(time.Minute), Outcome: "AccessDenied", Why: "AWS said: \x00\xff", RequestID: "2"}
	late := tenant.Activity{Exchanged: Now().Add(-time.Hour), Outcome: "ok", RequestID: "0", Succeeded: Now().Add(-time.Hour)}
	for _, a := range []tenant.Activity{good, bad, late} {
		must(t, s.SetActivity(t.Context(), map[string]tenant.Activity{env.ID: a, deleted.ID: a, "env_never": a}))
	}
	got, err := s.Activity(t.Context(), o.ID, nil)
	must(t, err)
	bad.Succeeded, bad.Why = good.Succeeded, "AWS said: \uFFFD\uFFFD"
	if diff := cmp.Diff(map[string]tenant.Activity{env.ID: bad}, got); diff != "" {
		t.Errorf("the activity (-want +got):\n%s", diff)
	}
	if one, err := s.Activity(t.Context(), o.ID, []string{env.ID, "env_never"}); !cmp.Equal(one, got) || err != nil {
		t.Errorf("of one environment: %v, %v", one, err)
	}
	if none, err := s.Activity(t.Context(), o.ID, []string{}); len(none) != 0 || err != nil {
		t.Errorf("of none: %v, %v", none, err)
	}
	if got, err := s.Activity(t.Context(), "org_other", []string{env.ID}); len(got) != 0 || err != nil {
		t.Errorf("another organization sees %v, %v", got, err)
	}
	if got, err := s.Activity(t.Context(), "org_other", nil); len(got) != 0 || err != nil {
		t.Errorf("another organization sees %v, %v", got, err)
	}
}

func lastUsed(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o := newOrganization(t, s, "acme")
	k := Key(o.ID, "ci")
	must(t, s.CreateKey(t.Context(), k))
	for _, at := range []time.Time{Now(), Now().Add(time.Hour), Now().Add(time.Minute)} {
		must(t, s.SetLastUsed(t.Context(), map[string]time.Time{k.ID: at, "key_never": at}))
	}
	got, err := s.LastUsed(t.Context(), o.ID)
	must(t, err)
	if diff := cmp.Diff(map[string]time.Time{k.ID: Now().Add(time.Hour)}, got); diff != "" {
		t.Errorf("the last use (-want +got):\n%s", diff)
	}
}

func sameRevision(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o := newOrganization(t, s, "acme")
	env, k := Environment(o.ID, "a"), Key(o.ID, "ci")
	must(t, s.CreateEnvironment(t.Context(), env))
	must(t, s.CreateKey(t.Context(), k))
	before := revision(t, s)
	must(t, s.SetActivity(t.Context(), map[string]tenant.Activity{env.ID: {Exchanged: Now()}}))
	must(t, s.SetLastUsed(t.Context(), map[string]time.Time{k.ID: Now()}))
	must(t, s.AddUsage(t.Context(), []usage.Record{record(Now(), "a", k.ID)}))
	if after := revision(t, s); after != before {
		t.Errorf("the revision went from %d to %d", before, after)
	}
}

func claims(t *testing.T, e Engine) {
	url := e.New(t)
	stores := []*store.Store{Open(t, url), Open(t, url)}
	const day = 24 * time.Hour
	for _, c := range []struct {
		what string
		at   time.Time
		want int64
	}{
		{"the first day", Now(), 1},
		{"an hour later", Now().Add(time.Hour), 0},
		{"a moment before the next day", Now().Add(day - time.Microsecond), 0},
		{"the next day", Now().Add(day), 1},
		{"by a clock that is a week ahead", Now().Add(8 * day), 1},
		{"by clocks that are right", Now().Add(day + time.Hour), 1},
		{"and again", Now().Add(day + 2*time.Hour), 0},
	} {
		var got atomic.Int64
		var work sync.WaitGroup
		for i := range 6 {
			work.Go(func() {
				mine, err := stores[i%2].Claim(t.Context(), "probe", c.at, day)
				if err != nil {
					t.Error(err)
				}
				if mine {
					got.Add(1)
				}
			})
		}
		work.Wait()
		if n := got.Load(); n != c.want {
			t.Errorf("%s: %d of 6 got the work, want %d", c.what, n, c.want)
		}
	}
	if mine, err := stores[0].Claim(t.Context(), "prune", Now(), day); !mine || err != nil {
		t.Errorf("other work: %v, %v", mine, err)
	}
}
