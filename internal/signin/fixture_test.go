package signin_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signin"
	"github.com/adit-hq/adit/internal/signin/signintest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	orgA = "org_aaaaaaaaaaaaaaaaaaaaaaaa"
	orgB = "org_bbbbbbbbbbbbbbbbbbbbbbbb"
	// good is a password that can be taken.
	good = "walnut-orbit-canyon"
)

// organizations are two: a and b.
type organizations struct{}

func (organizations) OrganizationID(name string) (string, error) {
	switch name {
	case orgA, "a":
		return orgA, nil
	case orgB, "b":
		return orgB, nil
	}
	return "", fault.New(fault.NotFound, "there is no such organization").WithCode("organization_not_found")
}

// place is a registry over a store in memory, with a clock that stands and cheap hashes.
type place struct {
	*signin.Registry
	t        *testing.T
	store    *signintest.Store
	mu       sync.Mutex
	now      time.Time
	recorded []audit.Event
}

func (p *place) clock() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

func (p *place) pass(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = p.now.Add(d)
}

func (p *place) record(_ context.Context, e audit.Event) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.recorded = append(p.recorded, e)
	return nil
}

// events returns those with the action, of changes first.
func (p *place) events(action string) (list []audit.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range append(p.store.Audit.Events(), p.recorded...) {
		if e.Action == action {
			list = append(list, e)
		}
	}
	return list
}

func newPlace(t *testing.T, with ...func(*signin.Settings)) *place {
	t.Helper()
	p := &place{t: t, store: signintest.New(), now: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)}
	s := signin.Settings{
		Store: p.store, Key: bytes.Repeat([]byte("k"), 32), Organizations: organizations{}, Record: p.record, Now: p.clock,
	}
	for _, f := range with {
		f(&s)
	}
	r, err := signin.New(s)
	if err != nil {
		t.Fatal(err)
	}
	r.Cheap()
	p.Registry = r
	return p
}

func server() signin.By { return signin.By{Principal: access.System()} }

func here() signin.Origin { return signin.Origin{Address: "192.0.2.1", Agent: "Firefox"} }

func member(organization string, role access.Role) signin.Membership {
	return signin.Membership{Organization: organization, Role: role}
}

// invite makes a person of the login with the roles and the password, and returns them signed in.
func (p *place) invite(login, password string, roles ...signin.Membership) signin.Opened {
	p.t.Helper()
	_, token, err := p.MakeLink(p.t.Context(), server(), login, roles)
	if err != nil {
		p.t.Fatal(err)
	}
	o, err := p.UseLink(p.t.Context(), token.Reveal(), secret.New(password), here())
	if err != nil {
		p.t.Fatal(err)
	}
	return o
}

func (p *place) signIn(login, password string) (signin.Opened, error) {
	return p.SignIn(p.t.Context(), login, secret.New(password), here())
}

// in reports whether the session's token still works.
func (p *place) in(o signin.Opened) bool {
	p.t.Helper()
	_, err := p.Session(p.t.Context(), o.Token.Reveal())
	if err != nil && code(err) != "session_ended" {
		p.t.Fatal(err)
	}
	return err == nil
}

func (p *place) signedIn(o signin.Opened) signin.SignedIn {
	p.t.Helper()
	s, err := p.Session(p.t.Context(), o.Token.Reveal())
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

// as returns the person as one who asks for changes.
func as(o signin.Opened, organization string) signin.By {
	principal, _ := signin.SignedIn{Session: o.Session, Person: o.Person}.Principal(organization)
	return signin.By{Principal: principal, Address: "192.0.2.1"}
}

func code(err error) string {
	if err == nil {
		return ""
	}
	return fault.From(err).Code
}

// places are the fields at fault.
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
