package trust

import (
	"context"
	"maps"
	"sync"
	"time"
)

// uses collects when rules last let somebody in, until it is written. It holds at
// most one time for each rule that there is.
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

// Flush writes the last uses that wait. What a failed write did not write goes on waiting.
func (r *Registry) Flush(ctx context.Context) error {
	r.uses.writing.Lock()
	defer r.uses.writing.Unlock()
	all := r.uses.take()
	if len(all) == 0 {
		return nil
	}
	err := r.settings.Store.SetTrustUsed(ctx, all)
	if err != nil {
		for id, at := range all {
			r.uses.note(id, at)
		}
	}
	return err
}

// Used returns when the organization's rules last let somebody in, by id, as far
// as this replica and the database know. One that never did is not in it.
func (r *Registry) Used(ctx context.Context, organization string) (map[string]time.Time, error) {
	stored, err := r.settings.Store.TrustUsed(ctx, organization)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(stored)
	if all == nil {
		all = map[string]time.Time{}
	}
	issuers, err := r.Issuers(organization)
	if err != nil {
		return nil, err
	}
	r.uses.mu.Lock()
	defer r.uses.mu.Unlock()
	for _, i := range issuers {
		if at, ok := r.uses.waiting[i.ID]; ok && at.After(all[i.ID]) {
			all[i.ID] = at
		}
	}
	return all, nil
}
