package federation_test

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/federation"
	"github.com/adit-hq/adit/internal/tenant"
)

// trust is an STS whose role lets in the subjects that allowed names.
func trust(allowed func(subject string) bool) func(call) reply {
	return func(c call) reply {
		if allowed(strings.Split(c.token, ".")[1]) {
			return reply{}
		}
		return denied()
	}
}

func exact(subject string) bool    { return subject == "env:"+org1+":"+env1 }
func wildcard(subject string) bool { return strings.HasPrefix(subject, "env:"+org1+":") }
func anybody(string) bool          { return true }
func nobody(string) bool           { return false }

func pending(s *stand) {
	s.change(env1, func(e *tenant.Environment) { e.State, e.Probed = tenant.Pending, time.Time{} })
}

func TestANewRoleIsProbedOnceBeforeItsFirstCallHoweverManyWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.sts.takes = 200 * time.Millisecond
		pending(s)
		s.sts.set(trust(exact))
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() { s.get(env1, by(org1, key(i%2))) })
		}
		wg.Wait()
		s.calls(3 + 2)
		if len(s.probes) != 1 || s.probes[0] != tenant.Safe {
			t.Fatalf("probes %+v", s.probes)
		}
		for _, c := range s.sts.seen()[1:3] {
			if c.session != "adit-probe-"+env1 || c.duration != "900" {
				t.Errorf("the role was tried with %+v", c)
			}
		}
	})
}

func TestTheVerdictOfAProbe(t *testing.T) {
	odd := func(c call) reply {
		if strings.HasPrefix(strings.Split(c.token, ".")[1], "env:org_0") {
			return reply{code: "SomethingNew", message: "?"}
		}
		return trust(exact)(c)
	}
	for name, c := range map[string]struct {
		role    func(call) reply
		verdict federation.Verdict
		kept    tenant.Verdict
		state   tenant.State
		code    string // of the caller's fault; "" for credentials
	}{
		"StringEquals":                     {trust(exact), federation.Refuses, tenant.Safe, tenant.Ready, ""},
		"StringLike env:ORGANIZATION:*":    {trust(wildcard), federation.Wide, tenant.Safe, tenant.Ready, ""},
		"no condition on the subject":      {trust(anybody), federation.Unsafe, tenant.Open, tenant.Unsafe, federation.CodeUnsafe},
		"another answer than AccessDenied": {odd, federation.Undecided, tenant.Unknown, tenant.Pending, federation.CodeUndecided},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStand(t)
				pending(s)
				s.sts.set(c.role)
				_, err := s.f.For(env1).Credentials(t.Context(), by(org1, key1))
				if len(s.probes) != 1 || s.probes[0] != c.kept {
					t.Errorf("kept %+v", s.probes)
				}
				if got, _ := s.environment(env1); got.State != c.state {
					t.Errorf("state %s", got.State)
				}
				if (err == nil) != (c.code == "") || err != nil && fault.From(err).Code != c.code {
					t.Errorf("the caller got %v", err)
				}
				if p, err := s.f.Probe(t.Context(), environment(org1, env1)); err != nil || p.Verdict != c.verdict || p.Why == "" {
					t.Errorf("probe %+v, %v", p, err)
				}
			})
		})
	}
}

func TestAnUnsafeRoleIsNotCalledUntilSomebodyAccepts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.sts.set(trust(anybody))
		s.get(env1, by(org1, key1))
		s.change(env1, func(e *tenant.Environment) { e.State, e.Why = tenant.Unsafe, "a probe got in" })
		if f := s.fails(env1, by(org1, key1)); f.Kind != fault.Forbidden || f.Code != federation.CodeUnsafe || !strings.Contains(f.Detail, "a probe got in") {
			t.Errorf("got %v", f)
		}
		s.calls(1)
		if s.f.Live() != 0 {
			t.Error("its credentials are kept")
		}
		s.change(env1, func(e *tenant.Environment) {
			e.Accepted = &tenant.Acceptance{RoleARN: "arn:aws:iam::111122223333:role/another"}
		})
		s.refused(env1, by(org1, key1))
		s.change(env1, func(e *tenant.Environment) { e.Accepted = &tenant.Acceptance{RoleARN: arn1} })
		s.get(env1, by(org1, key1))
		s.calls(2)
	})
}

func TestARoleThatRefusesTheEnvironmentItselfIsNotProvedSafe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		pending(s)
		s.sts.set(trust(nobody))
		for range 20 {
			if f := s.fails(env1, by(org1, key1)); f.Code != federation.CodeRoleRefuses {
				t.Errorf("got %v", f)
			}
			time.Sleep(time.Second)
		}
		s.calls(1)
		if len(s.probes) != 0 {
			t.Errorf("probes %+v", s.probes)
		}
		s.sts.set(trust(exact))
		time.Sleep(11 * time.Second)
		s.get(env1, by(org1, key1))
		s.calls(1 + 3 + 1)
	})
}

func TestARoleThatWasShutIsProbedAgainWhileOldCredentialsServe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		pending(s)
		s.sts.set(trust(exact))
		warm := s.get(env1, by(org1, key1))
		s.sts.set(trust(nobody))
		s.refused(env1, by(org1, key2))
		s.change(env1, func(e *tenant.Environment) { e.State, e.Probed = tenant.Failing, time.Time{} })
		if s.get(env1, by(org1, key1)).AccessKeyID != warm.AccessKeyID {
			t.Error("not served")
		}
		s.sts.set(trust(anybody)) // mended in haste, and too wide
		time.Sleep(50 * time.Second)
		if f := s.fails(env1, by(org1, key2)); f.Code != federation.CodeUnsafe {
			t.Errorf("got %v", f)
		}
	})
}

func TestProbesTellTheLedgerNothingOfTheEnvironmentsHealth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.sts.set(trust(exact))
		p, err := s.f.Probe(t.Context(), environment(org1, env1))
		if err != nil || p.Verdict != federation.Refuses || p.Own.Outcome != "AccessDenied" || p.Foreign.Outcome != "AccessDenied" || p.Own.Subject == p.Foreign.Subject {
			t.Fatalf("%+v, %v", p, err)
		}
		if len(s.did) != 1 || s.did[0].Outcome != "ok" || s.counts["AccessDenied"] != 0 {
			t.Errorf("told %+v, counted %v", s.did, s.counts)
		}
		var actions []string
		for _, e := range s.events {
			actions = append(actions, e.Action+" "+e.Outcome)
		}
		if got := strings.Join(actions, ", "); got != "sts.exchange ok, sts.probe AccessDenied, sts.probe AccessDenied" {
			t.Errorf("audited %s", got)
		}
		if strings.Contains(s.logged.String(), "WARN") {
			t.Errorf("what is as it should be is logged as a fault: %s", s.logged)
		}
	})
}
