package trust

import (
	"context"
	"time"
)

// Flush writes the last uses that wait. What a failed write did not write goes on waiting.
func (r *Registry) Flush(ctx context.Context) error {
	return r.uses.Flush(ctx, r.settings.Store.SetTrustUsed)
}

// Used returns when the organization's rules last let somebody in, by id, as far
// as this replica and the database know. One that never did is not in it.
func (r *Registry) Used(ctx context.Context, organization string) (map[string]time.Time, error) {
	stored, err := r.settings.Store.TrustUsed(ctx, organization)
	if err != nil {
		return nil, err
	}
	return r.uses.Over(stored, r.now.Load().IDs(organization)), nil
}
