package tenant_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/tenant"
)

// The whole machine: in each state, what a probe or an exchange leads to.
func TestTheStatesOfAnEnvironment(t *testing.T) {
	// How a state is reached from a new environment with a role.
	reach := map[string][]string{
		"pending":             {},
		"ready":               {"safe"},
		"unsafe":              {"open"},
		"failing":             {"safe", "Throttling"},   // was seen safe, and AWS did not refuse it since
		"failing, refused":    {"safe", "AccessDenied"}, // what the role lets in is not known any more
		"failing, never seen": {"Throttling"},
	}
	after := func(t *testing.T, events ...string) string {
		s := newServer(t)
		e := s.environment("prod")
		for _, what := range events {
			switch what {
			case "safe", "open", "unknown":
				e = s.probed(e.ID, tenant.Verdict(what))
			default:
				e = s.did(e.ID, what)
			}
		}
		probed := ", probed"
		if e.Probed.IsZero() {
			probed = ""
		}
		return string(e.State) + probed
	}
	for from, want := range map[string]map[string]string{
		"pending": {
			"safe": "ready, probed", "open": "unsafe", "unknown": "pending",
			"ok": "pending", "Throttling": "failing", "AccessDenied": "failing",
		},
		"ready": {
			"safe": "ready, probed", "open": "unsafe, probed", "unknown": "ready, probed",
			"ok": "ready, probed", "Throttling": "failing, probed", "AccessDenied": "failing",
		},
		"unsafe": {
			"safe": "ready, probed", "open": "unsafe", "unknown": "unsafe",
			"ok": "unsafe", "Throttling": "unsafe", "AccessDenied": "unsafe",
		},
		"failing": {
			"safe": "failing, probed", "open": "unsafe, probed", "unknown": "failing, probed",
			"ok": "ready, probed", "Throttling": "failing, probed", "AccessDenied": "failing",
		},
		// A role that refused us and takes us again was changed: it is probed as a new one.
		"failing, refused": {
			"safe": "failing", "open": "unsafe", "unknown": "failing",
			"ok": "pending", "Throttling": "failing", "InvalidIdentityToken": "failing",
		},
		"failing, never seen": {"safe": "failing", "open": "unsafe", "unknown": "failing", "ok": "pending", "AccessDenied": "failing"},
	} {
		for event, state := range want {
			t.Run(from+" "+event, func(t *testing.T) {
				if got := after(t, append(append([]string{}, reach[from]...), event)...); got != state {
					t.Errorf("%q, want %q", got, state)
				}
			})
		}
	}
}

func TestWhenAnEnvironmentMayBeUsed(t *testing.T) {
	s := newServer(t)
	none, _, err := s.CreateEnvironment(t.Context(), admin(), s.acme.ID, tenant.EnvironmentInput{Name: "none", Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	if got := code(none.Usable()); got != "environment_without_role" || none.NeedsProbe() {
		t.Errorf("without a role: %q", got)
	}
	e := s.environment("prod")
	if got := code(e.Usable()); got != "environment_pending" || !e.NeedsProbe() {
		t.Errorf("pending: %q", got)
	}
	e = s.probed(e.ID, tenant.Safe)
	if err := e.Usable(); err != nil || e.NeedsProbe() {
		t.Errorf("ready: %v", err)
	}
	e = s.did(e.ID, "Throttling")
	if err := e.Usable(); err != nil {
		t.Errorf("failing: %v", err)
	}
	e = s.probed(e.ID, tenant.Open)
	if got := code(e.Usable()); got != "environment_unsafe" || e.Why == "" {
		t.Errorf("unsafe: %q", got)
	}
	e, err = s.Accept(t.Context(), admin(), e.ID, "a sandbox account without data")
	if err != nil || e.Usable() != nil {
		t.Errorf("accepted: %v %v", err, e.Usable())
	}
}

func TestAnAcceptanceIsForOneRoleAndEndsWhenTheRoleIsMended(t *testing.T) {
	s := newServer(t)
	e := s.environment("prod")
	if _, err := s.Accept(t.Context(), admin(), e.ID, "there is nothing to accept"); code(err) != "not_unsafe" {
		t.Errorf("of a pending one: %v", err)
	}
	s.probed(e.ID, tenant.Open)
	for _, reason := range []string{"", "short", "with a line\nbreak in it"} {
		if _, err := s.Accept(t.Context(), admin(), e.ID, reason); code(err) != "invalid_input" {
			t.Errorf("%q: %v", reason, err)
		}
	}
	e, err := s.Accept(t.Context(), admin(), e.ID, "a sandbox account without data")
	if err != nil {
		t.Fatal(err)
	}
	want := &tenant.Acceptance{By: "key_1", Reason: "a sandbox account without data", At: s.clock(), RoleARN: roleARN}
	if d := cmp.Diff(want, e.Accepted); d != "" {
		t.Error(d)
	}
	if got := s.probed(e.ID, tenant.Open); got.Usable() != nil {
		t.Error("found open once more, as was accepted, and refused")
	}
	if got := s.probed(e.ID, tenant.Safe); got.Accepted != nil || got.State != tenant.Ready {
		t.Errorf("mended: %+v", got)
	}
	if got := s.probed(e.ID, tenant.Open); code(got.Usable()) != "environment_unsafe" {
		t.Error("open again: the former acceptance still holds")
	}
}

func TestAnAcceptanceOfAnotherRoleDoesNotHold(t *testing.T) {
	e := tenant.Environment{Name: "prod", RoleARN: roleARN, State: tenant.Unsafe, Accepted: &tenant.Acceptance{RoleARN: roleARN + "-former"}}
	if got := code(e.Usable()); got != "environment_unsafe" {
		t.Errorf("%q", got)
	}
}

func TestAnotherRoleRegionOrAudienceIsPendingAgain(t *testing.T) {
	for name, c := range map[string]struct {
		patch tenant.EnvironmentPatch
		want  tenant.State
	}{
		"role":            {tenant.EnvironmentPatch{RoleARN: ptr(roleARN + "2")}, tenant.Pending},
		"no role":         {tenant.EnvironmentPatch{RoleARN: ptr("")}, tenant.Pending},
		"role, as key":    {tenant.EnvironmentPatch{APIKey: ptr(roleARN + "2")}, tenant.Pending},
		"region":          {tenant.EnvironmentPatch{EndpointURL: ptr("eu-west-1")}, tenant.Pending},
		"first audience":  {tenant.EnvironmentPatch{Audiences: &[]string{"other", "bedrock"}}, tenant.Pending},
		"second audience": {tenant.EnvironmentPatch{Audiences: &[]string{"bedrock", "other"}}, tenant.Unsafe},
		"name":            {tenant.EnvironmentPatch{Name: ptr("renamed")}, tenant.Unsafe},
		"models":          {tenant.EnvironmentPatch{Models: &[]string{"cohere.embed-v4:0"}}, tenant.Unsafe},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			e := s.environment("prod")
			s.probed(e.ID, tenant.Safe)
			s.probed(e.ID, tenant.Open)
			if _, err := s.Accept(t.Context(), admin(), e.ID, "a sandbox account"); err != nil {
				t.Fatal(err)
			}
			got, _, err := s.UpdateEnvironment(t.Context(), admin(), s.acme.ID, "prod", c.patch)
			if err != nil {
				t.Fatal(err)
			}
			if got.State != c.want || (got.Accepted != nil) != (c.want == tenant.Unsafe) || got.Probed.IsZero() != (c.want == tenant.Pending) {
				t.Errorf("%s, accepted %v, probed %v", got.State, got.Accepted, got.Probed)
			}
		})
	}
}

func TestAFindingOfAFormerRoleCountsForNothing(t *testing.T) {
	s := newServer(t)
	e := s.environment("prod")
	e, err := s.Probed(t.Context(), audit.System(), e.ID, roleARN+"-former", tenant.Safe, "")
	if err != nil || e.State != tenant.Pending {
		t.Errorf("%s, %v", e.State, err)
	}
}

func TestRolesAreProbedDailyAndNotAskedInEveryRound(t *testing.T) {
	s := newServer(t)
	e := s.environment("prod")
	if _, _, err := s.CreateEnvironment(t.Context(), admin(), s.acme.ID, tenant.EnvironmentInput{Name: "none", Region: "us-east-1"}); err != nil {
		t.Fatal(err)
	}
	due := func() int {
		t.Helper()
		list, err := s.Due(s.clock())
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	steps := []struct {
		what string
		do   func()
		want int
	}{
		{"new", func() {}, 1},
		{"could not be told", func() { s.probed(e.ID, tenant.Unknown) }, 0},
		{"an hour later", func() { s.pass(time.Hour) }, 1},
		{"safe", func() { s.probed(e.ID, tenant.Safe) }, 0},
		{"hours later", func() { s.pass(23 * time.Hour) }, 0},
		{"a day later", func() { s.pass(time.Hour) }, 1},
		{"unsafe", func() { s.probed(e.ID, tenant.Open) }, 0},
		{"an hour later", func() { s.pass(time.Hour) }, 0},
		{"a day later", func() { s.pass(24 * time.Hour) }, 1},
	}
	for _, step := range steps {
		step.do()
		if got := due(); got != step.want {
			t.Errorf("%s: %d due, want %d", step.what, got, step.want)
		}
	}
}
