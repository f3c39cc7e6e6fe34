package limit_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/limit"
)

func TestNoCallerHoldsMoreThanHalfOfAQueue(t *testing.T) {
	inBubble(t, func(rt *rapid.T) func() error {
		f := drawTraffic(rt)
		f.limits.Concurrent = 2000
		room := millis(rt, 1000, 600_000, "room for all")
		return func() error { return f.halved(room) }
	})
}

// halved lets callers ask with one and the same room, and counts what waits
// once everything that can start has started.
func (f traffic) halved(room time.Duration) error {
	l := f.warm()
	half := max(1, int(float64(f.limits.PerMinute)*room.Seconds()/60)/2)
	var all []*served
	for _, a := range f.asks {
		time.Sleep(a.after)
		a.room = room
		s, err := f.serve(l, a)
		if err != nil {
			continue
		}
		all = append(all, s)
		waiting := 0
		for _, other := range all {
			if other.caller == a.caller {
				waiting += other.waiting()
			}
		}
		if waiting > half {
			return fmt.Errorf("%d calls of %s wait, half of the queue are %d", waiting, a.caller, half)
		}
	}
	return f.finish(all)
}

func TestAGreedyCallerLeavesRoomForOthersAndIsToldSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(60, 60)
		spend(t, l, 60, time.Second, limit.Answered)
		const room = 5 * time.Minute // about 300 calls, so 150 for one caller
		held := 0
		var refusal error
		for refusal == nil {
			var p *limit.Plan
			if p, refusal = l.Plan(titan, limit.Limits{}, "greedy", 10, in(room)); refusal == nil {
				defer p.Close()
				held += 10
			}
		}
		if held < 130 || held > 150 {
			t.Errorf("one caller got %d places", held)
		}
		f := fault.From(refusal)
		if f.Kind != fault.Throttled || !strings.Contains(f.Message, "half of the queue") || f.RetryAfter < time.Second {
			t.Errorf("%v, retry after %v: %v", f.Kind, f.RetryAfter, f)
		}
		if _, err := l.Plan(titan, limit.Limits{}, "modest", 40, in(room)); err != nil {
			t.Errorf("another caller: %v", err)
		}
	})
}

func TestAGreedyCallerMayComeBackWhenItsFirstCallsHaveStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(60, 60)
		f := traffic{answer: time.Second}
		spend(t, l, 60, time.Second, limit.Answered)
		const room = 5 * time.Minute
		var all []*served
		for _, a := range []ask{{caller: "greedy", calls: 140, room: room}, {caller: "other", calls: 90, room: room}} {
			s, err := f.serve(l, a)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, s)
		}
		more := ask{room: room, caller: "greedy", calls: 20}
		_, err := f.serve(l, more)
		wait := fault.From(err).RetryAfter
		if wait < 59*time.Second || wait > 65*time.Second {
			t.Errorf("retry after %v; ten of its calls start in a minute: %v", wait, err)
		}
		time.Sleep(wait)
		s, err := f.serve(l, more)
		if err != nil {
			t.Fatalf("after %v: %v", wait, err)
		}
		if err := f.finish(append(all, s)); err != nil {
			t.Error(err)
		}
	})
}
