package limit_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/limit"
)

// source is titan's key while the account is unknown.
var source = limit.Key{Account: "profile:dev", Region: titan.Region, Model: titan.Model}

func TestAReloadKeepsTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(10, 10)
		spend(t, l, 7, time.Second, limit.Answered)
		l.Configure(map[limit.Key]limit.Limits{titan: {PerMinute: 9, Concurrent: 10}})
		if s := l.State(titan); s.Remaining != 2 || s.Limit != 9 || s.Effective != 9 {
			t.Errorf("%+v, want 2 of 9 remaining", s)
		}
		l.Configure(map[limit.Key]limit.Limits{titan: {PerMinute: 5, Concurrent: 10}})
		if s := l.State(titan); s.Remaining != 0 {
			t.Errorf("%+v, want none remaining", s)
		}
	})
}

func TestARaisedLimitLetsWaitingCallsStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(1, 10)
		spend(t, l, 1, time.Second, limit.Answered)
		s := starting(t.Context(), planned(t, l, "ann", 1))
		l.Configure(map[limit.Key]limit.Limits{titan: {PerMinute: 2, Concurrent: 10}})
		if s.when() != 0 {
			t.Errorf("started after %v, want at once", s.when())
		}
	})
}

func TestAKeyThatIsNoLongerNamedIsForgottenOnlyWhenItsWindowIsEmpty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(3, 3)
		spend(t, l, 3, time.Second, limit.Answered)
		time.Sleep(30 * time.Second)
		l.Configure(nil)
		limits := map[limit.Key]limit.Limits{titan: {PerMinute: 3, Concurrent: 3}}
		l.Configure(limits)
		if got := l.State(titan).Remaining; got != 0 {
			t.Errorf("%d remaining; the reloads made the limiter forget", got)
		}
		l.Configure(nil)
		time.Sleep(time.Minute)
		if got := l.State(titan); got != (limit.State{}) {
			t.Errorf("%+v, want nothing", got)
		}
	})
}

func TestAKeyIsNotForgottenWhileARequestIsOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(3, 3)
		p := planned(t, l, "ann", 1)
		l.Configure(nil)
		time.Sleep(2 * time.Minute)
		acquired(t, p, 1)[0].Done(limit.Answered)
		p.Close()
		if got := l.State(titan).Remaining; got != 2 {
			t.Errorf("%d remaining, want 2", got)
		}
	})
}

func TestTheAccountBecomesKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(10, 10)
		l.Configure(map[limit.Key]limit.Limits{titan: {PerMinute: 10, Concurrent: 10}, source: {PerMinute: 8, Concurrent: 4}})
		spend(t, l, 3, time.Second, limit.Answered)
		p, err := l.Plan(source, limit.Limits{}, "ann", 4, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		leases := acquired(t, p, 2)

		l.Merge(source, titan)
		want := limit.State{Limit: 8, Effective: 8, Remaining: 1, Used: 5, InFlight: 2, Waiting: 2}
		check := func() {
			t.Helper()
			for _, key := range []limit.Key{source, titan} {
				got := l.State(key)
				got.Reset = 0
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("%v: %s", key, d)
				}
			}
		}
		check()

		leases[0].Done(limit.Answered)
		leases[1].Done(limit.NotSent)
		want.InFlight, want.Used, want.Remaining = 0, 4, 2
		check()
		acquired(t, p, 2)
		want.InFlight, want.Used, want.Waiting = 2, 6, 0
		check()
		l.Configure(map[limit.Key]limit.Limits{titan: {PerMinute: 10, Concurrent: 10}, source: {PerMinute: 7, Concurrent: 4}})
		want.Limit, want.Effective, want.Remaining = 7, 7, 1
		check()
		l.Merge(titan, source) // says nothing new
		check()
	})
}

func TestWaitersOfBothKeysKeepTheirOrderAcrossAMerge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limit.New(nil)
		one := limit.Limits{PerMinute: 1, Concurrent: 1}
		l.Configure(map[limit.Key]limit.Limits{titan: one, source: one})
		keys := []limit.Key{source, titan}
		var first []*limit.Lease
		var waiting []*start
		for i := range 6 {
			p, err := l.Plan(keys[i%2], limit.Limits{}, "ann", 1, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			if i < 2 {
				first = append(first, acquired(t, p, 1)...)
				continue
			}
			waiting = append(waiting, starting(t.Context(), p))
		}
		l.Merge(source, titan)
		for _, lease := range first {
			lease.Done(limit.Answered)
		}
		for i, s := range waiting {
			time.Sleep(61 * time.Second)
			for j, other := range waiting {
				if started := other.when() >= 0; started != (j <= i) {
					t.Errorf("after %d minutes: call %d started: %v", i+1, j, started)
				}
			}
			s.done(t, limit.Answered)
		}
	})
}

func TestAMergeIntoAnUnknownKeyMovesEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limit.New(nil)
		l.Configure(map[limit.Key]limit.Limits{source: {PerMinute: 1, Concurrent: 1}})
		p, err := l.Plan(source, limit.Limits{}, "ann", 1, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		acquired(t, p, 1)[0].Done(limit.Answered)
		l.Merge(source, titan)
		if s := l.State(titan); s.Limit != 1 || s.Remaining != 0 {
			t.Errorf("%+v", s)
		}
		next := starting(t.Context(), planned(t, l, "bob", 1))
		time.Sleep(61 * time.Second)
		if next.when() < 0 {
			t.Error("the moved queue is not served")
		}
	})
}

func TestTheStateTellsWhenTheWholeLimitIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(2, 2)
		spend(t, l, 1, time.Second, limit.Answered)
		time.Sleep(10 * time.Second)
		spend(t, l, 1, time.Second, limit.Answered)
		if got := l.State(titan).Reset.Round(time.Millisecond); got != 60*time.Second {
			t.Errorf("in %v", got)
		}
		time.Sleep(61 * time.Second)
		if d := cmp.Diff(limit.State{Limit: 2, Remaining: 2, Effective: 2}, l.State(titan)); d != "" {
			t.Error(d)
		}
	})
}
