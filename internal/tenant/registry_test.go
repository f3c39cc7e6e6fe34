package tenant_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/tenant"
)

func TestAnotherOrganizationsEnvironmentAndNoneAnswerAlike(t *testing.T) {
	s := newServer(t)
	e := s.environment("prod")
	other := s.organization("other")
	var answers []string
	for _, name := range []string{e.ID, "prod", "env_000000000000000000000000", "nowhere", ""} {
		_, err := s.Environment(other.ID, name)
		_, _, updated := s.UpdateEnvironment(t.Context(), admin(), other.ID, name, tenant.EnvironmentPatch{Name: ptr("x")})
		deleted := s.DeleteEnvironment(t.Context(), admin(), other.ID, name, 0, true)
		for _, err := range []error{err, updated, deleted} {
			if fault.KindOf(err) != fault.NotFound || code(err) != "environment_not_found" {
				t.Errorf("%q: %v", name, err)
				continue
			}
			answers = append(answers, err.Error())
		}
	}
	if slices.Sort(answers); len(slices.Compact(answers)) != 1 {
		t.Errorf("different answers: %q", answers)
	}
	if got, err := s.Environment(s.acme.ID, "prod"); err != nil || got.ID != e.ID {
		t.Errorf("its own: %v", err)
	}
	if got, err := s.EnvironmentID(s.acme.ID, e.ID); err != nil || got != e.ID {
		t.Errorf("by id: %v", err)
	}
}

func TestADeletedIDNeverComesAgain(t *testing.T) {
	s := newServer(t)
	seen := map[string]bool{}
	for range 200 {
		e := s.environment("prod")
		if seen[e.ID] {
			t.Fatalf("%s came again", e.ID)
		}
		seen[e.ID] = true
		if err := s.DeleteEnvironment(t.Context(), admin(), s.acme.ID, "prod", 0, false); err != nil {
			t.Fatal(err)
		}
		if _, err := s.EnvironmentByID(e.ID); code(err) != "environment_not_found" {
			t.Fatalf("after deletion: %v", err)
		}
	}
	if _, rows := s.store.Rows(); len(rows) != 200 || rows[0].Deleted.IsZero() {
		t.Errorf("%d tombstones", len(rows))
	}
}

func TestWhatIsInUseIsDeletedByForceOnly(t *testing.T) {
	s := newServer(t, func(s *tenant.Settings) {
		s.Uses = func(e tenant.Environment) []string { return []string{"API key search", "model titan of spicepod.yaml"} }
	})
	s.environment("prod")
	err := s.DeleteEnvironment(t.Context(), admin(), s.acme.ID, "prod", 0, false)
	if code(err) != "in_use" || !strings.Contains(err.Error(), "API key search, model titan of spicepod.yaml") {
		t.Errorf("%v", err)
	}
	err = s.DeleteOrganization(t.Context(), admin(), "acme", 0, false)
	if code(err) != "in_use" || !strings.Contains(err.Error(), "environment prod") {
		t.Errorf("%v", err)
	}
	if err := s.DeleteEnvironment(t.Context(), admin(), s.acme.ID, "prod", 0, true); err != nil {
		t.Error(err)
	}
	events := s.store.Audit.Events()
	if last := events[len(events)-1]; last.Details["forced"] != "true" || last.Details["uses"] == "" {
		t.Errorf("%+v", last)
	}
}

func TestAnOrganizationIsDeletedWithAllItHas(t *testing.T) {
	s := newServer(t)
	e := s.environment("prod")
	if err := s.DeleteOrganization(t.Context(), admin(), s.acme.ID, 0, true); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Organization("acme"); code(err) != "organization_not_found" {
		t.Errorf("%v", err)
	}
	if _, err := s.EnvironmentByID(e.ID); code(err) != "environment_not_found" {
		t.Errorf("%v", err)
	}
	want := []string{"organization.create", "environment.create", "organization.delete", "environment.delete"}
	if d := cmp.Diff(want, s.actions(0)); d != "" {
		t.Error(d)
	}
	if again := s.organization("acme"); again.ID == s.acme.ID {
		t.Error("the id came again")
	}
}

func TestEnvironmentsOfAnOrganizationThatIsGoneAreNotSeen(t *testing.T) {
	s := newServer(t)
	r := tenant.NewRegistry(tenant.Settings{})
	e := s.environment("prod")
	r.Set([]tenant.Organization{{ID: s.acme.ID, Name: "acme", Deleted: s.clock()}}, []tenant.Environment{e})
	if _, err := r.EnvironmentByID(e.ID); code(err) != "environment_not_found" {
		t.Errorf("%v", err)
	}
}

func TestAChangeIsAuditedWithOldAndNewValues(t *testing.T) {
	s := newServer(t)
	e := s.environment("prod")
	n := len(s.store.Audit.Events())
	_, _, err := s.UpdateEnvironment(t.Context(), admin(), s.acme.ID, e.ID, tenant.EnvironmentPatch{
		RoleARN: ptr(roleARN + "2"), Session: ptr(2 * time.Hour), Tags: &map[string]string{"team": "search"}, Name: ptr("prod"), Version: e.Version,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := audit.Event{
		Organization: s.acme.ID, Actor: admin(), Action: "environment.update", Target: e.ID, Outcome: "ok",
		Details: map[string]string{
			"changed":      "role_arn,session,tag.team",
			"old.role_arn": roleARN, "new.role_arn": roleARN + "2", "old.session": "1h0m0s", "new.session": "2h0m0s",
			"old.tag.team": "", "new.tag.team": "search",
		},
	}
	got := s.store.Audit.Events()[n:]
	if d := cmp.Diff([]audit.Event{want}, got, cmpopts.IgnoreFields(audit.Event{}, "Time")); d != "" {
		t.Error(d)
	}
	if _, _, err := s.UpdateEnvironment(t.Context(), admin(), s.acme.ID, e.ID, tenant.EnvironmentPatch{Name: ptr("prod")}); err != nil {
		t.Fatal(err)
	}
	if more := s.actions(n + 1); len(more) != 0 {
		t.Errorf("a patch that changes nothing: %v", more)
	}
}

func TestOrganizationsAreChangedAndAudited(t *testing.T) {
	s := newServer(t)
	o, err := s.UpdateOrganization(t.Context(), admin(), "acme", tenant.OrganizationPatch{PlainUsers: ptr(true), Description: ptr("tools")})
	if err != nil || !o.PlainUsers || o.Version != 2 {
		t.Fatalf("%+v, %v", o, err)
	}
	got := s.store.Audit.Events()[1]
	if got.Action != "organization.update" || got.Details["changed"] != "description,plain_users" || got.Organization != s.acme.ID {
		t.Errorf("%+v", got)
	}
	if _, err := s.UpdateOrganization(t.Context(), admin(), "acme", tenant.OrganizationPatch{Name: ptr("x"), Version: 1}); code(err) != "conflict" {
		t.Errorf("another version: %v", err)
	}
	s.organization("b")
	if _, err := s.UpdateOrganization(t.Context(), admin(), "acme", tenant.OrganizationPatch{Name: ptr("b")}); code(err) != "name_taken" {
		t.Errorf("a name that is taken: %v", err)
	}
}

func TestBothOrganizationsHearOfASharedRoleAndNeitherWhoTheOtherIs(t *testing.T) {
	s := newServer(t)
	first := s.environment("prod")
	other := s.organization("other")
	n := len(s.store.Audit.Events())
	second, advice, err := s.CreateEnvironment(t.Context(), admin(), other.ID, tenant.EnvironmentInput{Name: "stolen", Region: "eu-central-1", RoleARN: roleARN})
	if err != nil || len(advice) != 1 {
		t.Fatalf("%q, %v", advice, err)
	}
	if text := advice[0]; strings.Contains(text, "acme") || strings.Contains(text, s.acme.ID) {
		t.Errorf("the advice tells who: %q", text)
	}
	heard := map[string]string{}
	for _, e := range s.store.Audit.Events()[n:] {
		if e.Action != "role.shared" {
			continue
		}
		heard[e.Organization] = e.Target
		if e.Actor != audit.System() || e.Details["role_arn"] != roleARN || len(e.Details) != 1 {
			t.Errorf("%+v", e)
		}
	}
	if d := cmp.Diff(map[string]string{s.acme.ID: first.ID, other.ID: second.ID}, heard); d != "" {
		t.Error(d)
	}
	// Within one organization, and without a change of the role, there is nothing to tell.
	own := "arn:aws:iam::210987654321:role/own"
	for _, name := range []string{"one", "two"} {
		_, advice, err := s.CreateEnvironment(t.Context(), admin(), other.ID, tenant.EnvironmentInput{Name: name, Region: "eu-central-1", RoleARN: own})
		if err != nil || advice != nil {
			t.Errorf("%q, %v", advice, err)
		}
	}
	_, advice, err = s.UpdateEnvironment(t.Context(), admin(), other.ID, "stolen", tenant.EnvironmentPatch{Description: ptr("x")})
	if err != nil || advice != nil {
		t.Errorf("%q, %v", advice, err)
	}
}

func TestALostRaceIsRunAgainOnWhatTheOtherReplicaWrote(t *testing.T) {
	s := newServer(t)
	e := s.environment("prod")
	here := tenant.NewRegistry(tenant.Settings{Store: s.store})
	here.Set(s.store.Rows())
	if _, _, err := here.UpdateEnvironment(t.Context(), admin(), s.acme.ID, e.ID, tenant.EnvironmentPatch{Description: ptr("there")}); err != nil {
		t.Fatal(err)
	}
	got, _, err := s.UpdateEnvironment(t.Context(), admin(), s.acme.ID, e.ID, tenant.EnvironmentPatch{Name: ptr("here")})
	if err != nil || got.Description != "there" || got.Name != "here" || got.Version != 3 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, _, err := s.UpdateEnvironment(t.Context(), admin(), s.acme.ID, e.ID, tenant.EnvironmentPatch{Name: ptr("x"), Version: 1}); code(err) != "conflict" {
		t.Errorf("another version: %v", err)
	}
}

func TestWithoutFreshConfigurationNothingIsAnswered(t *testing.T) {
	stale := false
	s := newServer(t, func(s *tenant.Settings) {
		s.Fresh = func() error {
			if stale {
				return fault.New(fault.Unavailable, "stale").WithCode("state_stale")
			}
			return nil
		}
	})
	e := s.environment("prod")
	stale = true
	_, a := s.EnvironmentByID(e.ID)
	_, b := s.Organization("acme")
	_, c := s.Environments(s.acme.ID)
	_, d := s.Organizations()
	_, f := s.Environment(s.acme.ID, "prod")
	_, g := s.Due(s.clock())
	for i, err := range []error{a, b, c, d, f, g} {
		if code(err) != "state_stale" {
			t.Errorf("%d: %v", i, err)
		}
	}
}
