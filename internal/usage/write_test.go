package usage_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/usage"
)

// requests are those that are kept, by caller.
func (s *store) requests() map[string]int64 {
	of := map[string]int64{}
	for _, r := range s.all() {
		of[r.Key] += r.Requests
	}
	return of
}

func TestWhatIsWrittenWhileOnlyTheAnswerGetsLostCountsOnce(t *testing.T) {
	s := &store{lose: func(write int) error {
		if write < 3 {
			return errors.New("cut off")
		}
		return nil
	}}
	m := usage.NewMeter(s, usage.Settings{Batch: 1, Now: noon})
	m.Add(one("org_1", "key_1"))
	m.Add(one("org_1", "key_2"))
	for range 2 {
		if err := m.Flush(t.Context()); err == nil {
			t.Fatal("a lost answer is not told")
		}
		m.Add(one("org_1", "key_1")) // while nobody knows whether the first came through
	}
	for range 2 {
		if err := m.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(map[string]int64{"key_1": 3, "key_2": 1}, s.requests()); d != "" {
		t.Error(d)
	}
}

// stopped is a store whose caller goes away in the middle of a write.
type stopped struct {
	store
	leave context.CancelFunc
}

func (s *stopped) AddBatch(ctx context.Context, b usage.Batch) error {
	s.leave()
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.store.AddBatch(ctx, b)
}

func TestWhoClosesAPageOfUsageBreaksNoWriteOff(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	s := &stopped{leave: leave}
	m := usage.NewMeter(s, usage.Settings{Batch: 1, Now: noon})
	m.Add(one("org_1", "key_1"))
	m.Add(one("org_1", "key_2"))
	if err := m.Flush(ctx); !errors.Is(err, context.Canceled) || len(s.all()) != 1 {
		t.Errorf("%d sums are written, and then %v; want the one under way", len(s.all()), err)
	}
	if err := m.Flush(t.Context()); err != nil || len(s.all()) != 2 {
		t.Errorf("%d sums are written in the end: %v", len(s.all()), err)
	}
}

// silent is a store that does not answer.
type silent struct{ store }

func (*silent) AddBatch(ctx context.Context, _ usage.Batch) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestADatabaseThatDoesNotAnswerHoldsAWriteUpForSecondsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := usage.NewMeter(&silent{}, usage.Settings{})
		m.Add(one("org_1", "key_1"))
		for given, want := range map[time.Duration]time.Duration{time.Hour: 5 * time.Second, time.Second: time.Second} {
			ctx, end := context.WithTimeout(t.Context(), given)
			began := time.Now()
			if err := m.Flush(ctx); err == nil {
				t.Error("a write without an answer is taken for done")
			}
			if took := time.Since(began); took != want {
				t.Errorf("with %v it takes %v, want %v", given, took, want)
			}
			end()
		}
	})
}

func TestCallersThatAreKnownKeepTheirNameInALongOutage(t *testing.T) {
	away := errors.New("away")
	s := &store{fail: func(int) error { return away }}
	m := usage.NewMeter(s, usage.Settings{Capacity: 2, Now: noon})
	m.Add(one("org_1", "key_1"))
	m.Add(one("org_1", "key_2"))
	for range 3 {
		if err := m.Flush(t.Context()); !errors.Is(err, away) {
			t.Fatal(err)
		}
		m.Add(one("org_1", "key_2"))
		m.Add(one("org_1", "key_1"))
	}
	m.Add(one("org_1", "key_3")) // came too late
	s.fail = nil
	for range 2 {
		if err := m.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(map[string]int64{"key_1": 4, "key_2": 4, "": 1}, s.requests()); d != "" {
		t.Error(d)
	}
}
