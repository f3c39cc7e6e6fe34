package trusttest

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/audit/audittest"
	"github.com/adit-hq/adit/internal/roster"
	"github.com/adit-hq/adit/internal/roster/rostertest"
	"github.com/adit-hq/adit/internal/trust"
)

// Store is a [trust.Store] in memory.
type Store struct {
	*rostertest.Store[trust.Issuer]
	// Audit gets the events of changes.
	Audit *audittest.Store
}

// NewStore returns an empty store.
func NewStore() *Store {
	entry := func(i *trust.Issuer) roster.Entry {
		return roster.Entry{ID: i.ID, Organization: i.Organization, Name: i.Name, Gone: !i.Revoked.IsZero()}
	}
	return &Store{Store: rostertest.New(entry, func(i *trust.Issuer) *int64 { return &i.Version }), Audit: audittest.New()}
}

// CreateTrust adds one.
func (s *Store) CreateTrust(ctx context.Context, i trust.Issuer, events ...audit.Event) error {
	return s.Create(i, func() error { return s.Audit.AppendEvents(ctx, events) })
}

// UpdateTrust replaces one of the same version, and counts it up.
func (s *Store) UpdateTrust(ctx context.Context, i trust.Issuer, events ...audit.Event) error {
	return s.Update(i, func() error { return s.Audit.AppendEvents(ctx, events) })
}

// SetTrustUsed keeps the later times.
func (s *Store) SetTrustUsed(_ context.Context, byID map[string]time.Time) error {
	return s.SetUsed(byID)
}

// TrustUsed returns the organization's.
func (s *Store) TrustUsed(_ context.Context, organization string) (map[string]time.Time, error) {
	return s.Used(organization), nil
}
