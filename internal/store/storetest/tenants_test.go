package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/tenant"
)

func tenantStories() []story {
	return []story{
		{"what is written comes back as it was", roundTrip},
		{"an update changes every field that may change", updates},
		{"a taken name is refused until its owner is deleted", takenNames},
		{"an update of another version is a conflict", conflicts},
		{"a deleted id is never used again", reusedIDs},
		{"deleting an organization deletes what is its own", deletedOrganization},
		{"nothing is made in an organization that is absent or deleted", absentOrganization},
		{"an environment is not found under another organization", foreignOrganization},
		{"text that no database can hold is refused by name", hostileText},
	}
}

func roundTrip(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o, bare := Organization("acme"), tenant.Organization{ID: "org_bare", Name: "bare", Created: Now(), Version: 1}
	full, empty := Environment(o.ID, "production"), tenant.Environment{ID: "env_bare", Organization: o.ID, Name: "bare"}
	k, none := Key(o.ID, "ci"), access.Key{ID: "key_none", Organization: "", Name: "operator", Environments: []string{}, Models: []string{}, Tags: map[string]string{}}
	must(t, s.CreateOrganization(t.Context(), o))
	must(t, s.CreateOrganization(t.Context(), bare))
	must(t, s.CreateEnvironment(t.Context(), full))
	must(t, s.CreateEnvironment(t.Context(), empty))
	must(t, s.CreateKey(t.Context(), k))
	must(t, s.CreateKey(t.Context(), none))
	must(t, s.SetSetting(t.Context(), "issuer-url", "https://adit.example"))

	n := snapshot(t, s)
	byID := func(id string) any {
		for _, o := range n.Organizations {
			if o.ID == id {
				return o
			}
		}
		for _, e := range n.Environments {
			if e.ID == id {
				return e
			}
		}
		for _, k := range n.Keys {
			if k.ID == id {
				return k
			}
		}
		return nil
	}
	for id, want := range map[string]any{o.ID: o, bare.ID: bare, full.ID: full, empty.ID: empty, k.ID: k, none.ID: none} {
		if diff := cmp.Diff(want, byID(id)); diff != "" {
			t.Errorf("%s came back otherwise (-want +got):\n%s", id, diff)
		}
	}
	if n.Settings["issuer-url"] != "https://adit.example" {
		t.Errorf("the settings are %v", n.Settings)
	}
}

func updates(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o := newOrganization(t, s, "acme")
	env, key := Environment(o.ID, "production"), Key(o.ID, "ci")
	must(t, s.CreateEnvironment(t.Context(), env))
	must(t, s.CreateKey(t.Context(), key))

	later := Now().Add(time.Hour)
	o.Name, o.Description, o.PlainUsers, o.Updated = "acme-2", "", false, later
	other := Environment(o.ID, "staging")
	other.ID, other.Region, other.Session, other.SessionTags, other.Accepted, other.Tags, other.Updated = env.ID, "us-east-1", time.Hour, false, nil, nil, later
	next := Key(o.ID, "cd")
	next.ID, next.Roles, next.Models, next.Secrets, next.Expires, next.Updated = key.ID, []access.Role{access.Admin}, nil, next.Secrets[:1], time.Time{}, later
	must(t, s.UpdateOrganization(t.Context(), o))
	must(t, s.UpdateEnvironment(t.Context(), other))
	must(t, s.UpdateKey(t.Context(), next))

	o.Version, other.Version, next.Version = 2, 2, 2
	n := snapshot(t, s)
	if diff := cmp.Diff([]any{o, other, next}, []any{n.Organizations[0], n.Environments[0], n.Keys[0]}); diff != "" {
		t.Errorf("after the updates (-want +got):\n%s", diff)
	}
}

func takenNames(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o, elsewhere := newOrganization(t, s, "acme"), newOrganization(t, s, "elsewhere")
	env, key := Environment(o.ID, "production"), Key(o.ID, "ci")
	must(t, s.CreateEnvironment(t.Context(), env))
	must(t, s.CreateKey(t.Context(), key))
	before := snapshot(t, s)

	wantFault(t, s.CreateOrganization(t.Context(), Organization("acme")), fault.Invalid, "name_taken")
	wantFault(t, s.CreateEnvironment(t.Context(), Environment(o.ID, "production")), fault.Invalid, "name_taken")
	wantFault(t, s.CreateKey(t.Context(), Key(o.ID, "ci")), fault.Invalid, "name_taken")
	renamed := elsewhere
	renamed.Name = "acme"
	wantFault(t, s.UpdateOrganization(t.Context(), renamed), fault.Invalid, "name_taken")
	if diff := cmp.Diff(before, snapshot(t, s)); diff != "" {
		t.Errorf("the refused changes left something, or a revision (-before +after):\n%s", diff)
	}

	must(t, s.CreateEnvironment(t.Context(), Environment(elsewhere.ID, "production")))
	must(t, s.CreateKey(t.Context(), Key(elsewhere.ID, "ci")))
	must(t, s.DeleteEnvironment(t.Context(), env, forced(Now())))
	key.Revoked = Now()
	must(t, s.UpdateKey(t.Context(), key))
	env = Environment(o.ID, "production")
	must(t, s.CreateEnvironment(t.Context(), env))
	must(t, s.CreateKey(t.Context(), Key(o.ID, "ci")))
	must(t, s.DeleteOrganization(t.Context(), o, forced(Now(), env.ID)))
	must(t, s.CreateOrganization(t.Context(), Organization("acme")))
}

func conflicts(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o := newOrganization(t, s, "acme")
	env, key := Environment(o.ID, "production"), Key(o.ID, "ci")
	must(t, s.CreateEnvironment(t.Context(), env))
	must(t, s.CreateKey(t.Context(), key))
	must(t, s.UpdateOrganization(t.Context(), o))
	must(t, s.UpdateEnvironment(t.Context(), env))
	must(t, s.UpdateKey(t.Context(), key))
	before := snapshot(t, s)

	event := Event(o.ID, "x.y")
	wantFault(t, s.UpdateOrganization(t.Context(), o, event), fault.Invalid, "conflict")
	wantFault(t, s.DeleteOrganization(t.Context(), o, forced(Now()), event), fault.Invalid, "conflict")
	wantFault(t, s.UpdateEnvironment(t.Context(), env, event), fault.Invalid, "conflict")
	wantFault(t, s.DeleteEnvironment(t.Context(), env, forced(Now()), event), fault.Invalid, "conflict")
	wantFault(t, s.UpdateKey(t.Context(), key, event), fault.Invalid, "conflict")
	if diff := cmp.Diff(before, snapshot(t, s)); diff != "" {
		t.Errorf("the conflicts left something (-before +after):\n%s", diff)
	}
	if n := events(t, s); n != 1 { // that of newOrganization
		t.Errorf("the audit has %d rows, want 1", n)
	}
}

func reusedIDs(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o := newOrganization(t, s, "acme")
	env, key := Environment(o.ID, "production"), Key(o.ID, "ci")
	must(t, s.CreateEnvironment(t.Context(), env))
	must(t, s.CreateKey(t.Context(), key))
	key.Revoked = Now()
	must(t, s.UpdateKey(t.Context(), key))
	must(t, s.DeleteEnvironment(t.Context(), env, forced(Now())))

	env.Version, key.Version, key.Revoked = 2, 2, time.Time{}
	wantFault(t, s.UpdateEnvironment(t.Context(), env), fault.NotFound, "environment_not_found")
	wantFault(t, s.DeleteEnvironment(t.Context(), env, forced(Now())), fault.NotFound, "environment_not_found")
	wantFault(t, s.UpdateKey(t.Context(), key), fault.NotFound, "key_not_found")
	wantFault(t, s.CreateEnvironment(t.Context(), env), fault.Internal, "id_taken")
	wantFault(t, s.CreateKey(t.Context(), key), fault.Internal, "id_taken")
	must(t, s.DeleteOrganization(t.Context(), o, forced(Now())))
	wantFault(t, s.CreateOrganization(t.Context(), o), fault.Internal, "id_taken")
	wantFault(t, s.UpdateOrganization(t.Context(), o), fault.NotFound, "organization_not_found")
}

func deletedOrganization(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o, other := newOrganization(t, s, "acme"), newOrganization(t, s, "other")
	env := Environment(o.ID, "production")
	must(t, s.CreateEnvironment(t.Context(), env))
	must(t, s.CreateKey(t.Context(), Key(o.ID, "ci")))
	theirs, operator := Key(other.ID, "ci"), Key("", "operator")
	must(t, s.CreateEnvironment(t.Context(), Environment(other.ID, "production")))
	must(t, s.CreateKey(t.Context(), theirs))
	must(t, s.CreateKey(t.Context(), operator))

	must(t, s.DeleteOrganization(t.Context(), o, forced(Now(), env.ID), Event(o.ID, "organization.delete")))
	n := snapshot(t, s)
	if len(n.Organizations) != 1 || len(n.Environments) != 1 || n.Environments[0].Organization != other.ID || len(n.Keys) != 2 {
		t.Errorf("what lives after the deletion: %d organizations, %d environments, %d keys, want 1, 1, 2", len(n.Organizations), len(n.Environments), len(n.Keys))
	}
	env.Version = 2 // the tombstone's
	wantFault(t, s.UpdateEnvironment(t.Context(), env), fault.NotFound, "environment_not_found")
}

func absentOrganization(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o := newOrganization(t, s, "acme")
	must(t, s.DeleteOrganization(t.Context(), o, forced(Now())))
	for _, organization := range []string{o.ID, "org_never", "' OR 1=1 --"} {
		wantFault(t, s.CreateEnvironment(t.Context(), Environment(organization, "production")), fault.NotFound, "organization_not_found")
		wantFault(t, s.CreateKey(t.Context(), Key(organization, "ci")), fault.NotFound, "organization_not_found")
	}
}

func foreignOrganization(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o, other := newOrganization(t, s, "acme"), newOrganization(t, s, "other")
	env, key := Environment(o.ID, "production"), Key(o.ID, "ci")
	must(t, s.CreateEnvironment(t.Context(), env))
	must(t, s.CreateKey(t.Context(), key))
	before := snapshot(t, s)
	env.Organization, key.Organization = other.ID, other.ID
	wantFault(t, s.UpdateEnvironment(t.Context(), env), fault.NotFound, "environment_not_found")
	wantFault(t, s.DeleteEnvironment(t.Context(), env, forced(Now())), fault.NotFound, "environment_not_found")
	wantFault(t, s.UpdateKey(t.Context(), key), fault.NotFound, "key_not_found")
	if diff := cmp.Diff(before, snapshot(t, s)); diff != "" {
		t.Errorf("something changed (-before +after):\n%s", diff)
	}
}

func hostileText(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o := newOrganization(t, s, "acme")
	for _, bad := range []string{"a\x00b", "\xff\xfe", "\xed\xa0\x80"} {
		org, env, key := Organization("x"), Environment(o.ID, "x"), Key(o.ID, "x")
		org.Description, env.Tags, env.Models, key.Name, key.Tags = bad, map[string]string{bad: "v"}, []string{bad}, bad, map[string]string{"k": bad}
		wantFault(t, s.CreateOrganization(t.Context(), org), fault.Invalid, "bad_text")
		wantFault(t, s.CreateEnvironment(t.Context(), env), fault.Invalid, "bad_text")
		wantFault(t, s.CreateKey(t.Context(), key), fault.Invalid, "bad_text")
		wantFault(t, s.SetSetting(t.Context(), "x", bad), fault.Invalid, "bad_text")
	}
	for i, odd := range []string{"'; DROP TABLE organizations; --", "$1", "%_?", "\u2028\u202e", "<img onerror=alert(1)>", "\\u0000", "ﷺ"} {
		org := Organization(string(rune('a' + i)))
		org.Description = odd
		must(t, s.CreateOrganization(t.Context(), org))
		for _, got := range snapshot(t, s).Organizations {
			if got.ID == org.ID && got.Description != odd {
				t.Errorf("%q came back as %q", odd, got.Description)
			}
		}
	}
}
