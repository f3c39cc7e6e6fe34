package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signin"
	"github.com/adit-hq/adit/internal/store"
)

func peopleStories() []story {
	return []story{
		{"people are found by id, login and subject", foundPeople},
		{"people are listed by the organization that they have a role in", listedPeople},
		{"a login and a subject have one person at a time", onePerson},
		{"of many that change one version of a person one does", onePersonVersion},
		{"sessions end with the change that ends them, or neither is there", sessionsEndWithChange},
		{"a removed person is gone, with sessions and links", removedPerson},
		{"the last operator with a password stays while no operator's key is left", lastOperator},
		{"of the last two operators who go at once one stays", lastOperators},
		{"of the last two operators' keys that end at once one stays", lastOperatorKeys},
		{"deleting an organization takes its roles from people", rolesGo},
		{"nobody gets a role in an organization that is being deleted", roleWhileDeleted},
		{"people leave the revision, and their changes are audited", peopleAside},
		{"no session begins for a person who was changed since they were read", sessionsOfChanged},
		{"what another provider says of a person is kept as far as it can be", hostilePeople},
	}
}

func in(organization string, role access.Role) signin.Membership {
	return signin.Membership{Organization: organization, Role: role}
}

// provided returns a person of the OIDC provider.
func provided(subject string, roles ...signin.Membership) signin.Person {
	p := Person("", roles...)
	p.Issuer, p.Subject, p.Password, p.Name = "https://id.example", subject, "", "Somebody "+subject
	return p
}

func wantPerson(t *testing.T, want signin.Person) func(got signin.Person, err error) {
	return func(got signin.Person, err error) {
		t.Helper()
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the person (-want +got):\n%s", diff)
		}
	}
}

func foundPeople(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o := newOrganization(t, s, "acme")
	local, other := Person("ada", in("", access.Operator), in(o.ID, access.Admin), in(o.ID, access.Auditor)), provided("sub-1", in(o.ID, access.Owner))
	other.SignedIn = Now()
	must(t, s.CreatePerson(t.Context(), local))
	must(t, s.CreatePerson(t.Context(), other))
	must(t, s.CreatePerson(t.Context(), Person("stays")))
	wantPerson(t, local)(s.Person(t.Context(), local.ID))
	wantPerson(t, local)(s.PersonByLogin(t.Context(), "ada"))
	wantPerson(t, other)(s.PersonBySubject(t.Context(), "https://id.example", "sub-1"))
	for what, find := range map[string]func() (signin.Person, error){
		"another id":      func() (signin.Person, error) { return s.Person(t.Context(), "usr_never") },
		"no login":        func() (signin.Person, error) { return s.PersonByLogin(t.Context(), "") },
		"another login":   func() (signin.Person, error) { return s.PersonByLogin(t.Context(), "Ada") },
		"a hostile login": func() (signin.Person, error) { return s.PersonByLogin(t.Context(), "ada' OR 1=1 --\x00\xff") },
		"no issuer":       func() (signin.Person, error) { return s.PersonBySubject(t.Context(), "", "") },
		"another issuer":  func() (signin.Person, error) { return s.PersonBySubject(t.Context(), "https://id2.example", "sub-1") },
		"another subject": func() (signin.Person, error) { return s.PersonBySubject(t.Context(), "https://id.example", "sub-2") },
	} {
		if p, err := find(); p.ID != "" || fault.From(err) == nil || fault.From(err).Code != "person_not_found" {
			t.Errorf("%s finds %q (%v)", what, p.ID, err)
		}
	}

	local.Login, local.Name, local.Email, local.Password, local.Roles, local.Updated = "lovelace", "Augusta", "", "", local.Roles[1:], Now().Add(time.Hour)
	changed := local
	changed.Created, changed.SignedIn, changed.Issuer = Now().Add(time.Hour), Now(), "https://evil.example" // which stay
	must(t, s.UpdatePerson(t.Context(), changed, signin.Ends{}))
	local.Version = 2
	wantPerson(t, local)(s.PersonByLogin(t.Context(), "lovelace"))
}

func listedPeople(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	a, b := newOrganization(t, s, "a"), newOrganization(t, s, "b")
	add := func(name string, roles ...signin.Membership) {
		p := Person(name, roles...)
		p.Name = name
		must(t, s.CreatePerson(t.Context(), p))
	}
	add("Zoe", in(a.ID, access.Owner))
	add("adam", in(a.ID, access.Developer), in(a.ID, access.Auditor), in(b.ID, access.Admin))
	add("Ömer", in(b.ID, access.Owner))
	add("root", in("", access.Operator))
	for name, c := range map[string]struct {
		of   *string
		want []string
	}{
		"everyone": {nil, []string{"Zoe", "adam", "root", "Ömer"}}, "a": {&a.ID, []string{"Zoe", "adam"}}, "b": {&b.ID, []string{"adam", "Ömer"}},
		"the operators": {new(""), []string{"root"}}, "another": {new("org_x"), nil},
	} {
		people, err := s.People(t.Context(), c.of)
		must(t, err)
		var got []string
		for _, p := range people {
			got = append(got, p.Name)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	adam, err := s.PersonByLogin(t.Context(), "adam")
	must(t, err)
	adam.Roles = adam.Roles[2:]
	must(t, s.UpdatePerson(t.Context(), adam, signin.Ends{}))
	if people, err := s.People(t.Context(), &a.ID); len(people) != 1 || err != nil {
		t.Errorf("who lost a role is still listed: %v, %v", people, err)
	}
}

func onePerson(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	ada, sub := Person("ada"), provided("sub-1", in("", access.Operator))
	must(t, s.CreatePerson(t.Context(), ada))
	must(t, s.CreatePerson(t.Context(), sub))
	must(t, s.CreatePerson(t.Context(), provided("sub-2", in("", access.Operator)))) // both without a login
	bob := Person("bob")
	must(t, s.CreatePerson(t.Context(), bob))
	wantFault(t, s.CreatePerson(t.Context(), Person("ada")), fault.Invalid, "name_taken")
	wantFault(t, s.CreatePerson(t.Context(), provided("sub-1", in("", access.Operator))), fault.Invalid, "name_taken")
	bob.Login = "ada"
	wantFault(t, s.UpdatePerson(t.Context(), bob, signin.Ends{}), fault.Invalid, "name_taken")
	wantFault(t, s.CreatePerson(t.Context(), Person("carol", in("org_never", access.Owner))), fault.NotFound, "organization_not_found")
	if _, err := s.PersonByLogin(t.Context(), "carol"); err == nil {
		t.Error("somebody who was refused is there")
	}

	ada.Removed, sub.Removed = Now(), Now()
	must(t, s.UpdatePerson(t.Context(), ada, signin.Ends{}))
	must(t, s.UpdatePerson(t.Context(), sub, signin.Ends{}))
	must(t, s.CreatePerson(t.Context(), Person("ada")))
	must(t, s.CreatePerson(t.Context(), provided("sub-1", in("", access.Operator))))
	ada.Version, ada.Removed = 2, time.Time{}
	wantFault(t, s.UpdatePerson(t.Context(), ada, signin.Ends{}), fault.NotFound, "person_not_found")
	ada.Login = "another"
	wantFault(t, s.CreatePerson(t.Context(), ada), fault.Internal, "id_taken")
}

func onePersonVersion(t *testing.T, e Engine) {
	url := e.New(t)
	stores := []*store.Store{Open(t, url), Open(t, url)}
	p := Person("ada")
	must(t, stores[0].CreatePerson(t.Context(), p))
	var won atomic.Int64
	var work sync.WaitGroup
	for i := range 6 {
		work.Go(func() {
			mine := p
			mine.Name = fmt.Sprint(i)
			err := stores[i%2].UpdatePerson(t.Context(), mine, signin.Ends{}, Event("", "member.update"))
			if err == nil {
				won.Add(1)
				return
			}
			wantFault(t, err, fault.Invalid, "conflict")
		})
	}
	work.Wait()
	if n := won.Load(); n != 1 || events(t, stores[0]) != 1 {
		t.Errorf("%d changed the version, and %d events tell of it; want 1 and 1", n, events(t, stores[0]))
	}
}

func peopleAside(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	before := revision(t, s)
	p, event := Person("ada"), Event("", "x.y")
	n := Session(p.ID)
	_, failing := s.Fail(t.Context(), "login:x", failed(Now()), event)
	for _, err := range []error{
		s.CreatePerson(t.Context(), p, event), s.UpdatePerson(t.Context(), p, signin.Ends{}, event), s.CreateSession(t.Context(), n, 2, event), s.CreateLink(t.Context(), Link("x"), nil, event), failing,
	} {
		must(t, err)
	}
	ended, err := s.EndSessions(t.Context(), p.ID, nil, event)
	if again, err := s.EndSessions(t.Context(), p.ID, nil, event); ended != 1 || again != 0 || err != nil {
		t.Errorf("%d sessions ended, then %d (%v)", ended, again, err)
	}
	must(t, err)
	if after := revision(t, s); after != before {
		t.Errorf("the revision went from %d to %d", before, after)
	}
	wantSound(t, s, 6)

	s.UseChain(nil) // the last step fails, so nothing is written
	wantFault(t, s.CreatePerson(t.Context(), Person("bob"), event), fault.Internal, "audit_unkeyed")
	wantFault(t, s.CreateSession(t.Context(), Session(p.ID), 2, event), fault.Internal, "audit_unkeyed")
	_, err = s.Fail(t.Context(), "login:y", failed(Now()), event)
	wantFault(t, err, fault.Internal, "audit_unkeyed")
	a, err := s.Attempts(t.Context(), "login:y")
	must(t, err)
	people, err := s.People(t.Context(), nil)
	must(t, err)
	if sessions, err := s.Sessions(t.Context(), p.ID); len(people) != 1 || len(sessions) != 0 || a.Failures != 0 || err != nil {
		t.Errorf("something was left: %d people, %d sessions, %d failures (%v)", len(people), len(sessions), a.Failures, err)
	}
}

// sessionsOfChanged shows that no session begins for a person who was changed since they were read.
func sessionsOfChanged(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	p := Person("ada")
	must(t, s.CreatePerson(t.Context(), p))
	must(t, s.UpdatePerson(t.Context(), p, signin.Ends{}))
	wantFault(t, s.CreateSession(t.Context(), Session(p.ID), p.Version, Event("", "signin.ok")), fault.Invalid, "conflict")
	wantSessions(t, s, p.ID)
	must(t, s.CreateSession(t.Context(), Session(p.ID), p.Version+1, Event("", "signin.ok")))
}

func hostilePeople(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	p := provided("sub-1", in("", access.Operator))
	p.Name, p.Email = "a\x00\xff\u202e<img onerror=alert(1)>", "\x00"
	must(t, s.CreatePerson(t.Context(), p))
	p.Name, p.Email = "a\uFFFD\uFFFD\u202e<img onerror=alert(1)>", "\uFFFD"
	wantPerson(t, p)(s.Person(t.Context(), p.ID))
	for _, bad := range []signin.Person{Person("a\x00"), provided("\xff"), {ID: "usr_1", Roles: []signin.Membership{{Role: "\x00"}}}} {
		wantFault(t, s.CreatePerson(t.Context(), bad), fault.Invalid, "bad_text")
	}
	n := Session(p.ID)
	n.Agent, n.Address = "\x00\xff", "'; DROP TABLE people; --"
	must(t, s.CreateSession(t.Context(), n, 1))
}
