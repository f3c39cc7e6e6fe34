package signin_test

import (
	"errors"
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signin"
)

// cutOff makes the change again and again, each time with the database going
// away one use later, until it goes through. Whatever was cut off, a person who
// was changed must not be left with sessions of before.
func (p *place) cutOff(change func() error, changed func() bool, before ...signin.Opened) {
	p.t.Helper()
	for away := 1; ; away++ {
		uses := 0
		p.store.Before = func() error {
			if uses++; uses >= away {
				return errors.New("away")
			}
			return nil
		}
		err := change()
		p.store.Before = nil
		for _, o := range before {
			if is, in := changed(), p.in(o); is && in {
				p.t.Errorf("the database went away at use %d: the change is there, and so is a session of before it", away)
			} else if !is && !in {
				p.t.Errorf("the database went away at use %d: the session ended without the change", away)
			}
		}
		if err == nil {
			return
		}
		if away == 100 {
			p.t.Fatal("it never goes through:", err)
		}
	}
}

func TestNoSessionOfBeforeIsLeftWhenTheDatabaseGoesAwayDuringAChange(t *testing.T) {
	t.Run("of a role", func(t *testing.T) {
		p := newPlace(t)
		bob := p.invite("bob", good, member(orgA, access.Developer))
		p.cutOff(func() error {
			_, err := p.SetRole(t.Context(), server(), bob.Person.ID, orgA, access.Admin, 0)
			return err
		}, func() bool { return p.roleIn(bob, orgA) == access.Admin }, bob)
	})
	t.Run("of the password", func(t *testing.T) {
		p := newPlace(t)
		first := p.invite("ada", good, member(orgA, access.Owner))
		other, _ := p.signIn("ada", good)
		had := p.person(first).Password
		in := p.signedIn(first)
		p.cutOff(func() error {
			return p.SetPassword(t.Context(), in, secret.New(good), secret.New("another-walnut-orbit"), here())
		}, func() bool { return p.person(first).Password != had }, other)
		if !p.in(first) {
			t.Error("the session in which it was changed ended too")
		}
	})
	t.Run("of the password by a link", func(t *testing.T) {
		p := newPlace(t)
		first := p.invite("ada", good, member(orgA, access.Owner))
		had := p.person(first).Password
		p.cutOff(func() error {
			away := p.store.Before
			p.store.Before = nil
			token := p.link("ada")
			p.store.Before = away
			_, err := p.use(token, "another-walnut-orbit")
			return err
		}, func() bool { return p.person(first).Password != had }, first)
	})
}

func (p *place) person(o signin.Opened) signin.Person {
	p.t.Helper()
	got, err := p.Person(p.t.Context(), o.Person.ID)
	if err != nil {
		p.t.Fatal(err)
	}
	return got
}

func (p *place) roleIn(o signin.Opened, organization string) access.Role {
	for _, m := range p.person(o).Roles {
		if m.Organization == organization {
			return m.Role
		}
	}
	return ""
}
