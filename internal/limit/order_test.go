package limit_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/limit"
)

func TestCallsStartInTheOrderInWhichTheirRequestsCame(t *testing.T) {
	inBubble(t, func(rt *rapid.T) func() error {
		m := drawLimits(rt)
		sizes := rapid.SliceOfN(rapid.IntRange(1, 12), 2, 30).Draw(rt, "sizes")
		gaps := rapid.SliceOfN(rapid.IntRange(0, 8000), len(sizes), len(sizes)).Draw(rt, "gaps")
		seed := rapid.Uint64().Draw(rt, "seed")
		return func() error { return inOrder(m, sizes, gaps, seed) }
	})
}

// inOrder sends requests that ask for all their calls at once, and checks that
// no call starts before a call of an earlier request.
func inOrder(m limit.Limits, sizes, gaps []int, seed uint64) error {
	l := limited(m.PerMinute, m.Concurrent)
	rng := rand.New(rand.NewPCG(seed, 0))
	starts := make([][]time.Time, len(sizes))
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i, size := range sizes {
		time.Sleep(time.Duration(gaps[i]) * time.Millisecond)
		p, err := l.Plan(titan, limit.Limits{}, fmt.Sprint(i), size, time.Time{})
		if err != nil {
			return err
		}
		defer p.Close()
		for range size {
			answer := time.Duration(rng.IntN(3000)) * time.Millisecond
			wg.Go(func() {
				lease, err := p.Acquire(context.Background())
				if err != nil {
					return
				}
				mu.Lock()
				starts[i] = append(starts[i], time.Now())
				mu.Unlock()
				time.Sleep(answer)
				lease.Done(limit.Answered)
			})
		}
		synctest.Wait()
	}
	wg.Wait()
	var last time.Time
	for i, of := range starts {
		if len(of) != sizes[i] {
			return fmt.Errorf("request %d: %d of %d calls were served", i, len(of), sizes[i])
		}
		latest := last
		for _, at := range of {
			if at.Before(last) {
				return fmt.Errorf("a call of request %d started %v before one of an earlier request", i, last.Sub(at))
			}
			if at.After(latest) {
				latest = at
			}
		}
		last = latest
	}
	return nil
}

func TestALaterPlanStartsOnlyWithSlotsThatTheEarlierDoesNotNeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(10, 100)
		first := planned(t, l, "ann", 8) // asks for nothing yet
		second := planned(t, l, "bob", 5)
		acquired(t, second, 2)
		third := starting(t.Context(), second)
		if third.when() >= 0 {
			t.Error("a third call took a slot that the plan ahead will need")
		}
		for range 8 {
			acquired(t, first, 1)
		}
		if third.when() >= 0 {
			t.Error("an eleventh call in this minute")
		}
	})
}

func TestARetryTakesItsPlansPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(2, 10)
		first, second := planned(t, l, "ann", 2), planned(t, l, "bob", 2)
		leases := acquired(t, first, 2)
		waiting := starting(t.Context(), second)
		time.Sleep(time.Second)
		for _, lease := range leases {
			lease.Done(limit.Failed)
		}
		time.Sleep(10 * time.Second) // back-off
		retry := starting(t.Context(), first)
		retry2 := starting(t.Context(), first)
		time.Sleep(51 * time.Second)
		if retry.when() < 0 || retry2.when() < 0 || waiting.when() >= 0 {
			t.Errorf("retries after %v and %v, the plan behind after %v; want the retries first", retry.when(), retry2.when(), waiting.when())
		}
		retry.done(t, limit.Answered)
		retry2.done(t, limit.Answered)
		time.Sleep(61 * time.Second)
		if waiting.when() < 0 {
			t.Error("the plan behind was never served")
		}
	})
}
