package usage_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/usage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// store adds up what it is given.
type store struct {
	mu     sync.Mutex
	kept   []usage.Record
	last   map[string]int64 // number of the last batch, by writer
	writes int
	fail   func(write int) error // before anything is kept
	lose   func(write int) error // after it, so that only the answer is missing
}

func (s *store) AddBatch(_ context.Context, b usage.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	if s.fail != nil {
		if err := s.fail(s.writes); err != nil {
			return err
		}
	}
	if s.last == nil {
		s.last = map[string]int64{}
	}
	if b.Number > s.last[b.Writer] {
		s.last[b.Writer] = b.Number
		s.kept = append(s.kept, b.Records...)
	}
	if s.lose != nil {
		return s.lose(s.writes)
	}
	return nil
}

func (s *store) Usage(context.Context, usage.Query) ([]usage.Record, error) { return s.all(), nil }

func (s *store) all() []usage.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return usage.Rollup(s.kept, usage.By{Hour: true, Organization: true, Environment: true, Model: true, Key: true, Tag: "team"})
}

func noon() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) }

func one(organization, key string) usage.Record {
	return usage.Record{
		Organization: organization, Environment: "env_1", Model: "cohere.embed-v4:0", Key: key,
		Counts: usage.Counts{Requests: 1, Texts: 2, Tokens: 3, Estimated: 4, Errors: 5, Throttles: 6, OverBudget: 10, Cost: 7, EstimatedCost: 8, Unpriced: 9},
	}
}

func TestWhatIsUsedAddsUpWithinItsHour(t *testing.T) {
	s := &store{}
	now := noon().Add(59*time.Minute + 59*time.Second + 999*time.Millisecond)
	m := usage.NewMeter(s, usage.Settings{Now: func() time.Time { return now }})
	m.Add(one("org_1", "key_1"))
	m.Add(one("org_1", "key_1"))
	now = now.Add(time.Millisecond).In(time.FixedZone("Kathmandu", 5*3600+45*60)) // where hours begin at other minutes
	m.Add(one("org_1", "key_1"))
	if err := m.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	first, second := one("org_1", "key_1"), one("org_1", "key_1")
	first.Hour, second.Hour = noon(), noon().Add(time.Hour)
	first.Counts = usage.Counts{Requests: 2, Texts: 4, Tokens: 6, Estimated: 8, Errors: 10, Throttles: 12, OverBudget: 20, Cost: 14, EstimatedCost: 16, Unpriced: 18}
	if d := cmp.Diff([]usage.Record{first, second}, s.all()); d != "" {
		t.Error(d)
	}
}

func TestNothingIsLostAndNothingCountedTwiceWhileTheDatabaseComesAndGoes(t *testing.T) {
	s := &store{fail: func(write int) error {
		if write%3 != 0 {
			return errors.New("away")
		}
		return nil
	}, lose: func(write int) error {
		if write%2 != 0 {
			return errors.New("cut off")
		}
		return nil
	}}
	m := usage.NewMeter(s, usage.Settings{Batch: 7, Now: noon})
	var callers sync.WaitGroup
	var flushing atomic.Bool
	flushing.Store(true)
	var flusher sync.WaitGroup
	flusher.Go(func() {
		for flushing.Load() {
			_ = m.Flush(t.Context())
		}
	})
	for c := range 8 {
		callers.Go(func() {
			for i := range 500 {
				m.Add(one("org_1", fmt.Sprintf("key_%d", (c+i)%20)))
			}
		})
	}
	callers.Wait()
	flushing.Store(false)
	flusher.Wait()
	for range 100 {
		_ = m.Flush(t.Context())
	}
	if got := usage.Total(s.all()).Requests; got != 4000 {
		t.Errorf("%d requests, want 4000", got)
	}
}

func TestWhenMemoryIsFullTheTotalsOfOrganizationsAreStillRight(t *testing.T) {
	s := &store{fail: func(int) error { return errors.New("away") }}
	m := usage.NewMeter(s, usage.Settings{Capacity: 10, Now: noon})
	for i := range 1000 {
		m.Add(one(fmt.Sprintf("org_%d", i%2), fmt.Sprintf("key_%d", i)))
		if i%100 == 0 {
			_ = m.Flush(t.Context())
		}
	}
	s.fail = nil
	if err := m.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(s.all()); n < 10 || n > 12 {
		t.Errorf("%d sums were kept, want 10 and at most one more for each organization", n)
	}
	for _, r := range usage.Rollup(s.all(), usage.By{Organization: true}) {
		if r.Requests != 500 || r.Cost != 7*500 || r.EstimatedCost != 8*500 || r.Unpriced != 9*500 {
			t.Errorf("%s has %+v, want 500 times what one has", r.Organization, r.Counts)
		}
	}
	// What was written makes room again.
	m.Add(one("org_1", "key_new"))
	if err := m.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if last := s.kept[len(s.kept)-1]; last.Key != "key_new" {
		t.Errorf("after all was written: %+v", last)
	}
}

func TestRunWritesEverySecondUntilItIsEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{}
		m := usage.NewMeter(s, usage.Settings{})
		ctx, end := context.WithCancel(t.Context())
		go m.Run(ctx)
		m.Add(one("org_1", "key_1"))
		time.Sleep(1100 * time.Millisecond)
		synctest.Wait()
		if got := len(s.all()); got != 1 {
			t.Errorf("%d sums after a second", got)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if s.writes != 1 {
			t.Errorf("%d writes while nothing was used", s.writes)
		}
		m.Add(one("org_1", "key_2"))
		end()
		synctest.Wait()
		if err := m.Flush(context.WithoutCancel(ctx)); err != nil || len(s.all()) != 2 {
			t.Errorf("the last ones: %v, %d sums", err, len(s.all()))
		}
	})
}

func TestReportsAreGroupedAsAsked(t *testing.T) {
	at := func(hours int, model, key string) usage.Record {
		return usage.Record{Hour: noon().Add(time.Duration(hours) * time.Hour), Organization: "org_1", Model: model, Key: key, Counts: usage.Counts{Requests: 1}}
	}
	records := []usage.Record{at(0, "b", "k1"), at(0, "a", "k1"), at(11, "a", "k2"), at(12, "a", "k1")}
	day := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string][]usage.Record{
		"":    {{Counts: usage.Counts{Requests: 4}}},
		"day": {{Hour: day, Counts: usage.Counts{Requests: 3}}, {Hour: day.AddDate(0, 0, 1), Counts: usage.Counts{Requests: 1}}},
		"model, key": {
			{Model: "a", Key: "k1", Counts: usage.Counts{Requests: 2}}, {Model: "a", Key: "k2", Counts: usage.Counts{Requests: 1}},
			{Model: "b", Key: "k1", Counts: usage.Counts{Requests: 1}},
		},
		"hour,organization": {
			{Hour: noon(), Organization: "org_1", Counts: usage.Counts{Requests: 2}},
			{Hour: noon().Add(11 * time.Hour), Organization: "org_1", Counts: usage.Counts{Requests: 1}},
			{Hour: noon().Add(12 * time.Hour), Organization: "org_1", Counts: usage.Counts{Requests: 1}},
		},
	} {
		by, err := usage.ParseBy(text)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, usage.Rollup(records, by)); d != "" {
			t.Errorf("by %q: %s", text, d)
		}
	}
	for _, text := range []string{"week", "hour,day", "model;key", "tag", "tag:", "tag:a,tag:b", "tag:\xff", "tag:" + strings.Repeat("a", 513)} {
		if _, err := usage.ParseBy(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestGroupingNeverChangesTheTotal(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		word := rapid.SampledFrom([]string{"", "a", "b", "c"})
		records := rapid.SliceOf(rapid.Custom(func(r *rapid.T) usage.Record {
			n := rapid.Int64Range(0, 1000)
			return usage.Record{
				Hour: noon().Add(time.Duration(rapid.IntRange(-50, 50).Draw(r, "hour")) * time.Hour), Organization: word.Draw(r, "o"),
				Environment: word.Draw(r, "e"), Model: word.Draw(r, "m"), Key: word.Draw(r, "k"),
				Tags: usage.TagText(rapid.MapOf(word, word).Draw(r, "tags")),
				Counts: usage.Counts{
					Requests: n.Draw(r, "r"), Texts: n.Draw(r, "t"), Tokens: n.Draw(r, "n"), Estimated: n.Draw(r, "g"), Errors: n.Draw(r, "x"),
					Throttles: n.Draw(r, "h"), OverBudget: n.Draw(r, "o"), Cost: n.Draw(r, "c"), EstimatedCost: n.Draw(r, "ec"), Unpriced: n.Draw(r, "u"),
				},
			}
		})).Draw(r, "records")
		b := rapid.Bool()
		by := usage.By{Day: b.Draw(r, "day"), Organization: b.Draw(r, "org"), Environment: b.Draw(r, "env"), Model: b.Draw(r, "model"), Key: b.Draw(r, "key"), Tag: word.Draw(r, "tag")}
		if d := cmp.Diff(usage.Total(records), usage.Total(usage.Rollup(records, by))); d != "" {
			r.Fatal(d)
		}
	})
}

// A request costs no allocation, also across the turns of writing.
func TestAddingToAKnownSumAllocatesNothing(t *testing.T) {
	m := usage.NewMeter(&store{}, usage.Settings{Now: noon})
	r := one("org_1", "key_1")
	r.Tags = usage.TagText(map[string]string{"team": "search", "cost-center": "42"})
	for range 4 {
		m.Add(r)
		if err := m.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := testing.AllocsPerRun(1000, func() { m.Add(r) }); got != 0 {
		t.Errorf("%v allocations", got)
	}
}

func BenchmarkAdd(b *testing.B) {
	m := usage.NewMeter(&store{}, usage.Settings{})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		r := one("org_1", "key_1")
		r.Tags = usage.TagText(map[string]string{"team": "search", "cost-center": "42"})
		for pb.Next() {
			m.Add(r)
		}
	})
}
