package rostertest

import (
	"slices"
	"sync"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/roster"
)

// Store keeps things as a database would: names are taken once in an
// organization, and who writes what another has changed is refused.
type Store[T any] struct {
	// Before, when set, is asked before every write; its error is the answer.
	Before func() error

	as      func(*T) roster.Entry
	version func(*T) *int64

	mu     sync.Mutex
	things []T
	used   map[string]time.Time
}

// New returns an empty store of things that go by as and count their changes in version.
func New[T any](as func(*T) roster.Entry, version func(*T) *int64) *Store[T] {
	return &Store[T]{as: as, version: version, used: map[string]time.Time{}}
}

// Things returns all, those that are gone too, as a snapshot of a database would.
func (s *Store[T]) Things() []T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.things)
}

// Create adds a thing and has its events recorded; without them it is not added.
func (s *Store[T]) Create(thing T, record func() error) error {
	return s.write(func() error {
		if s.taken(thing) {
			return nameTaken()
		}
		if err := record(); err != nil {
			return err
		}
		s.things = append(s.things, thing)
		return nil
	})
}

// Update replaces a thing of the same version, counts it up and has its events
// recorded; without them it stays as it was.
func (s *Store[T]) Update(thing T, record func() error) error {
	return s.write(func() error {
		at := slices.IndexFunc(s.things, func(o T) bool { return s.as(&o).ID == s.as(&thing).ID })
		if at < 0 || *s.version(&s.things[at]) != *s.version(&thing) {
			return fault.New(fault.Invalid, "it was changed meanwhile").WithCode("conflict")
		}
		if s.taken(thing) {
			return nameTaken()
		}
		if err := record(); err != nil {
			return err
		}
		*s.version(&thing)++
		s.things[at] = thing
		return nil
	})
}

// SetUsed keeps the later times.
func (s *Store[T]) SetUsed(byID map[string]time.Time) error {
	return s.write(func() error {
		for id, at := range byID {
			if at.After(s.used[id]) {
				s.used[id] = at
			}
		}
		return nil
	})
}

// Used returns when the organization's things were last used, by id.
func (s *Store[T]) Used(organization string) map[string]time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]time.Time{}
	for i := range s.things {
		e := s.as(&s.things[i])
		if at, ok := s.used[e.ID]; ok && e.Organization == organization {
			all[e.ID] = at
		}
	}
	return all
}

func (s *Store[T]) write(do func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Before != nil {
		if err := s.Before(); err != nil {
			return err
		}
	}
	return do()
}

func (s *Store[T]) taken(thing T) bool {
	e := s.as(&thing)
	return !e.Gone && slices.ContainsFunc(s.things, func(o T) bool {
		other := s.as(&o)
		return !other.Gone && other.ID != e.ID && other.Organization == e.Organization && other.Name == e.Name
	})
}

func nameTaken() error {
	return fault.New(fault.Invalid, "another one has that name").WithCode("name_taken").WithParam("name")
}
