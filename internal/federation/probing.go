package federation

import (
	"context"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/tenant"
)

// probing is a place's negative probe, made before the role is used for a
// caller. Guarded by Federation.mu.
type probing struct {
	// passed is the version of the environment that passed; 0: none. A later
	// version that needs a probe needs another one.
	passed int64
	flight *flight
	no     failure
}

// unproved reports whether the role must be seen to refuse others before its
// next use: it is new, or it refused us since it was seen, so that somebody has
// to change its trust policy before it takes us again.
func unproved(env *tenant.Environment) bool {
	return env.NeedsProbe() || env.State == tenant.Failing && env.Probed.IsZero()
}

// probed waits until the role has been probed, if it has to be: one flight for
// all sessions of the environment. Its errors are the probe's.
func (f *Federation) probed(ctx context.Context, p *place, env *tenant.Environment) error {
	if !unproved(env) {
		return nil
	}
	f.mu.Lock()
	fl, no := p.probe.flight, p.probe.no
	switch {
	case p.gone:
		f.mu.Unlock()
		return errGone
	case p.probe.passed == env.Version:
		f.mu.Unlock()
		return nil
	case fl == nil && no.holds(f.settings.Now()):
		f.mu.Unlock()
		return gated{no}
	case fl == nil:
		fl = &flight{done: make(chan struct{}), cancel: func() {}} // ends with the place
		p.probe.flight = fl
		f.work.Go(func() {
			defer close(fl.done)
			fl.err = f.probePlace(p)
		})
	}
	f.mu.Unlock()
	select {
	case <-fl.done:
		return fl.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// probePlace probes the role of a place, and remembers what came of it.
func (f *Federation) probePlace(p *place) error {
	ctx, cancel := context.WithTimeout(p.ctx, flightBudget)
	defer cancel()
	version, err := f.probeAsRead(ctx, p)
	f.mu.Lock()
	defer f.mu.Unlock()
	p.probe.flight = nil
	switch {
	case p.gone:
		return errGone
	case err == nil:
		p.probe.passed, p.probe.no = version, failure{}
		return nil
	}
	no := fault.From(err)
	pause := finalMemory
	if no.Kind == fault.Unavailable && no.RetryAfter > 0 {
		pause = no.RetryAfter
	}
	p.probe.no = failure{no, f.settings.Now().Add(pause)}
	return gated{p.probe.no}
}

// probeAsRead probes the environment as it is configured now, and returns its version.
func (f *Federation) probeAsRead(ctx context.Context, p *place) (version int64, err error) {
	env, err := f.settings.Environment(p.mark.environment)
	if err != nil {
		return 0, err
	}
	if markOf(&env) != p.mark {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.drop(p)
		return 0, errGone
	}
	found, err := f.Probe(ctx, env)
	switch {
	case err != nil:
		return 0, err
	case found.Verdict == Unsafe:
		env.State, env.Why, env.Accepted = tenant.Unsafe, found.Why, nil
		return 0, env.Usable()
	case found.Verdict == Undecided:
		return 0, fault.New(fault.Unavailable, "environment %s cannot be used yet: it is not known yet whether its AWS role refuses others", env.Name).
			WithCode(CodeUndecided).WithRemedy("Try again in a minute; `adit doctor --environment %s` shows why.", env.Argument()).WithDetail("%s", found.Why)
	}
	return env.Version, nil
}
