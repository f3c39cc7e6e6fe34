package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/store"
	"github.com/adit-hq/adit/internal/tenant"
)

func deletionStories() []story {
	return []story{
		{"an organization with more in it than was seen is not deleted", unseenInOrganization},
		{"an environment that a key or trusted issuer names is deleted only by force", namedByKey},
		{"what is made while its organization is deleted is told or stops it", madeWhileDeleted},
	}
}

// forced is a deletion of what is in use too, with these environments.
func forced(at time.Time, environments ...string) tenant.Deletion {
	return tenant.Deletion{At: at, Seen: environments, Force: true}
}

// unforced is a deletion of what seemed to be in nobody's use.
func unforced() tenant.Deletion { return tenant.Deletion{At: Now()} }

func unseenInOrganization(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o, other := newOrganization(t, s, "acme"), newOrganization(t, s, "other")
	must(t, s.CreateEnvironment(t.Context(), Environment(other.ID, "theirs")))
	must(t, s.CreateKey(t.Context(), Key(other.ID, "theirs")))
	refused := func(what string, d tenant.Deletion) {
		t.Helper()
		before := snapshot(t, s)
		wantFault(t, s.DeleteOrganization(t.Context(), o, d, Event(o.ID, "organization.delete")), fault.Invalid, "conflict")
		if diff := cmp.Diff(before, snapshot(t, s)); diff != "" {
			t.Errorf("%s: the refused deletion left something (-before +after):\n%s", what, diff)
		}
	}
	key := Key(o.ID, "ci")
	must(t, s.CreateKey(t.Context(), key))
	refused("a key", unforced())
	key.Revoked = Now()
	must(t, s.UpdateKey(t.Context(), key))
	one, two := Environment(o.ID, "one"), Environment(o.ID, "two")
	must(t, s.CreateEnvironment(t.Context(), one))
	refused("an environment", unforced())
	issuer := Trust(o.ID, "github")
	must(t, s.CreateTrust(t.Context(), issuer))
	must(t, s.DeleteEnvironment(t.Context(), one, forced(Now())))
	refused("a trusted issuer", unforced())
	issuer.Revoked = Now()
	must(t, s.UpdateTrust(t.Context(), issuer))
	one = Environment(o.ID, "one again")
	must(t, s.CreateEnvironment(t.Context(), one))
	must(t, s.CreateEnvironment(t.Context(), two))
	refused("an environment that no event tells of", forced(Now(), one.ID))
	must(t, s.DeleteEnvironment(t.Context(), two, unforced()))
	refused("an environment that is gone by now", forced(Now(), one.ID, two.ID))
	must(t, s.CreateKey(t.Context(), Key(o.ID, "cd")))
	must(t, s.DeleteOrganization(t.Context(), o, forced(Now(), one.ID)))
	must(t, s.DeleteOrganization(t.Context(), newOrganization(t, s, "empty"), unforced()))
}

func namedByKey(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o := newOrganization(t, s, "acme")
	named, free := Environment(o.ID, "named"), Environment(o.ID, "free")
	key, everywhere := Key(o.ID, "ci"), Key(o.ID, "everywhere")
	key.Environments, everywhere.Environments = []string{"env_000000000000000000000000", named.ID}, nil
	must(t, s.CreateEnvironment(t.Context(), named))
	must(t, s.CreateEnvironment(t.Context(), free))
	must(t, s.CreateKey(t.Context(), key))
	must(t, s.CreateKey(t.Context(), everywhere))
	must(t, s.DeleteEnvironment(t.Context(), free, unforced()))
	wantFault(t, s.DeleteEnvironment(t.Context(), named, unforced(), Event(o.ID, "environment.delete")), fault.Invalid, "conflict")
	if n := snapshot(t, s); len(n.Environments) != 1 {
		t.Errorf("%d environments live, want 1", len(n.Environments))
	}
	must(t, s.DeleteEnvironment(t.Context(), named, forced(Now())))

	late := Environment(o.ID, "late")
	key.Environments = []string{late.ID}
	must(t, s.CreateEnvironment(t.Context(), late))
	must(t, s.UpdateKey(t.Context(), key))
	wantFault(t, s.DeleteEnvironment(t.Context(), late, unforced()), fault.Invalid, "conflict")
	key.Revoked, key.Version = Now(), 2
	must(t, s.UpdateKey(t.Context(), key))
	issuer := Trust(o.ID, "github")
	issuer.Environments = []string{late.ID}
	must(t, s.CreateTrust(t.Context(), issuer))
	wantFault(t, s.DeleteEnvironment(t.Context(), late, unforced()), fault.Invalid, "conflict")
	issuer.Revoked = Now()
	must(t, s.UpdateTrust(t.Context(), issuer))
	must(t, s.DeleteEnvironment(t.Context(), late, unforced()))
}

// madeWhileDeleted has one store make environments and keys in organizations
// that another deletes: either the deletion is refused, or they are.
func madeWhileDeleted(t *testing.T, e Engine) {
	url := e.New(t)
	one, two := Open(t, url), Open(t, url)
	for i := range 6 {
		o := newOrganization(t, one, fmt.Sprintf("o-%d", i))
		create := func(s *store.Store) error { return s.CreateEnvironment(t.Context(), Environment(o.ID, "prod")) }
		if i%2 == 1 {
			create = func(s *store.Store) error { return s.CreateKey(t.Context(), Key(o.ID, "ci")) }
		}
		var made error
		var work sync.WaitGroup
		work.Go(func() { made = create(two) })
		deleted := one.DeleteOrganization(t.Context(), o, unforced())
		work.Wait()
		if (made == nil) == (deleted == nil) {
			t.Errorf("made: %v; deleted: %v", made, deleted)
		}
	}
}
