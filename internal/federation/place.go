package federation

import (
	"context"
	"time"

	"golang.org/x/time/rate"

	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/tenant"
)

// place is what is kept for one environment as it is configured. When what
// matters of the configuration changes, the whole place is dropped.
type place struct {
	mark    fingerprint
	name    string
	version int64
	ctx     context.Context //nolint:containedctx // ends when the place is dropped, and its flights with it
	cancel  context.CancelFunc
	entries map[entryKey]*entry
	begins  *rate.Limiter // sessions that may begin for users
	gate    gate
	probe   probing
	gone    bool
}

// fingerprint is what credentials depend on.
type fingerprint struct {
	organization, environment, region, role, audience string
	duration                                          time.Duration
	naming                                            tenant.SessionName
	tags                                              bool
}

func markOf(env *tenant.Environment) fingerprint {
	p := fingerprint{
		organization: env.Organization, environment: env.ID, region: env.Region, role: env.RoleARN,
		duration: env.Session, naming: env.SessionName, tags: env.SessionTags,
	}
	if len(env.Audiences) > 0 {
		p.audience = env.Audiences[0]
	}
	return p
}

// place returns the place of the environment; f.mu is held. nil means that the
// environment was read before a change that is known here already: read it
// again. Who has done that is believed, for a restored database counts anew.
func (f *Federation) place(env *tenant.Environment, reread bool) *place {
	p := f.places[env.ID]
	switch {
	case p == nil:
	case env.Version < p.version && !reread:
		return nil
	case p.mark == markOf(env):
		p.version, p.name = env.Version, env.Name
		return p
	default:
		f.drop(p)
	}
	p = &place{
		mark: markOf(env), name: env.Name, version: env.Version, entries: map[entryKey]*entry{},
		begins: rate.NewLimiter(rate.Limit(float64(f.settings.NewSessions)/60), f.settings.NewSessions),
	}
	p.ctx, p.cancel = context.WithCancel(f.ctx)
	f.places[env.ID] = p
	return p
}

// drop forgets a place; what is on its way to it is served to nobody. f.mu is held.
func (f *Federation) drop(p *place) {
	if p.gone {
		return
	}
	p.gone = true
	p.cancel()
	for _, e := range p.entries {
		f.remove(e)
	}
	if f.places[p.mark.environment] == p {
		delete(f.places, p.mark.environment)
	}
}

// Forget drops all credentials of an environment, at once and whatever is on its way.
func (f *Federation) Forget(environment string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p := f.places[environment]; p != nil {
		f.drop(p)
	}
}

// ForgetKey drops the sessions of an API key.
func (f *Federation) ForgetKey(key string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.places {
		for _, e := range p.entries {
			if e.caller.Key == key {
				f.remove(e)
			}
		}
	}
}

// Reconcile takes the environments in force, deleted ones perhaps among them, and drops what they no longer
// cover: deleted ones, changed ones, and those whose role was found unsafe.
// Call it after the directory that Settings.Environment reads has them.
func (f *Federation) Reconcile(environments []tenant.Environment) {
	inForce := make(map[string]*tenant.Environment, len(environments))
	for i := range environments {
		if e := &environments[i]; e.Deleted.IsZero() {
			inForce[e.ID] = e
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, p := range f.places {
		env := inForce[id]
		if env == nil || p.mark != markOf(env) || usable(env) != nil {
			f.settings.Log.Info("credentials of an environment dropped", "environment", id, "sessions", len(p.entries))
			f.drop(p)
			continue
		}
		p.version = max(p.version, env.Version)
	}
}

// young is the age below which credentials that AWS refuses as expired are not
// replaced: new ones would be refused too, and each would cost a call to STS.
const young = 30 * time.Second

func (f *Federation) dropCredentials(environment string, refused credential.Credentials) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.places[environment]
	if p == nil {
		return
	}
	now := f.settings.Now()
	for _, e := range p.entries {
		if e.got == nil || e.got.AccessKeyID != refused.AccessKeyID || !e.got.SessionToken.Equal(refused.SessionToken.Reveal()) {
			continue
		}
		if now.Sub(e.got.since) >= young {
			f.settings.Log.Warn("AWS refused credentials as expired", "environment", environment, "expires", e.got.Expires)
			e.got = nil
			e.failure = failure{}
		}
		return
	}
}
