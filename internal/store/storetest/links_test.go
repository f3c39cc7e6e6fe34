package storetest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signin"
	"github.com/adit-hq/adit/internal/store"
)

func linkStories() []story {
	return []story{
		{"a link comes back as it was, and a login has one", linkLife},
		{"links are listed by login, and one that is taken back is audited or stays", listedLinks},
		{"links end in the transaction that changes who made them", linksEndWithChange},
		{"of many that take a link at once one gets it", oneTakes},
		{"of many that make a link of one login at once one does", oneMakes},
	}
}

func linkLife(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	ada, bob := Link("ada"), Link("bob")
	bob.Roles, bob.By.Name, bob.By.Address = nil, "a\x00b", "192.0.2.7"
	must(t, errors.Join(s.CreateLink(t.Context(), ada, nil), s.CreateLink(t.Context(), bob, nil)))
	for _, want := range []signin.Link{ada, bob, ada} {
		got, err := s.Link(t.Context(), want.Hash)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the link (-want +got):\n%s", diff)
		}
	}
	again := Link("ada")
	wantFault(t, s.CreateLink(t.Context(), again, nil, Event("", "signin.link")), fault.Invalid, "conflict") // whoever makes it has not seen the other
	wantFault(t, s.CreateLink(t.Context(), again, bob.Hash, Event("", "signin.link")), fault.Invalid, "conflict")
	must(t, s.CreateLink(t.Context(), again, ada.Hash, Event("", "signin.link")))
	if n := events(t, s); n != 1 {
		t.Errorf("%d events, want 1", n)
	}
	_, err := s.Link(t.Context(), bob.Hash)
	must(t, err) // of another login
	_, err = s.TakeLink(t.Context(), ada.Hash)
	wantFault(t, err, fault.NotFound, "link_not_found") // the new one replaced it
	got, err := s.TakeLink(t.Context(), again.Hash)
	must(t, err)
	if diff := cmp.Diff(again, got); diff != "" {
		t.Errorf("the link that was taken (-want +got):\n%s", diff)
	}
	late := Link("carol")
	late.Created = bob.Expires
	must(t, s.CreateLink(t.Context(), late, nil))
	_, err = s.Link(t.Context(), bob.Hash)
	wantFault(t, err, fault.NotFound, "link_not_found") // it had expired
	wantFault(t, s.CreateLink(t.Context(), Link("\x00"), nil), fault.Invalid, "bad_text")

	p := Person("carol")
	wantFault(t, s.CreateLink(t.Context(), LinkTo(p), late.Hash), fault.Invalid, "conflict") // nobody has the login
	must(t, s.CreatePerson(t.Context(), p))
	wantFault(t, s.CreateLink(t.Context(), Link("carol"), late.Hash), fault.Invalid, "conflict") // somebody has it
	first := LinkTo(p)
	must(t, s.CreateLink(t.Context(), first, late.Hash))
	got, err = s.Link(t.Context(), first.Hash)
	must(t, err)
	if diff := cmp.Diff(first, got); diff != "" {
		t.Errorf("the link of who is there (-want +got):\n%s", diff)
	}
	p.Login = "caroline"
	must(t, s.UpdatePerson(t.Context(), p, signin.Ends{}))
	_, err = s.Link(t.Context(), first.Hash)
	wantFault(t, err, fault.NotFound, "link_not_found") // the next carol is somebody else
}

func listedLinks(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	all, err := s.Links(t.Context())
	must(t, err)
	if len(all) != 0 {
		t.Errorf("there are %v", all)
	}
	zoe, ada := Link("zoe"), Link("ada")
	must(t, errors.Join(s.CreateLink(t.Context(), zoe, nil), s.CreateLink(t.Context(), ada, nil)))
	wantLinks := func(want ...signin.Link) {
		t.Helper()
		got, err := s.Links(t.Context())
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the links (-want +got):\n%s", diff)
		}
	}
	wantLinks(ada, zoe)
	_, err = s.TakeLink(t.Context(), zoe.Hash, Event("", "signin.link.revoke"))
	must(t, err)
	_, err = s.TakeLink(t.Context(), zoe.Hash, Event("", "signin.link.revoke"))
	wantFault(t, err, fault.NotFound, "link_not_found")
	if n := events(t, s); n != 1 {
		t.Errorf("%d events, want 1", n)
	}
	s.UseChain(nil) // the last step fails, so nothing is written
	_, err = s.TakeLink(t.Context(), ada.Hash, Event("", "signin.link.revoke"))
	wantFault(t, err, fault.Internal, "audit_unkeyed")
	wantLinks(ada)
}

func linksEndWithChange(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	p, first, second, kept := Person("ada"), Link("bob"), Link("carol"), Link("dan")
	must(t, s.CreatePerson(t.Context(), p))
	must(t, errors.Join(s.CreateLink(t.Context(), first, nil), s.CreateLink(t.Context(), second, nil), s.CreateLink(t.Context(), kept, nil)))
	wantLogins := func(want ...string) {
		t.Helper()
		all, err := s.Links(t.Context())
		must(t, err)
		var got []string
		for _, l := range all {
			got = append(got, l.Login)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the links (-want +got):\n%s", diff)
		}
	}
	ends := signin.Ends{Links: [][]byte{first.Hash, second.Hash, Link("gone").Hash}}
	p.Name, p.Version = "Ada", 2
	wantFault(t, s.UpdatePerson(t.Context(), p, ends), fault.Invalid, "conflict")
	wantLogins("bob", "carol", "dan")
	p.Version = 1
	must(t, s.UpdatePerson(t.Context(), p, ends))
	wantLogins("dan")
}

func oneTakes(t *testing.T, e Engine) {
	url := e.New(t)
	stores := []*store.Store{Open(t, url), Open(t, url)}
	for range 5 {
		l := Link("ada")
		must(t, stores[0].CreateLink(t.Context(), l, nil))
		var got atomic.Int64
		var work sync.WaitGroup
		for i := range 6 {
			work.Go(func() {
				taken, err := stores[i%2].TakeLink(t.Context(), l.Hash)
				if err == nil && taken.Login == "ada" {
					got.Add(1)
					return
				}
				wantFault(t, err, fault.NotFound, "link_not_found")
			})
		}
		work.Wait()
		if n := got.Load(); n != 1 {
			t.Errorf("%d of 6 took the link", n)
		}
	}
}

func oneMakes(t *testing.T, e Engine) {
	url := e.New(t)
	stores := []*store.Store{Open(t, url), Open(t, url)}
	var made atomic.Int64
	var work sync.WaitGroup
	for i := range 6 {
		work.Go(func() {
			err := stores[i%2].CreateLink(t.Context(), Link("ada"), nil, Event("", "signin.link"))
			if err == nil {
				made.Add(1)
				return
			}
			wantFault(t, err, fault.Invalid, "conflict")
		})
	}
	work.Wait()
	if n := made.Load(); n != 1 || events(t, stores[0]) != 1 {
		t.Errorf("%d made one, and %d events tell of it; want 1 and 1", n, events(t, stores[0]))
	}
}
