package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signin"
	"github.com/adit-hq/adit/internal/store"
)

func removedPerson(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	p, other := Person("ada"), Person("bob")
	must(t, s.CreatePerson(t.Context(), p))
	must(t, s.CreatePerson(t.Context(), other))
	mine, theirs, link, theirLink := Session(p.ID), Session(other.ID), LinkTo(p), LinkTo(other)
	must(t, errors.Join(s.CreateSession(t.Context(), mine, 1), s.CreateSession(t.Context(), theirs, 1), s.CreateLink(t.Context(), link, nil), s.CreateLink(t.Context(), theirLink, nil)))
	p.Removed = Now()
	must(t, s.UpdatePerson(t.Context(), p, signin.Ends{}, Event("", "member.remove")))

	_, err := s.Person(t.Context(), p.ID)
	wantFault(t, err, fault.NotFound, "person_not_found")
	_, _, err = s.Session(t.Context(), mine.Hash)
	wantFault(t, err, fault.NotFound, "session_not_found")
	_, err = s.Link(t.Context(), link.Hash)
	wantFault(t, err, fault.NotFound, "link_not_found")
	if left, err := s.Sessions(t.Context(), p.ID); len(left) != 0 || err != nil {
		t.Errorf("sessions of who was removed: %v, %v", left, err)
	}
	wantFault(t, s.CreateSession(t.Context(), Session(p.ID), 1, Event("", "signin.ok")), fault.NotFound, "person_not_found")
	if people, err := s.People(t.Context(), new("")); len(people) != 1 || err != nil {
		t.Errorf("the operators are %v, %v, want bob", people, err)
	}
	if _, _, err := s.Session(t.Context(), theirs.Hash); err != nil {
		t.Errorf("another's session: %v", err)
	}
	if _, err := s.Link(t.Context(), theirLink.Hash); err != nil {
		t.Errorf("another's link: %v", err)
	}
	if n := events(t, s); n != 1 {
		t.Errorf("%d events, want 1: the refused session leaves none", n)
	}
}

func sessionsEndWithChange(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	p, other := Person("ada"), Person("bob")
	must(t, errors.Join(s.CreatePerson(t.Context(), p), s.CreatePerson(t.Context(), other)))
	first, second, theirs := Session(p.ID), Session(p.ID), Session(other.ID)
	second.Created = Now().Add(time.Minute)
	must(t, errors.Join(s.CreateSession(t.Context(), first, 1), s.CreateSession(t.Context(), second, 1), s.CreateSession(t.Context(), theirs, 1)))

	p.Name = "Ada"
	must(t, s.UpdatePerson(t.Context(), p, signin.Ends{But: first.ID})) // ends none
	wantFault(t, s.UpdatePerson(t.Context(), p, signin.Ends{All: true}), fault.Invalid, "conflict")
	wantSessions(t, s, p.ID, second, first)
	p.Version = 2
	must(t, s.UpdatePerson(t.Context(), p, signin.Ends{All: true, But: second.ID}))
	wantSessions(t, s, p.ID, second)
	p.Version = 3
	must(t, s.UpdatePerson(t.Context(), p, signin.Ends{All: true, But: theirs.ID})) // another's spares none
	wantSessions(t, s, p.ID)
	wantSessions(t, s, other.ID, theirs)

	s.UseChain(nil) // the last step fails, so nothing is written
	other.Name = "Bob"
	wantFault(t, s.UpdatePerson(t.Context(), other, signin.Ends{All: true}, Event("", "member.update")), fault.Internal, "audit_unkeyed")
	wantSessions(t, s, other.ID, theirs)
	if got, err := s.Person(t.Context(), other.ID); got.Version != 1 || err != nil {
		t.Errorf("the change was written: %+v, %v", got, err)
	}
}

func rolesGo(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o, other := newOrganization(t, s, "acme"), newOrganization(t, s, "other")
	only, both, operator := Person("only", in(o.ID, access.Owner), in(o.ID, access.Invoke)), Person("both", in(o.ID, access.Admin), in(other.ID, access.Auditor)), Person("op", in("", access.Operator), in(o.ID, access.Owner))
	elsewhere := Person("elsewhere", in(other.ID, access.Owner))
	const salt = "b25seSBoZXJl"
	only.Password = "$argon2id$v=19$m=65536,t=3,p=1$" + salt + "$aGFzaA"
	for _, p := range []signin.Person{only, both, operator, elsewhere} {
		must(t, s.CreatePerson(t.Context(), p))
	}
	session, kept := Session(only.ID), Session(both.ID)
	must(t, errors.Join(s.CreateSession(t.Context(), session, 1), s.CreateSession(t.Context(), kept, 1), s.CreateLink(t.Context(), LinkTo(only), nil)))
	at := Now().Add(time.Hour)
	must(t, s.DeleteOrganization(t.Context(), o, forced(at), Event(o.ID, "organization.delete")))

	_, err := s.Person(t.Context(), only.ID)
	wantFault(t, err, fault.NotFound, "person_not_found")
	_, _, err = s.Session(t.Context(), session.Hash)
	wantFault(t, err, fault.NotFound, "session_not_found")
	both.Roles, both.Updated, both.Version, both.SignedIn = both.Roles[1:], at, 2, Now()
	operator.Roles, operator.Updated, operator.Version = operator.Roles[:1], at, 2
	wantPerson(t, both)(s.Person(t.Context(), both.ID))
	wantPerson(t, operator)(s.Person(t.Context(), operator.ID))
	wantPerson(t, elsewhere)(s.Person(t.Context(), elsewhere.ID))
	if _, _, err := s.Session(t.Context(), kept.Hash); err != nil {
		t.Errorf("the session of who has another role: %v", err)
	}
	path := filepath.Join(t.TempDir(), "copy.db")
	must(t, s.Backup(t.Context(), path))
	if content, err := os.ReadFile(path); err != nil || bytes.Contains(content, []byte(salt)) {
		t.Errorf("the password's hash of who is gone is kept (%v)", err)
	}
	if people, err := s.People(t.Context(), &o.ID); len(people) != 0 || err != nil {
		t.Errorf("people of the deleted organization: %v, %v", people, err)
	}
}

func roleWhileDeleted(t *testing.T, e Engine) {
	url := e.New(t)
	stores := []*store.Store{Open(t, url), Open(t, url)}
	for i := range 5 {
		o := newOrganization(t, stores[0], fmt.Sprintf("o-%d", i))
		var work sync.WaitGroup
		for j := range 4 {
			work.Go(func() {
				err := stores[j%2].CreatePerson(t.Context(), Person(fmt.Sprintf("p-%d-%d", i, j), in(o.ID, access.Owner)))
				if f := fault.From(err); err != nil && f.Code != "organization_not_found" {
					t.Error(err)
				}
			})
		}
		must(t, stores[0].DeleteOrganization(t.Context(), o, forced(Now())))
		work.Wait()
		if people, err := stores[0].People(t.Context(), nil); len(people) != 0 || err != nil {
			t.Fatalf("%d people have a role in an organization that is deleted (%v)", len(people), err)
		}
	}
}
