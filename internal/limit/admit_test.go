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
		_, err := l.Plan(titan, "ann", 3000, in(30*time.Second))
		f := fault.From(err)
		want := "the request needs 3000 calls to Amazon Bedrock; requests_per_min_limit 1500 allows at most 1500 within 30s"
		if f.Kind != fault.Invalid || f.Message != want || !strings.Contains(f.Remedy, "raise requests_per_min_limit") {
			t.Errorf("%v: %v", f.Kind, f)
		}
		if s := l.State(titan); s.Waiting != 0 || s.Remaining != 1500 {
			t.Errorf("something was reserved: %+v", s)
		}
		_, err = limited(1500, 1).Plan(titan, "ann", 3000, in(30*time.Second))
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
		_, err := l.Plan(titan, "ann", 1, in(30*time.Second))
		f := fault.From(err)
		if f.Kind != fault.Throttled || f.RetryAfter != 12*time.Second { // 40 s until a slot, 1 s for the answer, 30 s allowed
			t.Errorf("%v, retry after %v: %v", f.Kind, f.RetryAfter, f)
		}
		if _, err := l.Plan(titan, "ann", 1, in(42*time.Second)); err != nil {
			t.Errorf("with time enough: %v", err)
		}
	})
}

func TestADeadlineThatIsOverAndAKeyThatIsUnknownAreNotThrottling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(10, 10)
		for _, past := range []time.Time{time.Now(), in(-time.Hour), time.Unix(0, 0), time.Time{}.Add(1)} {
			if _, err := l.Plan(titan, "ann", 1, past); fault.KindOf(err) != fault.Deadline {
				t.Errorf("deadline %v: %v", past, err)
			}
		}
		if _, err := l.Plan(limit.Key{Region: "eu-west-1"}, "ann", 1, in(time.Minute)); err == nil || fault.KindOf(err) != fault.Internal {
			t.Errorf("unknown key: %v", err)
		}
	})
}

func TestAPlanWithoutCallsIsAlwaysAdmitted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(1, 1)
		spend(t, l, 1, time.Second, limit.Answered)
		p, err := l.Plan(titan, "ann", 0, in(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		p.Close()
	})
}
