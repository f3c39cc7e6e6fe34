package sealtest

import (
	"context"
	"slices"
	"sync"

	"github.com/adit-hq/adit/internal/seal"
)

// Store is a [seal.Store] in memory. The zero value is empty and ready.
type Store struct {
	mu      sync.Mutex
	records []seal.Record
}

// SealedRecords returns copies of all records.
func (s *Store) SealedRecords(context.Context) ([]seal.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := slices.Clone(s.records)
	for i := range out {
		out[i].Sealed = slices.Clone(out[i].Sealed)
	}
	return out, nil
}

// AddSealedRecord keeps r, unless a record of its purpose is there.
func (s *Store) AddSealedRecord(_ context.Context, r seal.Record) (seal.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.records, func(have seal.Record) bool { return have.Purpose == r.Purpose }); i >= 0 {
		return s.records[i], nil
	}
	s.records = append(s.records, r)
	return r, nil
}

// Replace puts records in place of all that are there: what somebody with
// access to the database could do.
func (s *Store) Replace(records []seal.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = slices.Clone(records)
}

// Vault returns a vault over a store of its own, under a master key that
// nobody knows.
func Vault(ctx context.Context) (*seal.Vault, error) {
	return seal.OpenVault(ctx, seal.NewMaster(), &Store{})
}
