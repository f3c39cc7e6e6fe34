package tenanttest

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/audit/audittest"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/tenant"
)

// Store is a [tenant.Store] in memory.
type Store struct {
	// Audit gets the events of changes.
	Audit *audittest.Store
	// Before, when set, is asked before every write; its error is the answer.
	Before func() error
	// Reads counts how often a registry of NewRegistry read everything anew.
	Reads atomic.Int64

	mu            sync.Mutex
	organizations []tenant.Organization
	environments  []tenant.Environment
	activity      map[string]tenant.Activity
}

// New returns an empty store.
func New() *Store {
	return &Store{Audit: audittest.New(), activity: map[string]tenant.Activity{}}
}

// NewRegistry returns a registry over a store of its own that reads every change
// back at once.
func NewRegistry(s tenant.Settings) (*tenant.Registry, *Store) {
	store := New()
	var r *tenant.Registry
	s.Store = store
	s.Refresh = func(context.Context) error {
		store.Reads.Add(1)
		r.Set(store.Rows())
		return nil
	}
	r = tenant.NewRegistry(s)
	return r, store
}

// Rows returns everything, tombstones too, as a snapshot of a database would.
func (s *Store) Rows() ([]tenant.Organization, []tenant.Environment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.organizations), slices.Clone(s.environments)
}

// CreateOrganization adds one.
func (s *Store) CreateOrganization(ctx context.Context, o tenant.Organization, events ...audit.Event) error {
	return s.write(ctx, events, func() error {
		if s.organizationTaken(o) {
			return taken()
		}
		s.organizations = append(s.organizations, o)
		return nil
	})
}

// UpdateOrganization replaces one of the same version, and counts it up.
func (s *Store) UpdateOrganization(ctx context.Context, o tenant.Organization, events ...audit.Event) error {
	return s.write(ctx, events, func() error {
		i := slices.IndexFunc(s.organizations, func(x tenant.Organization) bool { return x.ID == o.ID && x.Version == o.Version })
		if i < 0 {
			return conflict()
		}
		if s.organizationTaken(o) {
			return taken()
		}
		o.Version++
		s.organizations[i] = o
		return nil
	})
}

// DeleteOrganization leaves tombstones of it and of its environments.
func (s *Store) DeleteOrganization(ctx context.Context, o tenant.Organization, d tenant.Deletion, events ...audit.Event) error {
	return s.write(ctx, events, func() error {
		i := slices.IndexFunc(s.organizations, func(x tenant.Organization) bool { return x.ID == o.ID && x.Version == o.Version })
		if i < 0 {
			return conflict()
		}
		if !slices.Equal(slices.Sorted(slices.Values(d.Seen)), s.environmentsOf(o.ID)) {
			return conflict()
		}
		s.organizations[i].Deleted = d.At
		for j := range s.environments {
			if s.environments[j].Organization == o.ID {
				s.environments[j].Deleted = d.At
			}
		}
		return nil
	})
}

// CreateEnvironment adds one.
func (s *Store) CreateEnvironment(ctx context.Context, e tenant.Environment, events ...audit.Event) error {
	return s.write(ctx, events, func() error {
		if s.environmentTaken(e) {
			return taken()
		}
		s.environments = append(s.environments, e)
		return nil
	})
}

// UpdateEnvironment replaces one of the same version, and counts it up.
func (s *Store) UpdateEnvironment(ctx context.Context, e tenant.Environment, events ...audit.Event) error {
	return s.write(ctx, events, func() error {
		i := s.at(e)
		if i < 0 {
			return conflict()
		}
		if s.environmentTaken(e) {
			return taken()
		}
		e.Version++
		s.environments[i] = e
		return nil
	})
}

// DeleteEnvironment leaves a tombstone.
func (s *Store) DeleteEnvironment(ctx context.Context, e tenant.Environment, d tenant.Deletion, events ...audit.Event) error {
	return s.write(ctx, events, func() error {
		i := s.at(e)
		if i < 0 {
			return conflict()
		}
		s.environments[i].Deleted = d.At
		return nil
	})
}

// SetActivity keeps what environments did last.
func (s *Store) SetActivity(ctx context.Context, byEnvironment map[string]tenant.Activity) error {
	return s.write(ctx, nil, func() error {
		for id, a := range byEnvironment {
			if a.Succeeded.IsZero() {
				a.Succeeded = s.activity[id].Succeeded
			}
			s.activity[id] = a
		}
		return nil
	})
}

// Activity returns the organization's, or those of the ids among them unless ids is nil.
func (s *Store) Activity(_ context.Context, organization string, ids []string) (map[string]tenant.Activity, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := maps.Clone(s.activity)
	for _, e := range s.environments {
		if e.Organization != organization || ids != nil && !slices.Contains(ids, e.ID) {
			delete(all, e.ID)
		}
	}
	return all, nil
}

func (s *Store) write(ctx context.Context, events []audit.Event, do func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Before != nil {
		if err := s.Before(); err != nil {
			return err
		}
	}
	if err := do(); err != nil {
		return err
	}
	return s.Audit.AppendEvents(ctx, events)
}

// environmentsOf are the ids of an organization's environments, in order.
func (s *Store) environmentsOf(organization string) []string {
	var ids []string
	for _, e := range s.environments {
		if e.Organization == organization && e.Deleted.IsZero() {
			ids = append(ids, e.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

func (s *Store) at(e tenant.Environment) int {
	return slices.IndexFunc(s.environments, func(x tenant.Environment) bool {
		return x.ID == e.ID && x.Version == e.Version && x.Deleted.IsZero()
	})
}

func (s *Store) organizationTaken(o tenant.Organization) bool {
	return slices.ContainsFunc(s.organizations, func(x tenant.Organization) bool {
		return x.ID != o.ID && x.Name == o.Name && x.Deleted.IsZero()
	})
}

func (s *Store) environmentTaken(e tenant.Environment) bool {
	return slices.ContainsFunc(s.environments, func(x tenant.Environment) bool {
		return x.ID != e.ID && x.Organization == e.Organization && x.Name == e.Name && x.Deleted.IsZero()
	})
}

func taken() error {
	return fault.New(fault.Invalid, "the name is taken").WithCode("name_taken").WithParam("name")
}

func conflict() error {
	return fault.New(fault.Invalid, "it was changed meanwhile").WithCode("conflict")
}
