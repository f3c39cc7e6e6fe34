package signin_test

import (
	"context"
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signin"
)

// overtaken is a store in which something happens just before a session begins.
type overtaken struct {
	signin.Store
	by func()
}

func (s *overtaken) CreateSession(ctx context.Context, n signin.Session, version int64, events ...audit.Event) error {
	if by := s.by; by != nil {
		s.by = nil
		by()
	}
	return s.Store.CreateSession(ctx, n, version, events...)
}

func TestAPasswordThatIsChangedWhileItIsUsedOpensNothing(t *testing.T) {
	store := &overtaken{}
	p := newPlace(t, func(s *signin.Settings) {
		store.Store = s.Store
		s.Store = store
	})
	mine := p.invite("ada", good, member("a", access.Owner))
	const next = "a password that nobody else knows"
	store.by = func() {
		if err := p.SetPassword(t.Context(), p.signedIn(mine), secret.New(good), secret.New(next), here()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.signIn("ada", good); code(err) != "sign_in_failed" {
		t.Errorf("the old password was proven, then changed: %v", err)
	}
	if all, err := p.Sessions(t.Context(), mine.Person.ID); err != nil || len(all) != 1 {
		t.Errorf("%d sessions, %v: only that of who changed the password is to be left", len(all), err)
	}
	if _, err := p.signIn("ada", next); err != nil {
		t.Errorf("the new password: %v", err)
	}
}

func TestWhoIsTurnedAwayOnceIsNotedOnce(t *testing.T) {
	f := newFederated(t, "group:platform=owner@a")
	o, err := f.come(ada())
	if err != nil {
		t.Fatal(err)
	}
	race := &racing{Store: f.store}
	stricter := f.again(f.with(t, "group:others=owner@a"), func(s *signin.Settings) { s.Store, s.Record = race, f.record })
	race.once = func() {
		p := f.person(o)
		p.Name = "Ada King"
		if err := f.store.UpdatePerson(t.Context(), p, signin.Ends{}); err != nil {
			t.Error(err)
		}
	}
	if _, err := stricter.come(ada()); code(err) != "not_invited" {
		t.Errorf("%v", err)
	}
	if got := f.events("signin.failed"); len(got) != 1 || race.once != nil || f.in(o) || got[0].Target != o.Person.ID || got[0].Organization != orgA {
		t.Errorf("%+v", got)
	}
}

func TestTwoBrowsersThatSignInAtOnceWithAHashOfAnotherCostBothGetIn(t *testing.T) {
	race := &racing{}
	p := newPlace(t, func(s *signin.Settings) { race.Store, s.Store = s.Store, race })
	p.invite("ada", good, member(orgA, access.Owner))
	p.Moderate()
	var second signin.Opened
	race.once = func() { // while the first hashes the password anew
		var err error
		if second, err = p.signIn("ada", good); err != nil {
			t.Error(err)
		}
	}
	first, err := p.signIn("ada", good)
	if err != nil || race.once != nil || !p.in(first) || !p.in(second) {
		t.Fatalf("one of them is not in: %v", err)
	}
	if a, err := p.store.Attempts(t.Context(), "address:192.0.2.1"); a.Failures != 0 || err != nil {
		t.Errorf("right passwords were counted as %d wrong ones (%v)", a.Failures, err)
	}
}

func TestWhoIsChangedWhileTheProviderVouchesIsSignedInAsTheyAreThen(t *testing.T) {
	store := &overtaken{}
	f := newFederated(t, "group:platform=owner@a")
	f = f.again(f.with(t, "group:platform=owner@a"), func(s *signin.Settings) { store.Store, s.Store = s.Store, store })
	store.by = func() {
		people, err := f.People(t.Context(), nil)
		if err != nil || len(people) != 1 {
			t.Fatal(people, err)
		}
		people[0].Roles = []signin.Membership{member(orgB, access.Auditor)} // such as a replica with other rules
		if err := f.store.UpdatePerson(t.Context(), people[0], signin.Ends{All: true}); err != nil {
			t.Fatal(err)
		}
	}
	o, err := f.come(ada())
	if err != nil || f.roleIn(o, orgA) != access.Owner || f.person(o).Version != o.Person.Version {
		t.Errorf("%+v, %v", o.Person, err)
	}
}

func TestASignInThatIsOvertakenAgainIsToldSo(t *testing.T) {
	store := &overtaken{}
	p := newPlace(t, func(s *signin.Settings) { store.Store, s.Store = s.Store, store })
	ada := p.invite("ada", good, member(orgA, access.Owner))
	roles, tries := []access.Role{access.Admin, access.Auditor, access.Developer}, 0
	var change func()
	change = func() {
		if _, err := p.SetRole(t.Context(), server(), ada.Person.ID, orgA, roles[tries], 0); err != nil {
			t.Fatal(err)
		}
		tries++
		store.by = change
	}
	store.by = change
	if _, err := p.signIn("ada", good); code(err) != "account_changed" || tries != 2 {
		t.Errorf("after %d tries: %v", tries, err)
	}
}

func TestANewPasswordIsTakenThoughAnotherBrowserSignsInMeanwhile(t *testing.T) {
	race := &racing{}
	p := newPlace(t, func(s *signin.Settings) { race.Store, s.Store = s.Store, race })
	ada := p.invite("ada", good, member(orgA, access.Owner))
	in := p.signedIn(ada)
	p.Moderate()
	var other signin.Opened
	race.once = func() { // while the old password is hashed anew for this change
		var err error
		if other, err = p.signIn("ada", good); err != nil {
			t.Error(err)
		}
	}
	const next = "another-walnut-orbit"
	if err := p.SetPassword(t.Context(), in, secret.New(good), secret.New(next), here()); err != nil || race.once != nil {
		t.Fatalf("the other sign-in got in the way: %v", err)
	}
	if !p.in(ada) || p.in(other) {
		t.Error("the session of the change is to be the only one left")
	}
	if _, err := p.signIn("ada", next); err != nil {
		t.Errorf("the new password: %v", err)
	}
}

func TestOfTwoNewPasswordsAtOnceTheFirstHolds(t *testing.T) {
	race := &racing{}
	p := newPlace(t, func(s *signin.Settings) { race.Store, s.Store = s.Store, race })
	first := p.invite("ada", "", member(orgA, access.Owner)) // who has no password needs none for the change
	second, err := p.use(p.link("ada"), "")
	if err != nil {
		t.Fatal(err)
	}
	one, two := p.signedIn(first), p.signedIn(second)
	race.once = func() {
		if err := p.SetPassword(t.Context(), two, secret.String{}, secret.New(good), here()); err != nil {
			t.Error(err)
		}
	}
	if err := p.SetPassword(t.Context(), one, secret.String{}, secret.New("another-walnut-orbit"), here()); code(err) != "session_ended" {
		t.Errorf("a session that the other change ended chooses a password: %v", err)
	}
	if _, err := p.signIn("ada", good); err != nil {
		t.Errorf("the first: %v", err)
	}
}
