package limit_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/limit"
)

// ask is a request with a deadline.
type ask struct {
	after, room time.Duration
	caller      string
	calls       int
}

// traffic is a bucket and what is asked of it. Nothing fails, and every answer
// takes the same time, so that estimates can be held to the letter.
type traffic struct {
	limits limit.Limits
	answer time.Duration
	asks   []ask
}

func drawAsk(rt *rapid.T) ask {
	return ask{
		after:  millis(rt, 0, 20_000, "after"),
		room:   millis(rt, 1, 300_000, "room") + millis(rt, 0, 300_000, "more room"),
		caller: rapid.SampledFrom(callers).Draw(rt, "caller"),
		calls:  rapid.IntRange(1, 60).Draw(rt, "calls"),
	}
}

func drawTraffic(rt *rapid.T) traffic {
	f := traffic{limits: drawLimits(rt), answer: millis(rt, 1, 2000, "answer")}
	for range rapid.IntRange(1, 30).Draw(rt, "asks") {
		f.asks = append(f.asks, drawAsk(rt))
	}
	return f
}

// warm returns an idle limiter that knows how long an answer takes.
func (f traffic) warm() *limit.Limiter {
	l := limited(f.limits.PerMinute, f.limits.Concurrent)
	if finish, err := f.serve(l, ask{room: time.Hour, caller: "first", calls: 1}); err == nil {
		_ = finish()
	}
	time.Sleep(61 * time.Second)
	return l
}

// serve plans a request and sends all its calls. The function that it returns
// waits for the answers and says whether they came before the deadline.
func (f traffic) serve(l *limit.Limiter, a ask) (finish func() error, err error) {
	begin := time.Now()
	p, err := l.Plan(titan, a.caller, a.calls, begin.Add(a.room))
	if err != nil {
		return nil, err
	}
	var calls sync.WaitGroup
	took := make([]time.Duration, a.calls)
	for i := range a.calls {
		calls.Go(func() {
			lease, err := p.Acquire(context.Background())
			if err != nil {
				return
			}
			time.Sleep(f.answer)
			took[i] = time.Since(begin)
			lease.Done(limit.Answered)
		})
	}
	return func() error {
		calls.Wait()
		p.Close()
		for _, d := range took {
			if d > max(a.room, f.answer) { // an idle bucket does not refuse for slow answers
				return fmt.Errorf("%d calls of %s were admitted within %v and took %v", a.calls, a.caller, a.room, d)
			}
		}
		return nil
	}, nil
}

// finishing waits for all.
func finishing(all []func() error) error {
	var first error
	for _, finish := range all {
		if err := finish(); err != nil && first == nil {
			first = err
		}
	}
	return first
}
