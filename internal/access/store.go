package access

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/audit"
)

// Store keeps API keys. A change and its events are written together or not at
// all. A name that a live key of the organization has is a fault of kind
// Invalid with the code "name_taken"; an update of another Version than the
// stored one is one with the code "conflict".
type Store interface {
	CreateKey(ctx context.Context, k Key, events ...audit.Event) error
	// UpdateKey also rotates and revokes. The last operator's key that never ends
	// is neither revoked nor given an end: Invalid, "in_use".
	UpdateKey(ctx context.Context, k Key, events ...audit.Event) error
	// SetLastUsed notes when keys were last used; the revision stays. An earlier time changes nothing.
	SetLastUsed(ctx context.Context, byKey map[string]time.Time) error
	// LastUsed returns when the organization's keys were last used, by id.
	LastUsed(ctx context.Context, organization string) (map[string]time.Time, error)
}
