package federation_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/federation"
	"github.com/adit-hq/adit/internal/tenant"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAThousandColdCallersOfOneSessionMakeOneCallToSTS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.sts.takes = 300 * time.Millisecond
		var wg sync.WaitGroup
		for range 1000 {
			wg.Go(func() { s.get(env1, by(org1, key1)) })
		}
		wg.Wait()
		s.calls(1)
		c := s.sts.seen()[0]
		if c.host != "sts.eu-central-1.amazonaws.com" || c.role != arn1 || c.duration != "3600" || c.session != "adit-"+env1+"-"+key1 {
			t.Errorf("sent %+v", c)
		}
		got := s.get(env1, by(org1, key1))
		if got.Account != "111122223333" || got.Identity != "role:"+arn1+"/adit-"+env1+"-"+key1 || got.Source != "environment prod" || got.SecretAccessKey.Reveal() != "secret+of/"+got.AccessKeyID {
			t.Errorf("got %+v", got)
		}
		if want := time.Now().Add(time.Hour - 300*time.Millisecond); got.Expires.Sub(want).Abs() > time.Second {
			t.Errorf("expires %v, want about %v", got.Expires, want)
		}
	})
}

func TestTwoOrganizationsWithOneRoleNeverShareCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.sts.takes = 50 * time.Millisecond
		var wg sync.WaitGroup
		for i := range 1000 {
			org, env := org1, env1
			if i%2 == 1 {
				org, env = org2, env2
			}
			wg.Go(func() {
				got := s.get(env, by(org, key1))
				if subject := "env:" + org + ":" + env; !strings.Contains(s.sts.tokenOf(got.AccessKeyID), "."+subject+".") {
					t.Errorf("a caller of %s got the credentials of %s", subject, s.sts.tokenOf(got.AccessKeyID))
				}
			})
		}
		wg.Wait()
		s.calls(2)
	})
}

func TestACallerOfAnotherOrganizationGetsNothing(t *testing.T) {
	s := newStand(t)
	for name, c := range map[string]caller.Caller{
		"another organization's": by(org2, key1),
		"nobody":                 {},
		"not this environment":   {Organization: org1, Key: key1, Environments: []string{env2}},
	} {
		if f := s.fails(env1, c); f.Kind != fault.Forbidden {
			t.Errorf("%s: %v", name, f)
		}
	}
	s.calls(0)
}

func TestACallerThatLeavesDoesNotEndTheFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.sts.takes = 4 * time.Second
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := s.f.For(env1).Credentials(ctx, by(org1, key1))
		if fault.KindOf(err) != fault.Deadline {
			t.Errorf("err = %v", err)
		}
		s.get(env1, by(org1, key1))
		s.calls(1)
		if _, err := s.f.For(env1).Credentials(ctx, by(org1, key1)); err != nil {
			t.Errorf("what is in memory costs no time: %v", err)
		}
	})
}

func TestCredentialsAreRefreshedInTheBackgroundBeforeTheyEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		begun := time.Now()
		old := s.get(env1, by(org1, key1))
		for s.sts.count() == 1 {
			time.Sleep(10 * time.Second)
			s.get(env1, by(org1, key1))
		}
		if after := time.Since(begun); after < 33*time.Minute || after > 41*time.Minute {
			t.Errorf("refreshed after %v of an hour", after)
		}
		synctest.Wait()
		fresh := s.get(env1, by(org1, key1))
		if fresh.AccessKeyID == old.AccessKeyID || fresh.Identity != old.Identity {
			t.Errorf("got %v after %v", fresh.AccessKeyID, old.AccessKeyID)
		}
		s.calls(2)
	})
}

func TestOldCredentialsServeWhileSTSFailsAndTheyLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		old := s.get(env1, by(org1, key1))
		s.sts.set(always(throttled()))
		begun := time.Now()
		for time.Since(begun) < time.Hour-20*time.Second {
			if got := s.get(env1, by(org1, key1)); got.AccessKeyID != old.AccessKeyID {
				t.Fatal("other credentials")
			}
			time.Sleep(10 * time.Second)
		}
		if n := s.sts.count(); n < 5 || n > 150 {
			t.Errorf("%d calls while STS failed", n)
		}
		time.Sleep(time.Minute)
		if f := s.fails(env1, by(org1, key1)); f.Kind != fault.Unavailable || f.RetryAfter <= 0 || f.Code != federation.CodeBusy {
			t.Errorf("after their end: %+v", f)
		}
		s.sts.set(nil)
		time.Sleep(5 * time.Second)
		s.get(env1, by(org1, key1))
	})
}

func TestIdleSessionsAreNotRefreshedAndGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.get(env1, by(org1, key1))
		time.Sleep(59 * time.Minute)
		s.calls(1)
		if s.f.Live() != 1 {
			t.Error("gone while AWS still takes it")
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		s.calls(1)
		if s.f.Live() != 0 {
			t.Error("an ended session stays")
		}
	})
}

func TestAnIdleSessionThatIsUsedAgainIsRefreshedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		old := s.get(env1, by(org1, key1))
		time.Sleep(55 * time.Minute)
		if s.get(env1, by(org1, key1)).AccessKeyID != old.AccessKeyID {
			t.Error("the caller had to wait")
		}
		synctest.Wait()
		if s.get(env1, by(org1, key1)).AccessKeyID == old.AccessKeyID {
			t.Error("not refreshed")
		}
		s.calls(2)
	})
}

func TestCredentialsThatBedrockRefusesAreReplacedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		old := s.get(env1, by(org1, key1))
		time.Sleep(time.Minute)
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				s.f.For(env1).Drop(old)
				if s.get(env1, by(org1, key1)).AccessKeyID == old.AccessKeyID {
					t.Error("the dropped credentials are still served")
				}
			})
		}
		wg.Wait()
		s.calls(2)

		young := s.get(env1, by(org1, key1))
		s.f.For(env1).Drop(young)
		s.get(env1, by(org1, key1))
		s.calls(2) // AWS would refuse newer ones too; STS must not pay for it
	})
}

func TestADeletedEnvironmentIsRefusedAtOnceEvenToWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.sts.takes = 5 * time.Second
		waited := make(chan error)
		go func() {
			_, err := s.f.For(env1).Credentials(t.Context(), by(org1, key1))
			waited <- err
		}()
		time.Sleep(time.Second)
		s.remove(env1)
		if err := <-waited; fault.KindOf(err) != fault.NotFound {
			t.Errorf("who waited got %v", err)
		}
		begun := time.Now()
		if f := s.fails(env1, by(org1, key1)); f.Kind != fault.NotFound || time.Since(begun) != 0 {
			t.Errorf("got %v after %v", f, time.Since(begun))
		}
		s.calls(1)
		if s.f.Live() != 0 {
			t.Error("something is kept")
		}
	})
}

func TestAChangedRoleDropsWhatWasKeptAndWhatIsOnItsWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.get(env1, by(org1, key1))
		s.sts.takes = 5 * time.Second
		got := make(chan string)
		go func() { got <- s.get(env1, by(org1, key2)).Identity }()
		time.Sleep(time.Second)
		other := "arn:aws:iam::444455556666:role/Other"
		s.change(env1, func(e *tenant.Environment) { e.RoleARN = other })
		if id := <-got; !strings.HasPrefix(id, "role:"+other) {
			t.Errorf("who waited got %s", id)
		}
		if c := s.get(env1, by(org1, key1)); c.Account != "444455556666" {
			t.Errorf("account %s", c.Account)
		}
		s.calls(4)
	})
}

func TestAChangeCountsEvenBeforeItIsToldOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		unsaid := func(role string) {
			s.set(func() {
				e := s.envs[env1]
				e.RoleARN = role
				e.Version++
				s.envs[env1] = e
			})
		}
		s.get(env1, by(org1, key1))
		unsaid("arn:aws:iam::444455556666:role/Other")
		if got := s.get(env1, by(org1, key1)); got.Account != "444455556666" {
			t.Errorf("a caller got credentials of account %s", got.Account)
		}
		time.Sleep(30 * time.Minute)
		s.get(env1, by(org1, key1))
		unsaid("arn:aws:iam::777788889999:role/Third")
		time.Sleep(12 * time.Minute) // when a refresh of the former role is due
		synctest.Wait()
		s.calls(2)
		if s.f.Live() != 0 {
			t.Error("credentials of the former role are kept")
		}
	})
}

func TestAnEnvironmentReadBeforeAChangeDoesNotBringItBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.sts.takes = time.Second
		s.change(env1, func(e *tenant.Environment) { e.Region = "us-east-1" })
		s.get(env1, by(org1, key1))
		s.set(func() { // a database that was restored counts anew
			e := s.envs[env1]
			e.Version, e.Region = 1, "eu-west-1"
			s.envs[env1] = e
		})
		s.get(env1, by(org1, key1))
		if seen := s.sts.seen(); len(seen) != 2 || seen[1].host != "sts.eu-west-1.amazonaws.com" {
			t.Errorf("calls %+v", seen)
		}
	})
}

func TestAChangeThatConcernsNoCredentialsKeepsThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		old := s.get(env1, by(org1, key1))
		s.change(env1, func(e *tenant.Environment) { e.Description, e.Models = "new", []string{"m"} })
		if s.get(env1, by(org1, key1)).AccessKeyID != old.AccessKeyID {
			t.Error("dropped for nothing")
		}
	})
}

func TestATombstoneIsNoEnvironmentInForce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.get(env1, by(org1, key1))
		gone := environment(org1, env1)
		gone.Deleted = time.Now()
		s.f.Reconcile([]tenant.Environment{gone})
		if s.f.Live() != 0 {
			t.Error("a deleted environment's credentials are kept")
		}
	})
}

func TestForgettingAKeyDropsItsSessionsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.get(env1, by(org1, key1))
		kept := s.get(env1, by(org1, key2))
		s.f.ForgetKey(key1)
		if s.f.Live() != 1 || s.get(env1, by(org1, key2)).AccessKeyID != kept.AccessKeyID {
			t.Error("another key's session is gone")
		}
		s.f.Forget(env1)
		if s.f.Live() != 0 {
			t.Error("something is kept")
		}
	})
}

func TestTheDirectoryBeingAwayLeavesWhatIsServedInTheBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		old := s.get(env1, by(org1, key1))
		time.Sleep(35 * time.Minute)
		s.get(env1, by(org1, key1))
		s.set(func() { s.down = fault.New(fault.Unavailable, "the database is away").WithCode("state_stale") })
		time.Sleep(10 * time.Minute)
		if f := s.fails(env1, by(org1, key1)); f.Code != "state_stale" {
			t.Errorf("got %v", f)
		}
		s.set(func() { s.down = nil })
		if s.get(env1, by(org1, key1)).AccessKeyID != old.AccessKeyID {
			t.Error("the session was dropped")
		}
	})
}

func TestNothingIsServedAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.get(env1, by(org1, key1))
		s.sts.takes = time.Hour
		waited := make(chan error)
		go func() {
			_, err := s.f.For(env1).Credentials(t.Context(), by(org1, key2))
			waited <- err
		}()
		time.Sleep(time.Second)
		s.f.Close()
		if err := <-waited; fault.KindOf(err) != fault.Unavailable {
			t.Errorf("who waited got %v", err)
		}
		if f := s.fails(env1, by(org1, key1)); f.Kind != fault.Unavailable {
			t.Errorf("got %v", f)
		}
	})
}

func TestTheLifeOfCredentialsIsCountedByAWSsClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.sts.ahead = -2 * time.Hour // to this machine they would seem to have ended before they came
		old := s.get(env1, by(org1, key1))
		time.Sleep(30 * time.Minute)
		if s.get(env1, by(org1, key1)).AccessKeyID != old.AccessKeyID {
			t.Error("not served")
		}
		s.calls(1)
	})
}

func TestTheCanaryOfTheProcessNeverReachesAWS(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", canary)
	t.Setenv("AWS_SECRET_ACCESS_KEY", "CANARYSECRET")
	t.Setenv("AWS_SESSION_TOKEN", "CANARYTOKEN")
	t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/CANARY")
	t.Setenv("AWS_ROLE_ARN", "arn:aws:iam::999999999999:role/CANARY")
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1/CANARY")
	t.Setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1/CANARY")
	t.Setenv("AWS_REGION", "ca-CANARY-1")
	s := newStand(t) // whose STS looks for it in every request
	s.get(env1, by(org1, key1))
	if _, _, err := s.f.Exchange(t.Context(), environment(org1, env1), by(org1, key1)); err != nil {
		t.Error(err)
	}
	if _, err := s.f.Probe(t.Context(), environment(org1, env1)); err != nil {
		t.Error(err)
	}
	s.calls(5)
	for _, c := range s.sts.seen() {
		if c.host != "sts.eu-central-1.amazonaws.com" {
			t.Errorf("sent to %s", c.host)
		}
	}
}
