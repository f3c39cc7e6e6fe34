package federation

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/tenant"
)

// Federation gives the AWS credentials of environments and keeps them fresh.
// It is safe for concurrent use. Close it to end its work in the background.
type Federation struct {
	settings Settings
	names    namer
	sts      *sts
	budgets  *budgets

	ctx    context.Context //nolint:containedctx // ends with Close; flights live by it, not by a caller's
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu     sync.Mutex // guards what follows, and all that is in places
	places map[string]*place
	live   int       // entries of all places
	swept  time.Time // when idle entries were last looked for
	closed bool
}

// New returns a federation. It does nothing yet: the first call for an
// environment makes the first exchange.
func New(s Settings) *Federation {
	s.fill()
	if len(s.UserHashKey) == 0 {
		s.UserHashKey = make([]byte, 32)
		rand.Read(s.UserHashKey) // never fails (crypto/rand since Go 1.24)
	}
	f := &Federation{
		settings: s, names: namer{s.UserHashKey}, sts: newSTS(&s), budgets: newBudgets(&s), places: map[string]*place{},
	}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	return f
}

// Close ends refreshes and exchanges under way and waits for them. Nothing is served afterwards.
func (f *Federation) Close() {
	f.mu.Lock()
	f.closed = true
	for _, p := range f.places {
		f.drop(p)
	}
	f.mu.Unlock()
	f.cancel()
	f.work.Wait()
	f.sts.close()
}

// Live returns how many sessions are kept.
func (f *Federation) Live() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.live
}

// bound ends a caller's own exchange with the federation.
func (f *Federation) bound(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(f.ctx, cancel)
	return ctx, func() { stop(); cancel() }
}

// Source gives the credentials of one environment. It satisfies bedrock.Credentials.
type Source struct {
	f           *Federation
	environment string
}

// For returns the source of the environment with that id, which need not exist yet.
func (f *Federation) For(environment string) *Source { return &Source{f, environment} }

// Credentials returns credentials for the caller's session. Fresh ones come
// from memory; otherwise all who want the same session wait for one exchange,
// each as long as its ctx allows.
//
// Errors are faults: NotFound and the like from the configuration; Forbidden
// for a caller of another organization, and "environment_unsafe" for a role
// that lets foreign subjects in; Refused when AWS says No, remembered for 30
// seconds; Unavailable when it may pass, with RetryAfter; Deadline and Canceled of ctx.
func (s *Source) Credentials(ctx context.Context, c caller.Caller) (credential.Credentials, error) {
	return s.f.credentials(ctx, s.environment, c)
}

// Drop says that AWS refused these credentials as expired: the next call gets
// new ones. Credentials that were replaced already, or that are so young that
// new ones would be no better, stay.
func (s *Source) Drop(refused credential.Credentials) { s.f.dropCredentials(s.environment, refused) }

// credentials serves from memory or waits for a flight, until it can serve
// what the configuration of this moment allows.
func (f *Federation) credentials(ctx context.Context, environment string, c caller.Caller) (credential.Credentials, error) {
	for reread := false; ; reread = true {
		env, plain, err := f.read(environment, c)
		if err != nil {
			return credential.Credentials{}, err
		}
		wanted := f.names.sessionFor(&env, plain, c)
		got, wait, err := f.serveOrJoin(&env, wanted, c, reread)
		if wait == nil || err != nil {
			return got, err
		}
		if err := wait(ctx); err != nil {
			return credential.Credentials{}, err
		}
	}
}

// read returns the environment as it is now, if the caller may use it.
func (f *Federation) read(environment string, c caller.Caller) (env tenant.Environment, plain bool, err error) {
	if env, err = f.settings.Environment(environment); err != nil {
		return env, false, err
	}
	// Whoever calls has been let through already. This is the second lock: a
	// mistake there must not give one organization another's role.
	if c.Organization != env.Organization || !c.MayUseEnvironment(env.ID) {
		return env, false, fault.New(fault.Forbidden, "this caller may not use the environment").WithCode("environment_not_allowed")
	}
	if err := usable(&env); err != nil {
		return env, false, err
	}
	plain, err = f.plainUsers(&env)
	return env, plain, err
}

// plainUsers reports whether the organization lets the names of users reach AWS.
func (f *Federation) plainUsers(env *tenant.Environment) (bool, error) {
	if env.SessionName != tenant.ByUser {
		return false, nil
	}
	o, err := f.settings.Organization(env.Organization)
	return o.PlainUsers, err
}

// serveOrJoin returns credentials that are in memory, or how to wait for some.
func (f *Federation) serveOrJoin(env *tenant.Environment, wanted session, c caller.Caller, reread bool) (credential.Credentials, func(context.Context) error, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return credential.Credentials{}, nil, fault.New(fault.Unavailable, "Adit is shutting down")
	}
	p := f.place(env, reread)
	if p == nil {
		return credential.Credentials{}, func(context.Context) error { return nil }, nil // read the environment again
	}
	now := f.settings.Now()
	e, fellBack := f.entry(p, wanted, c, now)
	e.used = now
	if e.got != nil && now.Before(e.got.until) {
		if !now.Before(e.got.refreshAt) && e.flight == nil && !e.failure.holds(now) {
			f.takeOff(e)
		}
		if fellBack { // counted where the caller goes away with it
			f.settings.Observe.FellBack(env.ID)
		}
		return e.got.Credentials, nil, nil
	}
	if e.flight == nil && e.failure.holds(now) {
		return credential.Credentials{}, nil, e.failure.again(now)
	}
	if e.flight == nil {
		f.takeOff(e)
	}
	flight := e.flight
	return credential.Credentials{}, func(ctx context.Context) error { return flight.wait(ctx) }, nil
}
