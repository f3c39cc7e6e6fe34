package limit_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/limit"
)

func TestASlotReturnsAMinuteAfterItsAnswerNotAfterItsSending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(2, 10)
		spend(t, l, 2, 5*time.Second, limit.Answered)
		s := starting(t.Context(), planned(t, l, "ann", 1))
		time.Sleep(time.Minute)
		if at := s.when(); at >= 0 {
			t.Errorf("started %v after the answer; AWS may count the old call until a minute is over", at)
		}
		time.Sleep(time.Millisecond)
		if at := s.when(); at < time.Minute || at > time.Minute+time.Millisecond {
			t.Errorf("started after %v, want just over a minute", at)
		}
	})
}

func TestAFailedCallCoolsLikeAnAnsweredOneAndAnUnsentOneDoesNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for outcome, want := range map[limit.Outcome]int{limit.Failed: 0, limit.Answered: 0, limit.NotSent: 3} {
			l := limited(3, 10)
			spend(t, l, 3, time.Second, outcome)
			if got := l.State(titan).Remaining; got != want {
				t.Errorf("outcome %d leaves %d slots, want %d", outcome, got, want)
			}
		}
	})
}

func TestACallThatWasGivenUpKeepsItsSlotWhileItMayStillArrive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(2, 10)
		var forgotten limit.Outcome // the zero value is the careful one
		spend(t, l, 1, time.Second, forgotten)
		spend(t, l, 1, time.Second, limit.Answered) // ends later and returns earlier
		p := planned(t, l, "ann", 2)
		first, second := starting(t.Context(), p), starting(t.Context(), p)
		time.Sleep(2 * time.Minute)
		const after = time.Millisecond
		if at := first.when(); at < time.Minute || at > time.Minute+after {
			t.Errorf("the slot of the answered call returned after %v, want 1m0s", at)
		}
		if at := second.when(); at < 64*time.Second || at > 64*time.Second+after {
			t.Errorf("the slot of the call that was given up returned after %v, want 1m5s from its end, a second ago", at)
		}
	})
}

func TestACallThatBacksOffHoldsNoConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(10, 1)
		p := planned(t, l, "ann", 1)
		first := acquired(t, p, 1)[0]
		other := starting(t.Context(), planned(t, l, "bob", 1))
		if other.when() >= 0 {
			t.Error("two calls at once where one is allowed")
		}
		time.Sleep(time.Second)
		first.Done(limit.Failed) // and now backs off
		if at := other.when(); at != time.Second {
			t.Errorf("the other call started after %v, want 1s", at)
		}
		other.done(t, limit.Answered)
	})
}

func TestDoneTwiceCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(5, 5)
		lease := acquired(t, planned(t, l, "ann", 1), 1)[0]
		lease.Done(limit.Answered)
		lease.Done(limit.NotSent)
		lease.Done(limit.Answered)
		if s := l.State(titan); s.Remaining != 4 || s.InFlight != 0 {
			t.Errorf("state %+v, want 4 remaining and none in flight", s)
		}
	})
}

func TestClosingGivesBackWhatWasPlannedAndNotUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(10, 10)
		first := planned(t, l, "ann", 9)
		acquired(t, first, 4)
		second := planned(t, l, "bob", 2)
		a, b := starting(t.Context(), second), starting(t.Context(), second)
		if a.when() != 0 || b.when() != -1 {
			t.Fatalf("started after %v and %v; one slot is free beside the nine that were planned", a.when(), b.when())
		}
		first.Close()
		first.Close()
		if b.when() != 0 {
			t.Error("the slots of the closed plan did not go to the next")
		}
		if s := l.State(titan); s.InFlight != 6 || s.Waiting != 0 || s.Remaining != 4 {
			t.Errorf("state %+v", s)
		}
	})
}

func TestAnAcquireOnAClosedPlanIsCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(1, 1)
		spend(t, l, 1, time.Second, limit.Answered)
		p := planned(t, l, "ann", 1)
		waiting := starting(t.Context(), p)
		p.Close()
		if waiting.when(); fault.KindOf(waiting.err) != fault.Canceled {
			t.Errorf("waiting acquire: %v", waiting.err)
		}
		if _, err := p.Acquire(t.Context()); fault.KindOf(err) != fault.Canceled {
			t.Errorf("late acquire: %v", err)
		}
	})
}

func TestACancelledWaiterLeavesAndItsPlanCanAskAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(1, 1)
		spend(t, l, 1, time.Second, limit.Answered)
		p := planned(t, l, "ann", 1)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		gone := starting(ctx, p)
		next := starting(t.Context(), planned(t, l, "bob", 1))
		time.Sleep(20 * time.Second)
		if gone.when() != 10*time.Second || fault.KindOf(gone.err) != fault.Deadline {
			t.Errorf("after %v: %v", gone.when(), gone.err)
		}
		again := starting(t.Context(), p)
		time.Sleep(41 * time.Second)
		if again.when() < 0 || next.when() >= 0 {
			t.Errorf("the plan lost its place: %v, the one behind %v", again.when(), next.when())
		}
		again.done(t, limit.Answered)
		time.Sleep(61 * time.Second)
		if next.when() < 0 {
			t.Error("the next in the queue was not woken")
		}
	})
}

func TestASlotGivenToAClientThatLeavesInTheSameMomentIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(100, 1)
		for i := range 50 {
			holder := acquired(t, planned(t, l, "ann", 1), 1)[0]
			ctx, cancel := context.WithCancel(t.Context())
			p := planned(t, l, "bob", 1)
			gone := starting(ctx, p)
			if i%2 == 0 {
				cancel()
				holder.Done(limit.NotSent)
			} else {
				holder.Done(limit.NotSent)
				cancel()
			}
			if gone.when(); gone.err == nil {
				gone.done(t, limit.NotSent)
			} else if s := l.State(titan); s.Waiting != 1 {
				t.Errorf("%d calls wait; the plan lost the one that it asked for", s.Waiting)
			}
			p.Close()
			if s := l.State(titan); s.InFlight != 0 || s.Waiting != 0 || s.Remaining != 100 {
				t.Fatalf("%+v, want all free", s)
			}
		}
	})
}

func TestARetryThatIsGivenUpIsNoLongerWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(1, 1)
		p := planned(t, l, "ann", 1)
		acquired(t, p, 1)[0].Done(limit.Failed)
		ctx, cancel := context.WithCancel(t.Context())
		retry := starting(ctx, p)
		if s := l.State(titan); s.Waiting != 1 {
			t.Errorf("%+v, want one waiting", s)
		}
		cancel()
		if retry.when(); fault.KindOf(retry.err) != fault.Canceled {
			t.Errorf("retry: %v", retry.err)
		}
		if s := l.State(titan); s.Waiting != 0 {
			t.Errorf("%+v, want none waiting", s)
		}
	})
}
