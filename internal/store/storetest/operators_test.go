package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signin"
	"github.com/adit-hq/adit/internal/store"
)

func lastOperator(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o := newOrganization(t, s, "acme")
	ada, linked, another := Person("ada", in("", access.Operator), in(o.ID, access.Owner)), Person("linked"), provided("sub-1", in("", access.Operator))
	linked.Password = ""
	ends, revoked, foreign := Key("", "ends"), Key("", "revoked"), Key(o.ID, "foreign")
	revoked.Expires, revoked.Revoked, foreign.Expires = time.Time{}, Now(), time.Time{}
	must(t, errors.Join(s.CreatePerson(t.Context(), ada), s.CreatePerson(t.Context(), linked), s.CreatePerson(t.Context(), another)))
	must(t, errors.Join(s.CreateKey(t.Context(), ends), s.CreateKey(t.Context(), revoked), s.CreateKey(t.Context(), foreign)))

	member, gone := ada, ada
	member.Roles, gone.Removed = ada.Roles[1:], Now()
	wantFault(t, s.UpdatePerson(t.Context(), member, signin.Ends{}), fault.Invalid, "in_use")
	wantFault(t, s.UpdatePerson(t.Context(), gone, signin.Ends{}, Event("", "member.remove")), fault.Invalid, "in_use")
	wantPerson(t, ada)(s.Person(t.Context(), ada.ID))
	another.Roles = nil // the rules took it: who signs in elsewhere is no way in to count on
	must(t, s.UpdatePerson(t.Context(), another, signin.Ends{}))
	linked.Removed = Now()
	must(t, s.UpdatePerson(t.Context(), linked, signin.Ends{}))
	ada.Roles = ada.Roles[:1]
	must(t, s.UpdatePerson(t.Context(), ada, signin.Ends{}))

	endless := Key("", "endless")
	endless.Expires = time.Time{}
	must(t, s.CreateKey(t.Context(), endless))
	gone.Version = 2
	must(t, s.UpdatePerson(t.Context(), gone, signin.Ends{}))
}

func lastOperators(t *testing.T, e Engine) {
	url := e.New(t)
	stores := []*store.Store{Open(t, url), Open(t, url)}
	ada := Person("ada")
	must(t, stores[0].CreatePerson(t.Context(), ada))
	for i := range 8 {
		bob := Person(fmt.Sprintf("bob-%d", i))
		must(t, stores[0].CreatePerson(t.Context(), bob))
		both, done := []signin.Person{ada, bob}, make([]error, 2)
		var work sync.WaitGroup
		for j, p := range both {
			p.Removed = Now()
			work.Go(func() { done[j] = stores[j].UpdatePerson(t.Context(), p, signin.Ends{}) })
		}
		work.Wait()
		left := 0
		if done[0] == nil {
			left = 1
		}
		must(t, done[1-left])
		wantFault(t, done[left], fault.Invalid, "in_use")
		ada = both[left]
	}
}

func lastOperatorKeys(t *testing.T, e Engine) {
	url := e.New(t)
	stores := []*store.Store{Open(t, url), Open(t, url)}
	endless := func(name string) access.Key {
		k := Key("", name)
		k.Expires = time.Time{}
		must(t, stores[0].CreateKey(t.Context(), k))
		return k
	}
	ends := Key("", "ends")
	must(t, errors.Join(stores[0].CreatePerson(t.Context(), Person("ada")), stores[0].CreateKey(t.Context(), ends)))
	last := endless("first")
	for i := range 8 {
		both, done := []access.Key{last, endless(fmt.Sprintf("key-%d", i))}, make([]error, 2)
		var work sync.WaitGroup
		for j, k := range both {
			if j == 0 {
				k.Revoked = Now()
			} else {
				k.Expires = Now().AddDate(1, 0, 0)
			}
			work.Go(func() { done[j] = stores[j].UpdateKey(t.Context(), k, Event("", "apikey.update")) })
		}
		work.Wait()
		left := 0
		if done[0] == nil {
			left = 1
		}
		must(t, done[1-left])
		wantFault(t, done[left], fault.Invalid, "in_use")
		last = both[left]
	}
	last.Name, ends.Revoked = "renamed", Now()
	must(t, stores[0].UpdateKey(t.Context(), last))
	must(t, stores[0].UpdateKey(t.Context(), ends))
}
