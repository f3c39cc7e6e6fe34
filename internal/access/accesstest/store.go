package accesstest

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/audit/audittest"
	"github.com/adit-hq/adit/internal/fault"
)

// Store is an [access.Store] in memory.
type Store struct {
	// Audit gets the events of changes.
	Audit *audittest.Store
	// Before, when set, is asked before every write; its error is the answer.
	Before func() error

	mu   sync.Mutex
	keys []access.Key
	used map[string]time.Time
}

// New returns an empty store.
func New() *Store { return &Store{Audit: audittest.New(), used: map[string]time.Time{}} }

// Keys returns all keys, revoked ones too, as a snapshot of a database would.
func (s *Store) Keys() []access.Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.keys)
}

// CreateKey adds a key.
func (s *Store) CreateKey(ctx context.Context, k access.Key, events ...audit.Event) error {
	return s.write(func() error {
		if s.taken(k) {
			return taken()
		}
		s.keys = append(s.keys, k)
		return s.Audit.AppendEvents(ctx, events)
	})
}

// UpdateKey replaces a key of the same version, and counts it up.
func (s *Store) UpdateKey(ctx context.Context, k access.Key, events ...audit.Event) error {
	return s.write(func() error {
		i := slices.IndexFunc(s.keys, func(o access.Key) bool { return o.ID == k.ID })
		if i < 0 || s.keys[i].Version != k.Version {
			return fault.New(fault.Invalid, "it was changed meanwhile").WithCode("conflict")
		}
		if s.taken(k) {
			return taken()
		}
		k.Version++
		s.keys[i] = k
		return s.Audit.AppendEvents(ctx, events)
	})
}

// SetLastUsed keeps the later times.
func (s *Store) SetLastUsed(_ context.Context, byKey map[string]time.Time) error {
	return s.write(func() error {
		for id, at := range byKey {
			if at.After(s.used[id]) {
				s.used[id] = at
			}
		}
		return nil
	})
}

// LastUsed returns the organization's.
func (s *Store) LastUsed(_ context.Context, organization string) (map[string]time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]time.Time{}
	for _, k := range s.keys {
		if at, ok := s.used[k.ID]; ok && k.Organization == organization {
			all[k.ID] = at
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

func (s *Store) taken(k access.Key) bool {
	return k.Revoked.IsZero() && slices.ContainsFunc(s.keys, func(o access.Key) bool {
		return o.ID != k.ID && o.Organization == k.Organization && o.Name == k.Name && o.Revoked.IsZero()
	})
}

func taken() error {
	return fault.New(fault.Invalid, "another live key has that name").WithCode("name_taken").WithParam("name")
}
