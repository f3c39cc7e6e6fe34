package signingtest

import (
	"context"
	"slices"
	"sync"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/seal/sealtest"
	"github.com/adit-hq/adit/internal/signing"
)

// Store is a [signing.Store] in memory: versions, compare-and-set, and a
// database that can go away. The zero value is empty and ready.
type Store struct {
	mu     sync.Mutex
	issuer map[string]*kept
	events []audit.Event
	down   bool
	writes int
}

type kept struct {
	version int64
	keys    []signing.Key // in the order they were made, gone ones too
}

// SigningKeys returns the issuer's keys that are not gone, and their version.
func (s *Store) SigningKeys(ctx context.Context, issuer string) ([]signing.Key, int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.reach(ctx); err != nil {
		return nil, 0, err
	}
	k := s.of(issuer)
	return slices.DeleteFunc(copied(k.keys), func(k signing.Key) bool { return k.State == signing.Gone }), k.version, nil
}

// ChangeSigningKeys writes the keys and events, if the version is still the one given.
func (s *Store) ChangeSigningKeys(ctx context.Context, issuer string, version int64, keys []signing.Key, events ...audit.Event) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.reach(ctx); err != nil {
		return false, err
	}
	have := s.of(issuer)
	if have.version != version {
		return false, nil
	}
	for _, k := range copied(keys) {
		if i := slices.IndexFunc(have.keys, func(h signing.Key) bool { return h.ID == k.ID }); i >= 0 {
			have.keys[i] = k
			continue
		}
		have.keys = append(have.keys, k)
	}
	have.version++
	s.writes++
	s.events = append(s.events, events...)
	return true, nil
}

// Down makes the database go away, or come back.
func (s *Store) Down(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

// All returns every key that the issuer ever had, gone ones too, in the order they were made.
func (s *Store) All(issuer string) []signing.Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	return copied(s.of(issuer).keys)
}

// Put writes a key as it is: what somebody with access to the database could do.
func (s *Store) Put(k signing.Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	have := s.of(k.Issuer)
	have.keys = slices.DeleteFunc(have.keys, func(h signing.Key) bool { return h.ID == k.ID })
	have.keys = append(have.keys, k)
	have.version++
}

// Events returns the audit events of all changes.
func (s *Store) Events() []audit.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.events)
}

// Writes counts the changes that were written.
func (s *Store) Writes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writes
}

func (s *Store) reach(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.down {
		return fault.New(fault.Unavailable, "the database cannot be reached").WithCode("database_unavailable")
	}
	return nil
}

func (s *Store) of(issuer string) *kept {
	if s.issuer == nil {
		s.issuer = map[string]*kept{}
	}
	if s.issuer[issuer] == nil {
		s.issuer[issuer] = &kept{}
	}
	return s.issuer[issuer]
}

func copied(keys []signing.Key) []signing.Key {
	out := slices.Clone(keys)
	for i := range out {
		out[i].Public, out[i].Sealed = slices.Clone(out[i].Public), slices.Clone(out[i].Sealed)
	}
	return out
}

// NewSigner returns a signer over a store of its own that has made its first
// keys; ES256 unless the settings say otherwise, as those are made at once.
func NewSigner(ctx context.Context, s signing.Settings) (*signing.Signer, *Store, error) {
	if s.Algorithm == "" {
		s.Algorithm = signing.ES256
	}
	vault, err := sealtest.Vault(ctx)
	if err != nil {
		return nil, nil, err
	}
	store := &Store{}
	signer := signing.New(s, store, vault)
	return signer, store, signer.Step(ctx)
}
