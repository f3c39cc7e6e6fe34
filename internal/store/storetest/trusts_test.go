package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/budget"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/store"
	"github.com/adit-hq/adit/internal/trust"
)

func trustStories() []story {
	return []story{
		{"a trusted issuer comes back, is changed and revoked", trustLife},
		{"the last use of a trusted issuer only moves on", trustUsed},
		{"deleting an organization revokes its trusted issuers and takes its budgets", trustsGo},
	}
}

func budgetStories() []story {
	return []story{
		{"a budget comes back, is changed and deleted", budgetLife},
		{"a target has one budget a period", oneBudget},
		{"a budget goes with its environment", budgetsGo},
	}
}

func trustLife(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o, other := newOrganization(t, s, "acme"), newOrganization(t, s, "other")
	full, bare := Trust(o.ID, "github"), trust.Issuer{ID: "tru_bare", Organization: o.ID, Name: "bare", Environments: []string{}}
	before := revision(t, s)
	must(t, s.CreateTrust(t.Context(), full, Event(o.ID, "trust.create")))
	must(t, s.CreateTrust(t.Context(), bare))
	must(t, s.CreateTrust(t.Context(), Trust(other.ID, "github")))
	if after := revision(t, s); after != before+3 {
		t.Errorf("three changes raised the revision by %d", after-before)
	}
	wantTrust(t, s, full.ID, full)
	wantTrust(t, s, bare.ID, bare)

	wantFault(t, s.CreateTrust(t.Context(), Trust(o.ID, "github")), fault.Invalid, "name_taken")
	wantFault(t, s.CreateTrust(t.Context(), Trust("org_never", "github")), fault.NotFound, "organization_not_found")
	hostile := Trust(o.ID, "x")
	hostile.Subject = "a\x00"
	wantFault(t, s.CreateTrust(t.Context(), hostile), fault.Invalid, "bad_text")
	foreign := full
	foreign.Organization = other.ID
	wantFault(t, s.UpdateTrust(t.Context(), foreign), fault.NotFound, "trusted_issuer_not_found")

	next := Trust("", "gitlab")
	next.ID, next.Organization, next.URL, next.Subject, next.Tags, next.Environments = full.ID, full.Organization, "https://gitlab.com", "project_path:acme/*", nil, nil
	must(t, s.UpdateTrust(t.Context(), next))
	wantFault(t, s.UpdateTrust(t.Context(), full), fault.Invalid, "conflict")
	next.Version = 2
	wantTrust(t, s, full.ID, next)
	next.Revoked = Now()
	must(t, s.UpdateTrust(t.Context(), next))
	next.Version, next.Revoked = 3, time.Time{}
	wantFault(t, s.UpdateTrust(t.Context(), next), fault.NotFound, "trusted_issuer_not_found")
	wantFault(t, s.CreateTrust(t.Context(), full), fault.Internal, "id_taken")
	must(t, s.CreateTrust(t.Context(), Trust(o.ID, "gitlab")))
	for _, i := range snapshot(t, s).Trusted {
		if i.ID == full.ID {
			t.Error("a revoked one is in the snapshot")
		}
	}
}

func wantTrust(t *testing.T, s *store.Store, id string, want trust.Issuer) {
	t.Helper()
	var got trust.Issuer
	for _, i := range snapshot(t, s).Trusted {
		if i.ID == id {
			got = i
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the trusted issuer (-want +got):\n%s", diff)
	}
}

func trustUsed(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o := newOrganization(t, s, "acme")
	i, never := Trust(o.ID, "a"), Trust(o.ID, "b")
	must(t, s.CreateTrust(t.Context(), i))
	must(t, s.CreateTrust(t.Context(), never))
	before := revision(t, s)
	for _, at := range []time.Time{Now(), Now().Add(time.Hour), Now().Add(time.Minute)} {
		must(t, s.SetTrustUsed(t.Context(), map[string]time.Time{i.ID: at, "tru_never": at}))
	}
	got, err := s.TrustUsed(t.Context(), o.ID)
	must(t, err)
	if diff := cmp.Diff(map[string]time.Time{i.ID: Now().Add(time.Hour)}, got); diff != "" {
		t.Errorf("the last use (-want +got):\n%s", diff)
	}
	if got, err := s.TrustUsed(t.Context(), "org_other"); len(got) != 0 || err != nil || revision(t, s) != before {
		t.Errorf("another organization sees %v (%v), or the revision was raised", got, err)
	}
}

func trustsGo(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o, other := newOrganization(t, s, "acme"), newOrganization(t, s, "other")
	i, theirs, bound := Trust(o.ID, "a"), Trust(other.ID, "a"), Budget(other.ID, "")
	for _, err := range []error{
		s.CreateTrust(t.Context(), i), s.CreateTrust(t.Context(), theirs), s.CreateBudget(t.Context(), Budget(o.ID, "")), s.CreateBudget(t.Context(), bound),
		s.DeleteOrganization(t.Context(), o, forced(Now())),
	} {
		must(t, err)
	}
	n := snapshot(t, s)
	if diff := cmp.Diff([]any{[]trust.Issuer{theirs}, []budget.Budget{bound}}, []any{n.Trusted, n.Budgets}); diff != "" {
		t.Errorf("what is left (-want +got):\n%s", diff)
	}
	i.Version = 2 // the tombstone's
	wantFault(t, s.UpdateTrust(t.Context(), i), fault.NotFound, "trusted_issuer_not_found")
	wantFault(t, s.CreateTrust(t.Context(), Trust(o.ID, "b")), fault.NotFound, "organization_not_found")
	wantFault(t, s.CreateBudget(t.Context(), Budget(o.ID, "")), fault.NotFound, "organization_not_found")
}

func wantBudgets(t *testing.T, s *store.Store, want ...budget.Budget) {
	t.Helper()
	if diff := cmp.Diff(want, snapshot(t, s).Budgets); diff != "" {
		t.Errorf("the budgets (-want +got):\n%s", diff)
	}
}

func budgetLife(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o, other := newOrganization(t, s, "acme"), newOrganization(t, s, "other")
	b := Budget(o.ID, "")
	before := revision(t, s)
	must(t, s.CreateBudget(t.Context(), b, Event(o.ID, "budget.create")))
	wantBudgets(t, s, b)
	foreign := b
	foreign.Organization = other.ID
	wantFault(t, s.UpdateBudget(t.Context(), foreign), fault.NotFound, "budget_not_found")
	wantFault(t, s.DeleteBudget(t.Context(), foreign), fault.NotFound, "budget_not_found")

	b.Target, b.Period, b.Soft, b.Hard, b.Updated = "key_1", budget.Day, 0, 1, Now().Add(time.Hour)
	must(t, s.UpdateBudget(t.Context(), b))
	wantFault(t, s.UpdateBudget(t.Context(), b), fault.Invalid, "conflict")
	wantFault(t, s.DeleteBudget(t.Context(), b), fault.Invalid, "conflict")
	b.Version = 2
	wantBudgets(t, s, b)
	must(t, s.DeleteBudget(t.Context(), b, Event(o.ID, "budget.delete")))
	wantBudgets(t, s)
	wantFault(t, s.UpdateBudget(t.Context(), b), fault.NotFound, "budget_not_found")
	wantFault(t, s.CreateBudget(t.Context(), Budget(o.ID, "\x00")), fault.Invalid, "bad_text")
	if after := revision(t, s); after != before+3 {
		t.Errorf("three changes raised the revision by %d", after-before)
	}
}

func oneBudget(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o, other := newOrganization(t, s, "acme"), newOrganization(t, s, "other")
	day := Budget(o.ID, "key_1")
	day.Period = budget.Day
	for _, b := range []budget.Budget{Budget(o.ID, "key_1"), day, Budget(o.ID, ""), Budget(other.ID, "key_1")} {
		must(t, s.CreateBudget(t.Context(), b))
	}
	wantFault(t, s.CreateBudget(t.Context(), Budget(o.ID, "key_1")), fault.Invalid, "budget_exists")
	day.Period = budget.Month
	wantFault(t, s.UpdateBudget(t.Context(), day), fault.Invalid, "budget_exists")
	if n := len(snapshot(t, s).Budgets); n != 4 {
		t.Errorf("%d budgets, want 4", n)
	}
}

func budgetsGo(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o, other := newOrganization(t, s, "acme"), newOrganization(t, s, "other")
	env, kept, theirs := Environment(o.ID, "a"), Environment(o.ID, "b"), Environment(other.ID, "a")
	must(t, s.CreateEnvironment(t.Context(), env))
	must(t, s.CreateEnvironment(t.Context(), kept))
	must(t, s.CreateEnvironment(t.Context(), theirs))
	stays := Budget(o.ID, kept.ID)
	must(t, s.CreateBudget(t.Context(), Budget(o.ID, env.ID)))
	must(t, s.CreateBudget(t.Context(), stays))
	wantFault(t, s.CreateBudget(t.Context(), Budget(o.ID, theirs.ID)), fault.NotFound, "environment_not_found")
	must(t, s.DeleteEnvironment(t.Context(), env, forced(Now())))
	wantBudgets(t, s, stays)
	wantFault(t, s.CreateBudget(t.Context(), Budget(o.ID, env.ID)), fault.NotFound, "environment_not_found")
	moved := stays
	moved.Target = env.ID
	wantFault(t, s.UpdateBudget(t.Context(), moved), fault.NotFound, "environment_not_found")
	wantBudgets(t, s, stays)
}
