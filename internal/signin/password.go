package signin

import (
	"context"
	"slices"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

// SignIn begins a session for who knows a local login and its password. A login
// that is not known, a wrong password and a person without one are one and the
// same fault of kind Unauthenticated, "sign_in_failed", and take the same time.
// While the login or the address is locked nothing is looked at: Throttled,
// "locked", with RetryAfter; that a login is locked does not tell that it exists.
func (r *Registry) SignIn(ctx context.Context, login string, password secret.String, o Origin) (Opened, error) {
	login = typed(login)
	return again(func() (Opened, error) {
		p, err := r.prove(ctx, login, password, o)
		if err != nil {
			return Opened{}, err
		}
		return r.open(ctx, p, byPassword, o, nil)
	})
}

// prove returns the person of the login, if the password is theirs. Every call is
// counted as a guess before it is known to be none.
func (r *Registry) prove(ctx context.Context, login string, password secret.String, o Origin) (Person, error) {
	names := r.names(login, o)
	if err := r.locked(ctx, names); err != nil {
		return Person{}, err
	}
	done, err := r.hashes.turn(ctx)
	if err != nil {
		return Person{}, err
	}
	defer done()
	p, known, err := r.local(ctx, login)
	if err != nil {
		return Person{}, err
	}
	g, err := r.reserve(ctx, names)
	if err != nil {
		return Person{}, err
	}
	right, stale := r.hashes.compare(p.Password, password)
	if !right || !r.welcome(p) {
		r.wrong(ctx, p, known, g, o)
		return Person{}, signInFailed()
	}
	if err := r.right(ctx, g); err != nil {
		return Person{}, err
	}
	if stale {
		p = r.rehashed(ctx, p, password)
	}
	return p, nil
}

// wrong records that a guess was wrong, and what it locked.
func (r *Registry) wrong(ctx context.Context, p Person, known bool, g guess, o Origin) {
	r.missed(ctx, p, known, o, "signin.failed", "sign_in_failed", nil)
	for _, n := range g.names {
		until, locks := g.locks[n.name]
		if !locks {
			continue
		}
		what := "login"
		if n.free == freeAddress {
			what = "address"
		}
		r.missed(ctx, p, known, o, "signin.locked", "locked", map[string]string{"locked": what, "for": until.Sub(g.at).String()})
	}
}

// rehashed keeps the password at today's cost. If that fails the next sign-in does it.
func (r *Registry) rehashed(ctx context.Context, p Person, password secret.String) Person {
	next := p
	next.Password = r.hashes.hash(password)
	if err := r.settings.Store.UpdatePerson(ctx, next, Ends{}); err != nil {
		r.settings.Log.Warn("a password could not be hashed anew at today's cost", "person", p.ID, "error", err)
		return p
	}
	next.Version++
	return next
}

// SetPassword gives the person another password and ends all their other
// sessions, and the links that the person made. The old one must be right (Invalid, "wrong_password"), and wrong ones
// count as failed sign-ins; who has none yet, and came by a link, needs none. A
// person of the OIDC provider has no password here: Invalid, "no_password". A
// session that ended meanwhile is Unauthenticated, "session_ended". The origin is
// that of this request, whose address need not be the one that the session began at.
func (r *Registry) SetPassword(ctx context.Context, s SignedIn, old, next secret.String, o Origin) error {
	for try := 1; ; try++ {
		err := r.setPassword(ctx, s, old, next, o)
		if err == nil || try == tries || fault.From(err).Code != "conflict" {
			return err
		}
	}
}

// setPassword is one try, with a proof anew: a change of the person may get in
// its way, such as the same password that another browser's sign-in hashes at
// today's cost. Then it is Invalid, "conflict".
func (r *Registry) setPassword(ctx context.Context, s SignedIn, old, next secret.String, o Origin) error {
	p, err := r.settings.Store.Person(ctx, s.Person.ID)
	if err != nil {
		return err
	}
	if p.Login == "" {
		return fault.New(fault.Invalid, "your password is kept where you sign in, not here").
			WithCode("no_password").WithRemedy("Change it there.")
	}
	// Looked at after the person: what takes the password and the sessions away
	// changes the person, so that whoever comes too late for this is refused below.
	live, err := r.Sessions(ctx, p.ID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(live, func(o Session) bool { return o.ID == s.Session.ID }) {
		return sessionEnded()
	}
	var f fault.Inputs
	checkPassword(&f, "new_password", p.Login, next)
	if err := f.Err(); err != nil {
		return err
	}
	if p.Password != "" {
		p, err = r.prove(ctx, p.Login, old, o)
		if fault.KindOf(err) == fault.Unauthenticated {
			return fault.New(fault.Invalid, "the present password is not right").
				WithCode("wrong_password").WithParam("old_password").
				WithRemedy("If it is lost, ask an administrator for a link that signs in once.")
		}
		if err != nil {
			return err
		}
	}
	if p.Password, err = r.hashed(ctx, next); err != nil {
		return err
	}
	now := r.moment()
	p.Updated = now
	ends, ended, err := r.withLinks(ctx, p, self(p, o), Ends{All: true, But: s.Session.ID})
	if err != nil {
		return err
	}
	return r.settings.Store.UpdatePerson(ctx, p, ends, append(byPerson(p, o, now, "signin.password", "ok", nil), ended...)...)
}

func (r *Registry) hashed(ctx context.Context, password secret.String) (string, error) {
	done, err := r.hashes.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	return r.hashes.hash(password), nil
}

func signInFailed() error {
	return fault.New(fault.Unauthenticated, "the login or the password is not right").
		WithCode("sign_in_failed").
		WithRemedy("Check both; who has no password, or has lost it, asks an administrator for a link that signs in once.")
}
