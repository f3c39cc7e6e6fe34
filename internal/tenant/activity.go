package tenant

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
)

// activity collects what environments did last, until it is written. It holds
// at most one for each environment that there is.
type activity struct {
	mu      sync.Mutex
	waiting map[string]Activity
	once    sync.Once
	signal  chan struct{}
	writing sync.Mutex // one writer at a time
}

// wake returns the channel that says that a state may have to change: that is not left for the next round.
func (a *activity) wake() chan struct{} {
	a.once.Do(func() { a.signal = make(chan struct{}, 1) })
	return a.signal
}

// note keeps the later of two, and the last success of both.
func (a *activity) note(id string, did Activity) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.waiting == nil {
		a.waiting = map[string]Activity{}
	}
	had, ok := a.waiting[id]
	if ok && did.Exchanged.Before(had.Exchanged) {
		had, did = did, had
	}
	if had.Succeeded.After(did.Succeeded) {
		did.Succeeded = had.Succeeded
	}
	a.waiting[id] = did
}

func (a *activity) take() map[string]Activity {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := a.waiting
	a.waiting = nil
	return all
}

// Exchanged notes the outcome of an exchange. It does not wait for the
// database: what an environment did last, and the state that follows from it,
// are written together with others' by [Registry.Run].
func (r *Registry) Exchanged(id string, did Activity) {
	did.Exchanged, did.Why = whole(did.Exchanged), tame(did.Why)
	did.Succeeded = time.Time{}
	if did.Outcome == outcomeOK {
		did.Succeeded = did.Exchanged
	}
	r.activity.note(id, did)
	e := r.now.Load().environments.ByID(id)
	if e == nil {
		return
	}
	if next := *e; next.exchanged(did) {
		select {
		case r.activity.wake() <- struct{}{}:
		default:
		}
	}
}

// Run writes activity from time to time, and at once where a state changes,
// until ctx ends. The last is for [Registry.Flush].
func (r *Registry) Run(ctx context.Context) {
	tick := time.NewTicker(r.settings.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-r.activity.wake():
		}
		if err := r.Flush(ctx); err != nil && ctx.Err() == nil {
			r.settings.Log.Warn("the last activity of environments could not be saved; Adit will retry", "error", err)
		}
	}
}

// Flush writes what waits. What a failed write did not write goes on waiting.
func (r *Registry) Flush(ctx context.Context) error {
	r.activity.writing.Lock()
	defer r.activity.writing.Unlock()
	all := r.activity.take()
	if len(all) == 0 {
		return nil
	}
	if err := r.settings.Store.SetActivity(ctx, all); err != nil {
		r.putBack(all)
		return err
	}
	var failed []error
	moved := false
	for id, did := range all {
		wrote, err := r.move(ctx, id, did)
		if err != nil && ctx.Err() != nil { // so it is with all the others; those that are through change nothing again
			r.putBack(all)
			return errors.Join(append(failed, err)...)
		}
		if err != nil {
			r.putBack(map[string]Activity{id: did})
			failed = append(failed, err)
		}
		moved = moved || wrote
	}
	if moved { // all of them at once: what fails for one, such as STS, fails for thousands
		r.desk.TakeOver(ctx)
	}
	return errors.Join(failed...)
}

func (r *Registry) putBack(all map[string]Activity) {
	for id, did := range all {
		r.activity.note(id, did)
	}
}

// move writes the state that follows from an exchange, if it is another one.
func (r *Registry) move(ctx context.Context, id string, did Activity) (wrote bool, err error) {
	find := func() (Environment, error) { return r.EnvironmentByID(id) }
	_, wrote, err = r.writeEnvironment(ctx, find, 0, func(e *Environment, now time.Time) ([]audit.Event, error) {
		before := e.State
		if !e.exchanged(did) {
			return nil, nil
		}
		details := filled(map[string]string{
			"former_state": string(before), "state": string(e.State), "outcome": did.Outcome, "why": did.Why, "aws_request_id": did.RequestID,
		})
		return []audit.Event{e.event(audit.System(), "environment.state", now, details)}, nil
	})
	if fault.From(err) != nil && fault.From(err).Code == "environment_not_found" {
		return false, nil // deleted meanwhile
	}
	return wrote, err
}

// Activity returns what the organization's environments did last, by id, as far
// as this replica and the database know: of those with the ids, or of all where ids is nil.
func (r *Registry) Activity(ctx context.Context, organization string, ids []string) (map[string]Activity, error) {
	environments, err := r.among(organization, ids)
	if err != nil {
		return nil, err
	}
	stored, err := r.settings.Store.Activity(ctx, organization, ids)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(stored)
	if all == nil {
		all = map[string]Activity{}
	}
	r.activity.mu.Lock()
	defer r.activity.mu.Unlock()
	for _, e := range environments {
		did, ok := r.activity.waiting[e.ID]
		if !ok || did.Exchanged.Before(all[e.ID].Exchanged) {
			continue
		}
		if did.Succeeded.IsZero() {
			did.Succeeded = all[e.ID].Succeeded
		}
		all[e.ID] = did
	}
	return all, nil
}

// among are the organization's environments with the ids, or all of them where
// ids is nil.
func (r *Registry) among(organization string, ids []string) ([]Environment, error) {
	if ids == nil {
		return r.Environments(organization)
	}
	var found []Environment
	for _, id := range ids {
		e, err := r.EnvironmentByID(id)
		if err == nil && e.Organization == organization {
			found = append(found, e)
		} else if fault.KindOf(err) != fault.NotFound && err != nil {
			return nil, err
		}
	}
	return found, nil
}
