package limit_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/limit"
)

func TestWhatIsAdmittedIsAnsweredBeforeItsDeadline(t *testing.T) {
	inBubble(t, func(rt *rapid.T) func() error {
		f := drawTraffic(rt)
		return func() error { return f.finish(f.serveAll(f.warm())) }
	})
}

func TestWhoComesBackAfterRetryAfterIsAdmitted(t *testing.T) {
	inBubble(t, func(rt *rapid.T) func() error {
		f, last := drawTraffic(rt), drawAsk(rt)
		return func() error {
			l := f.warm()
			all := f.serveAll(l)
			return errors.Join(f.comeBack(l, last), f.finish(all))
		}
	})
}

func TestRetryAfterAllowsForCallsThatHaveJustStartedThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := traffic{limits: limit.Limits{PerMinute: 10, Concurrent: 2}, answer: 200 * time.Millisecond, asks: []ask{
			{room: time.Millisecond, caller: "ann", calls: 1},
			{room: time.Millisecond, caller: "ann", calls: 1},
			{room: 400 * time.Millisecond, caller: "ann", calls: 1},
			{room: 300 * time.Second, caller: "ann", calls: 25},
		}}
		l := f.warm()
		all := f.serveAll(l)
		if err := f.comeBack(l, ask{room: 401 * time.Millisecond, caller: "bob", calls: 1}); err != nil {
			t.Error(err)
		}
		if err := f.finish(all); err != nil {
			t.Error(err)
		}
	})
}

func TestSlotsThatReturnTogetherStillShareTheConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(10, 10)
		spend(t, l, 10, 2*time.Second, limit.Answered)
		l.Configure(map[limit.Key]limit.Limits{titan: {PerMinute: 10, Concurrent: 1}})
		// Five slots return after 60 s, and the one connection answers one call in 2 s.
		if _, err := l.Plan(titan, limit.Limits{}, "ann", 5, in(69*time.Second)); fault.KindOf(err) != fault.Throttled {
			t.Errorf("five answers of 2 s in the 9 s that are left: %v", err)
		}
		if _, err := l.Plan(titan, limit.Limits{}, "ann", 5, in(71*time.Second)); err != nil {
			t.Errorf("five answers of 2 s in the 11 s that are left: %v", err)
		}
	})
}

func TestOneConnectionServesOneCallAtATimeForAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(100, 1)
		spend(t, l, 1, 2*time.Second, limit.Answered)
		planned(t, l, "ann", 90)
		if _, err := l.Plan(titan, limit.Limits{}, "bob", 20, in(150*time.Second)); fault.KindOf(err) != fault.Throttled {
			t.Errorf("110 answers of 2 s in 150 s: %v", err)
		}
		if _, err := l.Plan(titan, limit.Limits{}, "bob", 20, in(225*time.Second)); err != nil {
			t.Errorf("110 answers of 2 s in 225 s: %v", err)
		}
	})
}

// comeBack sends a request, and once more after the time that a refusal names.
func (f traffic) comeBack(l *limit.Limiter, a ask) error {
	s, err := f.serve(l, a)
	if err != nil && fault.KindOf(err) != fault.Throttled {
		return nil // impossible, which another property looks at
	}
	if err != nil {
		wait := fault.From(err).RetryAfter
		time.Sleep(wait)
		if s, err = f.serve(l, a); err != nil {
			return fmt.Errorf("came back after %v: %w", wait, err)
		}
	}
	return s.finish(f.answer)
}

func TestOnAnIdleQuotaARequestFitsOrIsImpossible(t *testing.T) {
	inBubble(t, func(rt *rapid.T) func() error {
		f, a := drawTraffic(rt), drawAsk(rt)
		a.calls = rapid.IntRange(1, 400).Draw(rt, "many calls")
		return func() error {
			s, err := f.serve(f.warm(), a)
			if err == nil {
				return s.finish(f.answer)
			}
			if fault.KindOf(err) == fault.Invalid && a.calls > min(f.limits.PerMinute, f.limits.Concurrent) {
				return nil
			}
			return err
		}
	})
}

func TestImpossibleRequestsNameTheLimitAndTheMostThatItAllows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(1500, 1500)
		_, err := l.Plan(titan, limit.Limits{}, "ann", 3000, in(30*time.Second))
		f := fault.From(err)
		want := "the request needs 3000 calls to Amazon Bedrock; requests_per_min_limit 1500 allows at most 1500 within 30s"
		if f.Kind != fault.Invalid || f.Message != want || !strings.Contains(f.Remedy, "raise requests_per_min_limit") {
			t.Errorf("%v: %v", f.Kind, f)
		}
		if s := l.State(titan); s.Waiting != 0 || s.Remaining != 1500 {
			t.Errorf("something was reserved: %+v", s)
		}
		_, err = limited(1500, 1).Plan(titan, limit.Limits{}, "ann", 3000, in(30*time.Second))
		if f := fault.From(err); f.Kind != fault.Invalid || !strings.Contains(f.Message, "max_concurrent_invocations 1 ") {
			t.Errorf("%v: %v", f.Kind, f)
		}
	})
}

func TestAFullQuotaAnswersWithTheTimeUntilItFits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(10, 10)
		spend(t, l, 10, time.Second, limit.Answered)
		time.Sleep(20 * time.Second)
		_, err := l.Plan(titan, limit.Limits{}, "ann", 1, in(30*time.Second))
		f := fault.From(err)
		if f.Kind != fault.Throttled || f.RetryAfter != 12*time.Second { // 40 s until a slot, 1 s for the answer, 30 s allowed
			t.Errorf("%v, retry after %v: %v", f.Kind, f.RetryAfter, f)
		}
		if _, err := l.Plan(titan, limit.Limits{}, "ann", 1, in(42*time.Second)); err != nil {
			t.Errorf("with time enough: %v", err)
		}
	})
}

func TestADeadlineThatIsOverIsNotThrottling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(10, 10)
		for _, past := range []time.Time{time.Now(), in(-time.Hour), time.Unix(0, 0), time.Time{}.Add(1)} {
			if _, err := l.Plan(titan, limit.Limits{}, "ann", 1, past); fault.KindOf(err) != fault.Deadline {
				t.Errorf("deadline %v: %v", past, err)
			}
		}
	})
}

func TestARequestThatComesAfterItsKeyIsGoneIsServedUnderItsOwnLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, gone := limited(10, 10), limit.Key{Region: "eu-west-1"}
		own := limit.Limits{PerMinute: 2, Concurrent: 2}
		if _, err := l.Plan(gone, own, "ann", 5, in(time.Minute)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("five calls where two are allowed: %v", err)
		}
		if s := l.State(gone); s != (limit.State{}) {
			t.Errorf("a refused request left %+v", s)
		}
		p, err := l.Plan(gone, own, "ann", 2, in(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		for _, lease := range acquired(t, p, 2) {
			lease.Done(limit.Answered)
		}
		p.Close()
		if s := l.State(gone); s.Limit != 2 || s.Remaining != 0 {
			t.Errorf("%+v, want both of 2 spent", s)
		}
		time.Sleep(2 * time.Minute)
		if s := l.State(gone); s != (limit.State{}) {
			t.Errorf("%+v is kept for ever", s)
		}
	})
}

func TestAPlanWithoutCallsIsAlwaysAdmitted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(1, 1)
		spend(t, l, 1, time.Second, limit.Answered)
		p, err := l.Plan(titan, limit.Limits{}, "ann", 0, in(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		p.Close()
	})
}

func TestOneSlowAnswerIsForgottenAfterManyFastOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(1000, 1)
		admits := func() error { // 50 calls one after the other, in 20 s
			p, err := l.Plan(titan, limit.Limits{}, "ann", 50, in(20*time.Second))
			if err == nil {
				p.Close()
			}
			return err
		}
		spend(t, l, 1, time.Minute, limit.Answered)
		if err := admits(); err == nil {
			t.Error("admitted as if AWS had answered fast")
		}
		for range 100 {
			spend(t, l, 1, 100*time.Millisecond, limit.Answered)
		}
		if err := admits(); err != nil {
			t.Errorf("one slow answer is held against it for ever: %v", err)
		}
	})
}
