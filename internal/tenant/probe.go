package tenant

import (
	"context"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
)

// How often roles are probed: daily, as anybody may change a trust policy at any
// time, and an hour after a probe that could not tell.
const (
	probeEvery = 24 * time.Hour
	probeAgain = time.Hour
)

// tried remembers when this replica probed last, so that what AWS does not
// answer is not asked in every round.
type tried struct {
	mu sync.Mutex
	at map[string]time.Time
}

// Probed notes what a negative probe found of the role. A finding of a role that
// the environment does not have any more counts for nothing. Why is a sentence for
// administrators. What exchanges did before counts first: of a role that refused
// everybody a probe proves nothing, and of one that takes us again it does. It
// returns the environment as it is then.
func (r *Registry) Probed(ctx context.Context, actor audit.Actor, id, roleARN string, v Verdict, why string) (Environment, error) {
	r.tried.note(id, r.settings.Now())
	if err := r.Flush(ctx); err != nil {
		r.settings.Log.Warn("the last activity of environments could not be saved before a probe", "error", err)
	}
	find := func() (Environment, error) { return r.EnvironmentByID(id) }
	return r.changeEnvironment(ctx, find, 0, func(e *Environment, now time.Time) ([]audit.Event, error) {
		if e.RoleARN != roleARN {
			return nil, nil
		}
		before := e.State
		if !e.probed(v, why, now) {
			return nil, nil
		}
		action, details := "role.verified", map[string]string{"role_arn": roleARN, "state": string(e.State)}
		if v == Open {
			action, details["why"] = "role.unsafe", e.Why
		}
		if before != e.State {
			details["former_state"] = string(before)
		}
		return []audit.Event{e.event(actor, action, now, details)}, nil
	})
}

// Accept notes that an administrator answers for an unsafe role, with a reason
// of 10 to 1,000 characters. It holds for the role that the environment has now,
// until a probe finds it safe.
func (r *Registry) Accept(ctx context.Context, actor audit.Actor, id, reason string) (Environment, error) {
	var f fault.Inputs
	if n := utf8.RuneCountInString(reason); n < minReason || n > maxReason || !plain(reason) {
		f.Add("reason", "the reason must have %d to %d printable characters: auditors will read it", minReason, maxReason)
		return Environment{}, f.Err()
	}
	find := func() (Environment, error) { return r.EnvironmentByID(id) }
	return r.changeEnvironment(ctx, find, 0, func(e *Environment, now time.Time) ([]audit.Event, error) {
		if e.State != Unsafe {
			return nil, fault.New(fault.Invalid, "the environment %s is %s, not unsafe: there is nothing to accept", e.Name, e.State).
				WithCode("not_unsafe")
		}
		e.Accepted = &Acceptance{By: actor.Key, Reason: reason, At: now, RoleARN: e.RoleARN}
		return []audit.Event{e.event(actor, "environment.accept", now, map[string]string{"role_arn": e.RoleARN, "reason": reason, "why": e.Why})}, nil
	})
}

// Due returns the environments whose role should be probed now: those that were
// not seen safe for a day. One replica asks.
func (r *Registry) Due(now time.Time) ([]Environment, error) {
	if err := r.settings.Fresh(); err != nil {
		return nil, err
	}
	var due []Environment
	for e := range r.now.Load().environments.All() {
		wait := probeAgain
		if e.State == Unsafe {
			wait = probeEvery
		}
		if e.RoleARN != "" && now.Sub(e.Probed) >= probeEvery && now.Sub(r.tried.when(e.ID)) >= wait {
			due = append(due, *e)
		}
	}
	return due, nil
}

func (t *tried) note(id string, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.at == nil {
		t.at = map[string]time.Time{}
	}
	for other, when := range t.at {
		if at.Sub(when) > probeEvery {
			delete(t.at, other) // such as one that was deleted
		}
	}
	t.at[id] = at
}

func (t *tried) when(id string) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.at[id]
}
