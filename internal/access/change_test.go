package access_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
)

func places(err error) (list []string) {
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) {
		return []string{fault.From(err).Param}
	}
	for _, each := range joined.Unwrap() {
		list = append(list, fault.From(each).Param)
	}
	return list
}

func TestAllFaultsOfAnInputAreToldAtOnce(t *testing.T) {
	s := newServer(t)
	_, _, err := s.keys.Create(t.Context(), access.By{Principal: access.System()}, access.Input{
		Organization: orgA, Name: " spaced ", Roles: []access.Role{access.Invoke, access.Invoke},
		Environments: []string{"prod", "nowhere"}, Models: []string{"with space"},
		Limits:  caller.Limits{PerMinute: -1, Concurrent: -1},
		Tags:    map[string]string{"aws:x": "1", "Key": "2", "a": "b\n", "team": "ok"},
		Expires: s.clock(),
	})
	want := []string{
		"name", "roles", "environments", "models", "limits.requests_per_minute", "limits.max_concurrent", "tags", "tags", "tags", "expires",
	}
	if d := cmp.Diff(want, places(err)); d != "" {
		t.Errorf("%s\n%v", d, err)
	}
	f := fault.From(err)
	var joined interface{ Unwrap() []error }
	if f.Kind != fault.Invalid || !errors.As(err, &joined) {
		t.Fatalf("%v", err)
	}
	for _, each := range joined.Unwrap() {
		if !strings.Contains(f.Message, fault.From(each).Message) {
			t.Errorf("the sentence %q does not tell of %v", f.Message, each)
		}
	}
	if len(s.store.Things()) != 0 {
		t.Error("something was written")
	}
}

func TestWhichRolesGoTogether(t *testing.T) {
	s := newServer(t)
	for i, c := range []struct {
		organization string
		roles        []access.Role
		good         bool
	}{
		{orgA, nil, true},
		{orgA, []access.Role{access.Invoke, access.Credentials}, true},
		{orgA, []access.Role{access.Admin, access.Invoke}, true},
		{"", []access.Role{access.Operator}, true},
		{orgA, []access.Role{access.Owner, access.Admin}, false},
		{orgA, []access.Role{access.Developer, access.Auditor}, false},
		{orgA, []access.Role{access.Operator}, false},
		{"", []access.Role{access.Operator, access.Invoke}, false},
		{"", []access.Role{access.Invoke}, false},
	} {
		_, _, err := s.keys.Create(t.Context(), access.By{Principal: access.System()},
			access.Input{Organization: c.organization, Name: fmt.Sprintf("k%d", i), Roles: c.roles})
		if (err == nil) != c.good {
			t.Errorf("%v in %q: %v", c.roles, c.organization, err)
		}
	}
}

func TestAKeyThatAdministersCannotBeBoundToEnvironmentsOrModels(t *testing.T) {
	s := newServer(t)
	for _, r := range []access.Role{access.Owner, access.Admin, access.Auditor} {
		_, _, err := s.keys.Create(t.Context(), access.By{Principal: access.System()},
			access.Input{Organization: orgA, Name: "k", Roles: []access.Role{r}, Environments: []string{"prod"}, Models: []string{"m"}})
		if d := cmp.Diff([]string{"environments", "models"}, places(err)); d != "" {
			t.Errorf("%s: %s", r, d)
		}
	}
}

func TestAStarAndNoListMeanAllButAnEmptyListIsAFault(t *testing.T) {
	s := newServer(t)
	k, _ := s.create(access.Input{Organization: orgA, Name: "all", Environments: []string{"*"}, Models: []string{"*"}})
	if k.Environments != nil || k.Models != nil {
		t.Errorf("%v %v", k.Environments, k.Models)
	}
	_, _, err := s.keys.Create(t.Context(), access.By{Principal: access.System()},
		access.Input{Organization: orgA, Name: "none", Environments: []string{}})
	if code(err) != "invalid_input" {
		t.Errorf("%v", err)
	}
}

func TestWhoMayNotGiveTheRolesChangesNothing(t *testing.T) {
	s := newServer(t)
	owned, _ := s.make(orgA, access.Owner)
	foreign, _ := s.make(orgB)
	small, _ := s.make(orgA)
	admin := s.by(orgA, access.Admin)
	name := "other"
	for what, err := range map[string]error{
		"creates an admin":      third(s.keys.Create(t.Context(), admin, access.Input{Organization: orgA, Name: "x", Roles: []access.Role{access.Admin}})),
		"creates an operator":   third(s.keys.Create(t.Context(), admin, access.Input{Name: "x", Roles: []access.Role{access.Operator}})),
		"creates in another":    third(s.keys.Create(t.Context(), admin, access.Input{Organization: orgB, Name: "x"})),
		"renames an owner":      second(s.keys.Update(t.Context(), admin, orgA, owned.ID, access.Patch{Name: &name})),
		"rotates an owner":      third(s.keys.Rotate(t.Context(), admin, orgA, owned.ID, 0)),
		"revokes an owner":      s.keys.Revoke(t.Context(), admin, orgA, owned.ID, 0),
		"rotates a foreign one": third(s.keys.Rotate(t.Context(), admin, orgB, foreign.ID, 0)),
		"makes itself an owner": second(s.keys.Update(t.Context(), admin, orgA, admin.Principal.Key.ID, access.Patch{Roles: &[]access.Role{access.Owner}})),
		"makes one an admin":    second(s.keys.Update(t.Context(), admin, orgA, small.ID, access.Patch{Roles: &[]access.Role{access.Admin}})),
		"a developer creates":   third(s.keys.Create(t.Context(), s.by(orgA, access.Developer), access.Input{Organization: orgA, Name: "x"})),
	} {
		if fault.KindOf(err) != fault.Forbidden || code(err) != "role_not_yours" {
			t.Errorf("%s: %v", what, err)
		}
	}
	// What lies in another organization cannot be reached through one's own either.
	for what, err := range map[string]error{
		"updates": second(s.keys.Update(t.Context(), admin, orgA, foreign.ID, access.Patch{Name: &name})),
		"rotates": third(s.keys.Rotate(t.Context(), admin, orgA, foreign.ID, 0)),
		"revokes": s.keys.Revoke(t.Context(), admin, orgA, foreign.ID, 0),
		"absent":  s.keys.Revoke(t.Context(), admin, orgA, "key_000000000000000000000000", 0),
	} {
		if fault.KindOf(err) != fault.NotFound || code(err) != "key_not_found" || strings.Contains(err.Error(), foreign.ID) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func second[A any](_ A, err error) error        { return err }
func third[A, B any](_ A, _ B, err error) error { return err }

func TestAnAdminWhoMayNotInvokeGivesKeysToInvokeWith(t *testing.T) {
	s := newServer(t)
	k, whole, err := s.keys.Create(t.Context(), s.by(orgA, access.Admin), access.Input{Organization: orgA, Name: "search"})
	if err != nil || !s.enters(whole) || k.Roles[0] != access.Invoke {
		t.Errorf("%v, %v", k.Roles, err)
	}
}

func TestARevokedKeyIsATombstoneWithoutSecrets(t *testing.T) {
	s := newServer(t)
	k, whole := s.make(orgA)
	if err := s.keys.Revoke(t.Context(), access.By{Principal: access.Principal{Key: k}}, orgA, k.Name, 0); err != nil {
		t.Fatal(err)
	}
	if s.enters(whole) {
		t.Error("it still works")
	}
	if _, err := s.keys.Key(orgA, k.ID); code(err) != "key_not_found" {
		t.Errorf("%v", err)
	}
	if kept := s.store.Things()[0]; kept.ID != k.ID || kept.Revoked.IsZero() || len(kept.Secrets) != 0 {
		t.Errorf("kept: %+v", kept)
	}
	if k2, _ := s.create(access.Input{Organization: orgA, Name: k.Name}); k2.ID == k.ID {
		t.Error("the id came again")
	}
}

func TestTheLastOperatorCannotLockEverybodyOut(t *testing.T) {
	s := newServer(t)
	first, _ := s.make("", access.Operator)
	by := access.By{Principal: access.Principal{Key: first}}
	soon := s.clock().Add(time.Hour)
	if err := s.keys.Revoke(t.Context(), by, "", first.ID, 0); code(err) != "in_use" {
		t.Errorf("revoked: %v", err)
	}
	if _, err := s.keys.Update(t.Context(), by, "", first.ID, access.Patch{Expires: &soon}); code(err) != "in_use" {
		t.Errorf("given an end: %v", err)
	}
	s.make("", access.Operator)
	if err := s.keys.Revoke(t.Context(), by, "", first.ID, 0); err != nil {
		t.Errorf("with another: %v", err)
	}
}

func TestAChangeIsAuditedWithItsFieldsAndNeverWithASecret(t *testing.T) {
	s := newServer(t)
	by := s.by(orgA, access.Owner)
	k, whole, err := s.keys.Create(t.Context(), by, access.Input{Organization: orgA, Name: "search", Tags: map[string]string{"team": "a"}})
	if err != nil {
		t.Fatal(err)
	}
	tags, name := map[string]string{"team": "b"}, "finder"
	if _, err := s.keys.Update(t.Context(), by, orgA, "search", access.Patch{Name: &name, Tags: &tags, Version: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.keys.Update(t.Context(), by, orgA, k.ID, access.Patch{Name: &name}); err != nil {
		t.Fatal(err)
	}
	_, second, err := s.keys.Rotate(t.Context(), by, orgA, k.ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.keys.Revoke(t.Context(), by, orgA, k.ID, 0); err != nil {
		t.Fatal(err)
	}
	actor := by.Principal.Actor("192.0.2.7")
	want := []audit.Event{
		{Action: "apikey.create", Details: map[string]string{"name": "search", "roles": "invoke", "tag.team": "a"}},
		{Action: "apikey.update", Details: map[string]string{
			"changed": "name,tag.team", "old.name": "search", "new.name": "finder", "old.tag.team": "a", "new.tag.team": "b",
		}},
		{Action: "apikey.rotate", Details: map[string]string{"overlap": "1h0m0s"}},
		{Action: "apikey.revoke", Details: map[string]string{"name": "finder"}},
	}
	for i := range want {
		want[i].Organization, want[i].Actor, want[i].Target, want[i].Outcome = orgA, actor, k.ID, "ok"
	}
	got := s.store.Audit.Events()[1:] // the first is the owner's
	if d := cmp.Diff(want, got, cmpopts.IgnoreFields(audit.Event{}, "Time")); d != "" {
		t.Error(d)
	}
	everything := fmt.Sprintf("%+v %+v", got, s.store.Things())
	for _, w := range []string{whole.Reveal(), second.Reveal()} {
		if part := w[30:73]; strings.Contains(everything, part) {
			t.Error("a secret is kept")
		}
	}
}

func TestAnUpdateOfAnotherVersionIsRefusedAndALostRaceIsRunAgain(t *testing.T) {
	s := newServer(t)
	by := access.By{Principal: access.System()}
	k, _ := s.make(orgA)
	a, b := "a", "b"
	if _, err := s.keys.Update(t.Context(), by, orgA, k.ID, access.Patch{Name: &a, Version: 7}); code(err) != "conflict" {
		t.Errorf("%v", err)
	}
	// Another replica changes the key, and this one has not heard of it.
	limits := caller.Limits{PerMinute: 5}
	other := newServer(t, func(o *access.Settings) { o.Store = s.store })
	other.keys.Set(s.store.Things())
	if _, err := other.keys.Update(t.Context(), by, orgA, k.ID, access.Patch{Limits: &limits}); err != nil {
		t.Fatal(err)
	}
	got, err := s.keys.Update(t.Context(), by, orgA, k.ID, access.Patch{Name: &b})
	if err != nil || got.Name != "b" || got.Limits != limits || got.Version != 3 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAKeyCanBeRenamedAfterItsEnvironmentWasDeletedAndItHasExpired(t *testing.T) {
	gone := tenants{}
	s := newServer(t, func(s *access.Settings) { s.Tenants = &gone })
	k, _ := s.create(access.Input{Organization: orgA, Name: "k", Environments: []string{"prod"}, Expires: s.clock().Add(time.Hour)})
	gone.deleted = prod
	s.pass(2 * time.Hour)
	name := "renamed"
	got, err := s.keys.Update(t.Context(), access.By{Principal: access.System()}, orgA, k.ID, access.Patch{Name: &name})
	if err != nil || got.Name != name || got.Environments[0] != prod {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestANameThatALiveKeyHasIsTaken(t *testing.T) {
	s := newServer(t)
	s.create(access.Input{Organization: orgA, Name: "k"})
	_, _, err := s.keys.Create(t.Context(), access.By{Principal: access.System()}, access.Input{Organization: orgA, Name: "k"})
	if code(err) != "name_taken" {
		t.Errorf("%v", err)
	}
	s.create(access.Input{Organization: orgB, Name: "k"})
}
