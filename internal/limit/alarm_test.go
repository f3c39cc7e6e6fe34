package limit

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTheTimerRunsOnlyWhileACallWaitsForTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := Key{Account: "1"}
		l := New(nil)
		l.Configure(map[Key]Limits{key: {PerMinute: 1, Concurrent: 1}})
		p, err := l.Plan(key, Limits{}, "ann", 2, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		running := func(want bool, when string) {
			t.Helper()
			synctest.Wait()
			l.mu.Lock()
			defer l.mu.Unlock()
			if got := l.buckets[key].alarm != 0; got != want {
				t.Errorf("%s: timer running: %v", when, got)
			}
		}
		lease, err := p.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		running(false, "a call in flight")
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _, _ = p.Acquire(ctx) }()
		running(false, "the next one waits for an answer")
		lease.Done(Answered)
		running(true, "the next one waits for a slot")
		cancel()
		running(false, "the client went away")
		p.Close()
		running(false, "all closed")
	})
}

func TestForgettingNeedsNobodyToAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := Key{Account: "1"}
		l := New(nil)
		l.Configure(map[Key]Limits{key: {PerMinute: 1, Concurrent: 1}})
		p, err := l.Plan(key, Limits{}, "ann", 1, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		lease, err := p.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		l.Configure(nil)
		p.Close()
		lease.Done(Answered)
		time.Sleep(2 * time.Minute)
		l.mu.Lock()
		defer l.mu.Unlock()
		if n := len(l.buckets); n != 0 {
			t.Errorf("%d buckets are kept for ever", n)
		}
	})
}

func TestNothingIsKeptForCallersThatAreGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := Key{Account: "1"}
		l := New(nil)
		l.Configure(map[Key]Limits{key: {PerMinute: 10, Concurrent: 1}})
		for _, caller := range []string{"ann", "bob"} {
			p, err := l.Plan(key, Limits{}, caller, 2, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			lease, err := p.Acquire(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			lease.Done(Answered)
			p.Close()
		}
		b := l.buckets[key]
		if len(b.callers) != 0 || b.waiting != 0 || b.queue.head != nil || b.queue.tail != nil || b.open != 0 {
			t.Errorf("callers %v, %d waiting, %d open", b.callers, b.waiting, b.open)
		}
	})
}
