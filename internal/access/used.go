package access

import (
	"context"
	"time"
)

// Used notes that a key was used without being presented, such as one of a session.
func (r *Registry) Used(id string) { r.uses.Note(id, r.settings.Now()) }

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
				r.settings.Log.Warn("the last use of API keys could not be saved; Adit will retry", "error", err)
			}
		}
	}
}

// Flush writes the last uses that wait. What a failed write did not write goes on waiting.
func (r *Registry) Flush(ctx context.Context) error {
	return r.uses.Flush(ctx, r.settings.Store.SetLastUsed)
}

// LastUsed returns when the organization's keys were last used, by id, as far as
// this replica and the database know. A key that never was is not in it.
func (r *Registry) LastUsed(ctx context.Context, organization string) (map[string]time.Time, error) {
	stored, err := r.settings.Store.LastUsed(ctx, organization)
	if err != nil {
		return nil, err
	}
	return r.uses.Over(stored, r.now.Load().IDs(organization)), nil
}
