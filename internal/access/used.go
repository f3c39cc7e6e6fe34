package access

import (
	"context"
	"maps"
	"sync"
	"time"
)

// uses collects when keys were last used, until it is written. It holds at most
// one time for each key that there is.
type uses struct {
	mu      sync.Mutex
	waiting map[string]time.Time
	writing sync.Mutex // one writer at a time
}

// note keeps the later of two uses.
func (u *uses) note(id string, at time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.waiting == nil {
		u.waiting = map[string]time.Time{}
	}
	if at.After(u.waiting[id]) {
		u.waiting[id] = at
	}
}

func (u *uses) take() map[string]time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	all := u.waiting
	u.waiting = nil
	return all
}

// Used notes that a key was used without being presented, such as one of a session.
func (r *Registry) Used(id string) { r.uses.note(id, r.settings.Now()) }

// Run writes last uses from time to time until ctx ends. The last ones are for [Registry.Flush].
func (r *Registry) Run(ctx context.Context) {
	tick := time.NewTicker(r.settings.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := r.Flush(ctx); err != nil && ctx.Err() == nil {
				r.settings.Log.Warn("when API keys were last used could not be written; it is tried again", "error", err)
			}
		}
	}
}

// Flush writes the last uses that wait. What a failed write did not write goes on waiting.
func (r *Registry) Flush(ctx context.Context) error {
	r.uses.writing.Lock()
	defer r.uses.writing.Unlock()
	all := r.uses.take()
	if len(all) == 0 {
		return nil
	}
	err := r.settings.Store.SetLastUsed(ctx, all)
	if err != nil {
		for id, at := range all {
			r.uses.note(id, at)
		}
	}
	return err
}

// LastUsed returns when the organization's keys were last used, by id, as far as
// this replica and the database know. A key that never was is not in it.
func (r *Registry) LastUsed(ctx context.Context, organization string) (map[string]time.Time, error) {
	stored, err := r.settings.Store.LastUsed(ctx, organization)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(stored)
	if all == nil {
		all = map[string]time.Time{}
	}
	keys, err := r.Keys(organization)
	if err != nil {
		return nil, err
	}
	r.uses.mu.Lock()
	defer r.uses.mu.Unlock()
	for _, k := range keys {
		if at, ok := r.uses.waiting[k.ID]; ok && at.After(all[k.ID]) {
			all[k.ID] = at
		}
	}
	return all, nil
}
