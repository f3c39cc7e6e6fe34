package limit_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/limit"
)

func TestThrottlingCutsTheRateOnceForCallsThatBeganBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(100, 100)
		leases := acquired(t, planned(t, l, "ann", 60), 60)
		for _, lease := range leases[:20] {
			lease.Done(limit.Answered)
		}
		leases[20].Done(limit.Throttled) // 20 answered, 39 in flight: 0.9*59 = 53
		if got := l.State(titan).Effective; got != 53 {
			t.Errorf("effective %d, want 53", got)
		}
		for _, lease := range leases[21:] {
			lease.Done(limit.Throttled)
		}
		if s := l.State(titan); s.Effective != 53 || s.Limit != 100 || s.Remaining != 0 {
			t.Errorf("%+v; the others began before the cut and tell nothing new", s)
		}
	})
}

func TestACutNeverTakesMoreThanHalfAndNeverTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for limited, want := range map[*limit.Limiter]int{limited(9, 9): 4, limited(2, 2): 1, limited(1, 1): 1} {
			acquired(t, planned(t, limited, "ann", 1), 1)[0].Done(limit.Throttled)
			if s := limited.State(titan); s.Effective != want {
				t.Errorf("%d of %d, want %d", s.Effective, s.Limit, want)
			}
		}
	})
}

func TestALoweredRateRecoversByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(100, 100)
		acquired(t, planned(t, l, "ann", 1), 1)[0].Done(limit.Throttled)
		for _, want := range []int{50, 55, 60, 66, 72, 79, 86, 94, 100, 100} {
			if got := l.State(titan).Effective; got != want {
				t.Errorf("effective %d, want %d", got, want)
			}
			time.Sleep(10 * time.Second)
		}
	})
}

func TestWaitingCallsStartWhenTheRateRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(20, 20)
		p := planned(t, l, "ann", 20)
		leases := acquired(t, p, 10)
		time.Sleep(time.Second)
		for _, lease := range leases {
			lease.Done(limit.Throttled) // effective 10, ten cooling
		}
		s := starting(t.Context(), p)
		if s.when() >= 0 {
			t.Error("started over the lowered rate")
		}
		time.Sleep(11 * time.Second)
		if s.when() != 10*time.Second {
			t.Errorf("started after %v, want 10s", s.when())
		}
	})
}

func TestRetryAfterUnderALoweredRateCountsOnItsRecovery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(40, 40)
		for range 5 {
			acquired(t, planned(t, l, "ann", 1), 1)[0].Done(limit.Throttled)
			if l.State(titan).Remaining == 0 {
				break
			}
		}
		_, err := l.Plan(titan, limit.Limits{}, "ann", 40, in(20*time.Second))
		f := fault.From(err)
		if f.Kind != fault.Throttled || !strings.Contains(f.Message, "because AWS throttled") {
			t.Fatalf("%v: %v", f.Kind, f)
		}
		if f.RetryAfter > 6*time.Minute {
			t.Errorf("retry after %v, long after the rate has recovered", f.RetryAfter)
		}
		time.Sleep(f.RetryAfter)
		if _, err := l.Plan(titan, limit.Limits{}, "ann", 40, in(20*time.Second)); err != nil {
			t.Errorf("after %v: %v", f.RetryAfter, err)
		}
	})
}

func TestACutIsLoggedWithTheKeyAndBothRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		l := limit.New(slog.New(slog.NewTextHandler(&out, nil)))
		l.Configure(map[limit.Key]limit.Limits{titan: {PerMinute: 100, Concurrent: 10}})
		spend(t, l, 1, time.Second, limit.Throttled)
		for _, want := range []string{titan.String(), "requests_per_minute=50", "before=100"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("the log lacks %q: %s", want, out.String())
			}
		}
	})
}
