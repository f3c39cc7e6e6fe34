package accesstest

import (
	"context"
	"slices"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/audit/audittest"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/roster"
	"github.com/adit-hq/adit/internal/roster/rostertest"
)

// Store is an [access.Store] in memory.
type Store struct {
	*rostertest.Store[access.Key]
	// Audit gets the events of changes.
	Audit *audittest.Store
}

// New returns an empty store.
func New() *Store {
	entry := func(k *access.Key) roster.Entry {
		return roster.Entry{ID: k.ID, Organization: k.Organization, Name: k.Name, Gone: !k.Revoked.IsZero()}
	}
	return &Store{Store: rostertest.New(entry, func(k *access.Key) *int64 { return &k.Version }), Audit: audittest.New()}
}

// CreateKey adds a key.
func (s *Store) CreateKey(ctx context.Context, k access.Key, events ...audit.Event) error {
	return s.Create(k, func() error { return s.Audit.AppendEvents(ctx, events) })
}

// UpdateKey replaces a key of the same version, and counts it up.
func (s *Store) UpdateKey(ctx context.Context, k access.Key, events ...audit.Event) error {
	endless := slices.DeleteFunc(s.Things(), func(o access.Key) bool { return !operates(o) })
	if len(endless) == 1 && endless[0].ID == k.ID && !operates(k) {
		return fault.New(fault.Invalid, "the last operator key must stay").WithCode("in_use")
	}
	return s.Update(k, func() error { return s.Audit.AppendEvents(ctx, events) })
}

// operates reports whether the key is an operator's that never ends.
func operates(k access.Key) bool {
	return k.Organization == "" && k.Revoked.IsZero() && k.Expires.IsZero()
}

// SetLastUsed keeps the later times.
func (s *Store) SetLastUsed(_ context.Context, byKey map[string]time.Time) error {
	return s.SetUsed(byKey)
}

// LastUsed returns the organization's.
func (s *Store) LastUsed(_ context.Context, organization string) (map[string]time.Time, error) {
	return s.Used(organization), nil
}
