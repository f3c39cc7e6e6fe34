package limit_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/limit"
)

var (
	innerKey = limit.Key{Account: "environment", Region: "env_1", Model: "titan"}
	outerKey = limit.Key{Account: "111122223333", Region: "us-east-1", Model: "titan"}
)

// within plans calls under an inner limit inside an outer one.
func within(t *testing.T, l *limit.Limiter, inner limit.Limits, calls int) *limit.Plan {
	t.Helper()
	deadline := time.Now().Add(time.Hour)
	outer, err := l.Plan(outerKey, limit.Limits{}, "caller", calls, deadline)
	if err != nil {
		t.Fatal(err)
	}
	p, err := l.Plan(innerKey, inner, "caller", calls, deadline)
	if err != nil {
		t.Fatal(err)
	}
	return p.Within(outer)
}

func TestCallsKeepTheInnerLimitInsideTheOuterOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limit.New(nil)
		l.Configure(map[limit.Key]limit.Limits{outerKey: {PerMinute: 100, Concurrent: 10}})
		p := within(t, l, limit.Limits{PerMinute: 3, Concurrent: 2}, 6)
		defer p.Close()
		began := time.Now()
		var inTime sync.WaitGroup
		var mu sync.Mutex
		var starts []time.Duration
		for range 6 {
			inTime.Go(func() {
				lease, err := p.Acquire(context.Background())
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				starts = append(starts, time.Since(began))
				mu.Unlock()
				lease.Done(limit.Answered)
			})
		}
		inTime.Wait()
		if starts[2] >= time.Minute || starts[3] < time.Minute {
			t.Errorf("six calls at three a minute began at %v", starts)
		}
		if s := l.State(outerKey); s.Remaining != 100-3 {
			t.Errorf("the outer limit of 100 has %d left after 3 calls of this minute", s.Remaining)
		}
	})
}

func TestAThrottleOfAWSLowersOnlyTheOuterLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limit.New(nil)
		l.Configure(map[limit.Key]limit.Limits{outerKey: {PerMinute: 100, Concurrent: 10}, innerKey: {PerMinute: 50, Concurrent: 5}})
		p := within(t, l, limit.Limits{}, 1)
		defer p.Close()
		lease, err := p.Acquire(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		lease.Done(limit.Throttled)
		if s := l.State(outerKey); s.Effective >= 100 {
			t.Errorf("the outer limit was throttled and is still %d", s.Effective)
		}
		if s := l.State(innerKey); s.Effective != 50 {
			t.Errorf("the inner limit became %d, though it is not AWS's", s.Effective)
		}
	})
}

func TestACallThatGivesUpWaitingOutsideGivesItsInnerTurnBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limit.New(nil)
		l.Configure(map[limit.Key]limit.Limits{outerKey: {PerMinute: 2, Concurrent: 1}})
		p := within(t, l, limit.Limits{PerMinute: 10, Concurrent: 10}, 2)
		defer p.Close()
		first, err := p.Acquire(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, err := p.Acquire(ctx); fault.KindOf(err) != fault.Deadline {
			t.Fatalf("the second call found the only outer connection free: %v", err)
		}
		if s := l.State(innerKey); s.InFlight != 1 {
			t.Errorf("%d inner calls in flight, and one was sent", s.InFlight)
		}
		first.Done(limit.Answered)
	})
}

func TestALimitThatIsNotConfiguredFollowsTheLatestRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limit.New(nil)
		for _, most := range []int{5, 2, 7} {
			p, err := l.Plan(innerKey, limit.Limits{PerMinute: most, Concurrent: 9}, "caller", 1, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			if s := l.State(innerKey); s.Limit != most {
				t.Errorf("the limit is %d, and the request came with %d", s.Limit, most)
			}
			p.Close()
		}
	})
}
