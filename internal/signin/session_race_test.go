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
		if err := p.SetPassword(t.Context(), p.signedIn(mine), secret.New(good), secret.New(next)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.signIn("ada", good); code(err) != "account_changed" {
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
