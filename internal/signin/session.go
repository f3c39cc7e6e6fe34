package signin

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
)

// How a session was begun.
const (
	byPassword = "password"
	byLink     = "link"
	byOIDC     = "oidc"
)

// touched is how exactly it is known when a session was last used: a write of
// the database for every request would be a waste.
const touched = time.Minute

// endedAt reports whether the session no longer lives at that moment: unused
// for as long as idle, or at its absolute end.
func (s Session) endedAt(now time.Time, idle time.Duration) bool {
	return !now.Before(s.Ends) || !now.Before(s.Seen.Add(idle))
}

// again signs in once more, with a proof anew, where the person was changed
// meanwhile: of two browsers that sign in at once one may have hashed the
// password at today's cost, and that is to keep neither out.
func again(signIn func() (Opened, error)) (Opened, error) {
	opened, err := signIn()
	if f := fault.From(err); f != nil && f.Code == "account_changed" {
		return signIn()
	}
	return opened, err
}

// open begins a session, with a token that nobody had before.
func (r *Registry) open(ctx context.Context, p Person, method string, o Origin, details map[string]string) (Opened, error) {
	now := r.moment()
	token, hash := newToken(sessionToken)
	s := Session{
		ID: ident.New(ident.Session), Hash: hash, Person: p.ID, Method: method,
		Address: clean(o.Address), Agent: clean(o.Agent), Created: now, Seen: now, Ends: now.Add(r.settings.Absolute),
	}
	if details == nil {
		details = map[string]string{}
	}
	details["method"], details["session"] = method, s.ID
	err := r.settings.Store.CreateSession(ctx, s, p.Version, byPerson(p, o, now, "signin.ok", "ok", details)...)
	if f := fault.From(err); f != nil && f.Code == "conflict" {
		return Opened{}, fault.New(fault.Unauthenticated, "your account was changed while you signed in").
			WithCode("account_changed").WithRemedy("Sign in again.")
	}
	if err != nil {
		return Opened{}, err
	}
	p.SignedIn = now
	return Opened{Session: s, Person: p, Token: token}, nil
}

// Session returns whose session the token opens, as they are now: a role that was
// taken away is gone with the next request. One that has ended, or never was, is
// a fault of kind Unauthenticated, "session_ended".
func (r *Registry) Session(ctx context.Context, token string) (SignedIn, error) {
	hash, ok := readToken(sessionToken, token)
	if !ok {
		return SignedIn{}, sessionEnded()
	}
	s, p, err := r.settings.Store.Session(ctx, hash)
	if fault.KindOf(err) == fault.NotFound {
		return SignedIn{}, sessionEnded()
	}
	if err != nil {
		return SignedIn{}, err
	}
	now := r.moment()
	if s.endedAt(now, r.settings.Idle) || !r.welcome(p) {
		return SignedIn{}, sessionEnded()
	}
	if !now.Before(s.Seen.Add(touched)) {
		if err := r.settings.Store.TouchSession(ctx, s.ID, now); err != nil {
			r.settings.Log.Warn("the last use of a session could not be written", "error", err)
		} else {
			s.Seen = now
		}
	}
	return SignedIn{Session: s, Person: p}, nil
}

// welcome reports whether the person may still be here: with a role, and, if
// another provider vouched, with that provider still configured.
func (r *Registry) welcome(p Person) bool {
	if len(p.Roles) == 0 {
		return false
	}
	return p.Issuer == "" || r.settings.Provider != nil && r.settings.Provider.issuer == p.Issuer
}

// SignOut ends the session. One that has ended already is no fault.
func (r *Registry) SignOut(ctx context.Context, s SignedIn, o Origin) error {
	_, err := r.settings.Store.EndSessions(ctx, s.Person.ID, []string{s.Session.ID},
		byPerson(s.Person, o, r.moment(), "signin.out", "ok", map[string]string{"session": s.Session.ID})...)
	return err
}

// Sessions returns the person's sessions that live, newest first.
func (r *Registry) Sessions(ctx context.Context, person string) ([]Session, error) {
	all, err := r.settings.Store.Sessions(ctx, person)
	if err != nil {
		return nil, err
	}
	now := r.moment()
	live := all[:0:0]
	for _, s := range all {
		if !s.endedAt(now, r.settings.Idle) {
			live = append(live, s)
		}
	}
	return live, nil
}

func sessionEnded() error {
	return fault.New(fault.Unauthenticated, "the session has ended").WithCode("session_ended").WithRemedy("Sign in again.")
}
