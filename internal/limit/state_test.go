package limit_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/internal/limit"
)

func TestUsedCallsAreCountedWhoeverWaitsAndHoweverLowTheRateIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(100, 100)
		used := func(when string, want int) {
			t.Helper()
			if got := l.State(titan).Used; got != want {
				t.Errorf("%s: %d of %d, want %d", when, got, l.State(titan).Limit, want)
			}
		}
		used("at first", 0)
		spend(t, l, 100, 0, limit.Answered)
		used("with the limit used up", 100)
		for _, who := range []string{"ann", "bob", "cid"} {
			p, err := l.Plan(titan, limit.Limits{}, who, 30, time.Now().Add(10*time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			used("while "+who+" waits too", 100)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		l := limited(100, 40)
		spend(t, l, 1, 0, limit.Throttled)
		if s := l.State(titan); s.Used > 1 || s.Effective >= s.Limit {
			t.Errorf("after AWS throttled the only call: %+v", s)
		}
		time.Sleep(61 * time.Second)
		if s := l.State(titan); s.Used != 0 || s.Effective >= s.Limit {
			t.Errorf("a minute and a second later: %+v", s)
		}
	})
}
