package limit_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/limit"
)

// The promise is 95 %: N calls in 60/0.95 s. A slot whose call is answered
// within 2 s is back after 62 s.
const fullUse = 62*time.Second + 100*time.Nanosecond

func TestUnderLoadAtLeast95PercentOfTheLimitAreUsed(t *testing.T) {
	inBubble(t, func(rt *rapid.T) func() error {
		n := rapid.IntRange(1, 60).Draw(rt, "per minute")
		conns := rapid.IntRange(max(1, n/15), 40).Draw(rt, "concurrent")
		seed := rapid.Uint64().Draw(rt, "seed")
		failing := rapid.IntRange(0, 5).Draw(rt, "failures in ten")
		return func() error { return inUse(n, conns, failing, seed) }
	})
}

// inUse keeps calls waiting for ten minutes, answers within 2 s, and checks
// that any N+1 consecutive starts lie within 62 s.
func inUse(n, conns, failing int, seed uint64) error {
	l, rng := limited(n, conns), rand.New(rand.NewPCG(seed, 1))
	begin := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	var mu sync.Mutex
	var starts []time.Duration
	var wg sync.WaitGroup
	for i := range n + conns {
		p, err := l.Plan(titan, limit.Limits{}, fmt.Sprint(i), 1, time.Time{})
		if err != nil {
			return err
		}
		defer p.Close()
		wg.Go(func() {
			for {
				lease, err := p.Acquire(ctx)
				if err != nil {
					return
				}
				mu.Lock()
				starts = append(starts, time.Since(begin))
				answer, outcome := time.Duration(rng.IntN(2_000_000))*time.Microsecond, limit.Answered
				if rng.IntN(10) < failing {
					outcome = limit.Failed
				}
				mu.Unlock()
				time.Sleep(answer)
				lease.Done(outcome)
			}
		})
	}
	wg.Wait()
	slices.Sort(starts)
	if len(starts) < 9*n {
		return fmt.Errorf("%d calls in 10 minutes at %d a minute", len(starts), n)
	}
	// Connections are the bound while n calls take longer than a minute.
	slack := time.Duration(n/conns+1) * 2 * time.Second
	if conns >= n {
		slack = 0
	}
	for i := n; i < len(starts); i++ {
		if took := starts[i] - starts[i-n]; took > fullUse+slack {
			return fmt.Errorf("%d starts took %v", n+1, took)
		}
	}
	return nil
}

func TestAnIdleQuotaMayBeSpentAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(1500, 1500)
		acquired(t, planned(t, l, "ann", 1500), 1500)
	})
}
