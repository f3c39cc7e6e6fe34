package federation_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/federation"
)

func key(i int) string { return fmt.Sprintf("key_%024x", i) }

func TestAFailingRoleCostsOneCallIn30SecondsHoweverManyCallersThereAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.sts.takes = 100 * time.Millisecond
		s.sts.set(always(denied()))
		begun := time.Now()
		for time.Since(begun) < 10*time.Minute {
			var wg sync.WaitGroup
			for i := range 60 {
				wg.Go(func() {
					if f := s.fails(env1, by(org1, key(i))); f.Kind != fault.Refused || f.RetryAfter <= 0 || f.RetryAfter > 50*time.Second {
						t.Errorf("got %v, retry after %v", f, f.RetryAfter)
					}
				})
			}
			wg.Wait()
			time.Sleep(time.Second)
		}
		if n := s.sts.count(); n < 10 || n > 20 {
			t.Errorf("%d calls in 10 minutes", n)
		}
	})
}

func TestARoleThatIsMendedServesEverybodyWithinHalfAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.sts.set(always(denied()))
		s.refused(env1, by(org1, key1))
		s.sts.set(nil)
		time.Sleep(20 * time.Second)
		if f := s.fails(env1, by(org1, key1)); f.RetryAfter != 10*time.Second {
			t.Errorf("retry after %v", f.RetryAfter)
		}
		s.calls(1)
		time.Sleep(10 * time.Second)
		s.get(env1, by(org1, key1))
		s.calls(2)
	})
}

func TestOneRefusedSessionDoesNotShutOutTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.sts.set(func(c call) reply {
			if strings.Contains(c.session, key1) { // as a condition on sts:RoleSessionName does
				return denied()
			}
			return reply{}
		})
		for range 600 {
			_, _ = s.f.For(env1).Credentials(t.Context(), by(org1, key1))
			time.Sleep(100 * time.Millisecond)
		}
		begun := time.Now()
		for i := range 20 {
			for {
				_, _ = s.f.For(env1).Credentials(t.Context(), by(org1, key1)) // always a little earlier
				if _, err := s.f.For(env1).Credentials(t.Context(), by(org1, key(i))); err == nil {
					break
				}
				if time.Since(begun) > time.Minute {
					t.Fatal("the others are shut out")
				}
				time.Sleep(100 * time.Millisecond)
			}
		}
		if took := time.Since(begun); took > 31*time.Second {
			t.Errorf("the others waited %v", took)
		}
		time.Sleep(46 * time.Second)
		s.get(env1, by(org1, key(30)))
		told := len(s.did)
		s.refused(env1, by(org1, key1))
		if len(s.did) != told {
			t.Errorf("the environment is told to fail: %+v", s.did[told:])
		}
	})
}

func TestColdSessionsWaitForTheFirstAndThenAllGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.sts.takes = time.Second
		begun := time.Now()
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() { s.get(env1, by(org1, key(i))) })
		}
		wg.Wait()
		if took := time.Since(begun); took > 3*time.Second {
			t.Errorf("100 sessions took %v", took)
		}
		s.calls(100)
	})
}

func TestCallsToSTSKeepTheirBudgetOfTheAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, func(set *federation.Settings) { set.CallsPerSecond = 10 })
		begun := time.Now()
		var wg sync.WaitGroup
		for i := range 120 {
			wg.Go(func() { s.get(env1, by(org1, key(i))) })
		}
		wg.Wait()
		if took := time.Since(begun); took < 9*time.Second || took > 11*time.Second {
			t.Errorf("120 calls at 10 a second (20 at once) took %v", took)
		}
	})
}

func TestRetriesHaveABudgetOfTheirOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.get(env1, by(org1, key1))
		s.sts.set(always(throttled()))
		var wg sync.WaitGroup
		for i := range 60 {
			wg.Go(func() { s.refused(env1, by(org1, key(i))) })
		}
		wg.Wait()
		if n := s.sts.count(); n > 260 {
			t.Errorf("%d calls for 200 exchanges", n)
		}
	})
}

func TestSettleWaitsForARoleThatWasMadeAMomentAgo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		begun := time.Now()
		s.sts.set(func(call) reply {
			switch since := time.Since(begun); {
			case since < 5*time.Second:
				return reply{code: "InvalidIdentityToken", message: "No OpenIDConnect provider found in your account for https://id.example.com"}
			case since < 20*time.Second:
				return denied()
			}
			return reply{}
		})
		told, creds, err := s.f.Settle(t.Context(), environment(org1, env1), by(org1, key1))
		if err != nil || creds.AccessKeyID == "" || told.Calls < 4 || told.Calls > 8 || told.Outcome != "ok" {
			t.Errorf("got %+v, %v", told, err)
		}

		s.sts.set(always(denied()))
		begun = time.Now()
		_, _, err = s.f.Settle(t.Context(), environment(org1, env1), by(org1, key1))
		if took := time.Since(begun); fault.From(err).Code != federation.CodeRoleRefuses || took > federation.SettleTime || took < 50*time.Second {
			t.Errorf("gave up after %v: %v", took, err)
		}
	})
}

func TestTheUncachedExchangeTellsWhatItSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.sts.ahead = 90 * time.Second
		s.sts.set(always(denied()))
		told, creds, err := s.f.Exchange(t.Context(), environment(org1, env1), by(org1, key1))
		if err == nil || creds.AccessKeyID != "" {
			t.Fatal("no error")
		}
		if told.Subject != "env:"+org1+":"+env1 || told.KID != "kid-1" || told.Audience != "bedrock" || told.JTI != "tok_1" || told.RoleARN != arn1 ||
			told.Outcome != "AccessDenied" || told.RequestID != "request-1" || told.Calls != 1 || told.ClockOffset == nil || *told.ClockOffset != 90 {
			t.Errorf("told %+v", told)
		}
	})
}
