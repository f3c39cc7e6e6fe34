package app

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/control"
	"github.com/adit-hq/adit/internal/store"
)

// replies gives the control API the answers that the store keeps.
type replies struct{ *store.Store }

// Remember claims an idempotency key, or returns what became of the first request with it.
func (r replies) Remember(ctx context.Context, key, fingerprint []byte, at time.Time) (control.Reply, bool, error) {
	was, claimed, err := r.Store.Remember(ctx, key, fingerprint, at)
	return control.Reply{Fingerprint: was.Fingerprint, Status: was.Status, Body: was.Body}, claimed, err
}
