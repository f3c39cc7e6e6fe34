package limit_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing/synctest"
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
	f.limits.PerMinute += rapid.IntRange(0, 40).Draw(rt, "more per minute") // so that connections are the bound at times
	for range rapid.IntRange(1, 30).Draw(rt, "asks") {
		f.asks = append(f.asks, drawAsk(rt))
	}
	return f
}

// warm returns an idle limiter that knows how long an answer takes.
func (f traffic) warm() *limit.Limiter {
	l := limited(f.limits.PerMinute, f.limits.Concurrent)
	if s, err := f.serve(l, ask{room: time.Hour, caller: "first", calls: 1}); err == nil {
		_ = s.finish(f.answer)
	}
	time.Sleep(61 * time.Second)
	return l
}

// served is an admitted request whose calls are under way.
type served struct {
	ask
	calls   sync.WaitGroup
	started atomic.Int64
	took    []time.Duration
	plan    *limit.Plan
}

// serve plans a request and sends all its calls. It returns when all have asked
// for their slots, so that nobody overtakes by the scheduler's choice.
func (f traffic) serve(l *limit.Limiter, a ask) (*served, error) {
	begin := time.Now()
	p, err := l.Plan(titan, limit.Limits{}, a.caller, a.calls, begin.Add(a.room))
	if err != nil {
		return nil, err
	}
	s := &served{ask: a, plan: p, took: make([]time.Duration, a.calls)}
	for i := range a.calls {
		s.calls.Go(func() {
			lease, err := p.Acquire(context.Background())
			if err != nil {
				return
			}
			s.started.Add(1)
			time.Sleep(f.answer)
			s.took[i] = time.Since(begin)
			lease.Done(limit.Answered)
		})
	}
	synctest.Wait()
	return s, nil
}

// serveAll serves the traffic's requests in turn, and leaves out the refused.
func (f traffic) serveAll(l *limit.Limiter) []*served {
	var all []*served
	for _, a := range f.asks {
		time.Sleep(a.after)
		if s, err := f.serve(l, a); err == nil {
			all = append(all, s)
		}
	}
	return all
}

// waiting returns how many calls have not started.
func (s *served) waiting() int { return s.ask.calls - int(s.started.Load()) }

// finish waits for the answers and says whether they came before the deadline.
// An idle quota does not refuse for slow answers, so those are no fault.
func (s *served) finish(answer time.Duration) error {
	s.calls.Wait()
	s.plan.Close()
	for _, took := range s.took {
		if took > max(s.room, answer) {
			return fmt.Errorf("%d calls of %s were admitted within %v and took %v", s.ask.calls, s.caller, s.room, took)
		}
	}
	return nil
}

// finish waits for all.
func (f traffic) finish(all []*served) error {
	var errs []error
	for _, s := range all {
		errs = append(errs, s.finish(f.answer))
	}
	return errors.Join(errs...)
}
