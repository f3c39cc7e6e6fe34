package trusttest

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/audit/audittest"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/trust"
)

// Store is a [trust.Store] in memory.
type Store struct {
	// Audit gets the events of changes.
	Audit *audittest.Store
	// Before, when set, is asked before every write; its error is the answer.
	Before func() error

	mu      sync.Mutex
	issuers []trust.Issuer
	used    map[string]time.Time
}

// NewStore returns an empty store.
func NewStore() *Store { return &Store{Audit: audittest.New(), used: map[string]time.Time{}} }

// Issuers returns all, revoked ones too, as a snapshot of a database would.
func (s *Store) Issuers() []trust.Issuer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.issuers)
}

// CreateTrust adds one.
func (s *Store) CreateTrust(ctx context.Context, i trust.Issuer, events ...audit.Event) error {
	return s.write(func() error {
		if s.taken(i) {
			return taken()
		}
		s.issuers = append(s.issuers, i)
		return s.Audit.AppendEvents(ctx, events)
	})
}

// UpdateTrust replaces one of the same version, and counts it up.
func (s *Store) UpdateTrust(ctx context.Context, i trust.Issuer, events ...audit.Event) error {
	return s.write(func() error {
		at := slices.IndexFunc(s.issuers, func(o trust.Issuer) bool { return o.ID == i.ID })
		if at < 0 || s.issuers[at].Version != i.Version {
			return fault.New(fault.Invalid, "it was changed meanwhile").WithCode("conflict")
		}
		if s.taken(i) {
			return taken()
		}
		i.Version++
		s.issuers[at] = i
		return s.Audit.AppendEvents(ctx, events)
	})
}

// SetTrustUsed keeps the later times.
func (s *Store) SetTrustUsed(_ context.Context, byID map[string]time.Time) error {
	return s.write(func() error {
		for id, at := range byID {
			if at.After(s.used[id]) {
				s.used[id] = at
			}
		}
		return nil
	})
}

// TrustUsed returns the organization's.
func (s *Store) TrustUsed(_ context.Context, organization string) (map[string]time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]time.Time{}
	for _, i := range s.issuers {
		if at, ok := s.used[i.ID]; ok && i.Organization == organization {
			all[i.ID] = at
		}
	}
	return all, nil
}

func (s *Store) write(do func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Before != nil {
		if err := s.Before(); err != nil {
			return err
		}
	}
	return do()
}

func (s *Store) taken(i trust.Issuer) bool {
	return i.Revoked.IsZero() && slices.ContainsFunc(s.issuers, func(o trust.Issuer) bool {
		return o.ID != i.ID && o.Organization == i.Organization && o.Name == i.Name && o.Revoked.IsZero()
	})
}

func taken() error {
	return fault.New(fault.Invalid, "another live one has that name").WithCode("name_taken").WithParam("name")
}
