package budgettest

import (
	"context"
	"slices"
	"sync"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/audit/audittest"
	"github.com/adit-hq/adit/internal/budget"
	"github.com/adit-hq/adit/internal/fault"
)

// Store is a [budget.Store] in memory.
type Store struct {
	// Audit gets the events of changes.
	Audit *audittest.Store
	// Before, when set, is asked before every write; its error is the answer.
	Before func() error

	mu      sync.Mutex
	budgets []budget.Budget
}

// New returns an empty store.
func New() *Store { return &Store{Audit: audittest.New()} }

// Budgets returns all budgets, as a snapshot of a database would.
func (s *Store) Budgets() []budget.Budget {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.budgets)
}

// CreateBudget adds a budget.
func (s *Store) CreateBudget(ctx context.Context, b budget.Budget, events ...audit.Event) error {
	return s.write(ctx, events, func() error {
		if slices.ContainsFunc(s.budgets, func(o budget.Budget) bool {
			return o.Organization == b.Organization && o.Target == b.Target && o.Period == b.Period
		}) {
			return fault.New(fault.Invalid, "there is a budget of that target and period").WithCode("budget_exists").WithParam("target")
		}
		s.budgets = append(s.budgets, b)
		return nil
	})
}

// UpdateBudget replaces a budget of the same version, and counts it up.
func (s *Store) UpdateBudget(ctx context.Context, b budget.Budget, events ...audit.Event) error {
	return s.write(ctx, events, func() error {
		i, err := s.find(b)
		if err != nil {
			return err
		}
		b.Version++
		s.budgets[i] = b
		return nil
	})
}

// DeleteBudget removes a budget of the same version.
func (s *Store) DeleteBudget(ctx context.Context, b budget.Budget, events ...audit.Event) error {
	return s.write(ctx, events, func() error {
		i, err := s.find(b)
		if err != nil {
			return err
		}
		s.budgets = slices.Delete(s.budgets, i, i+1)
		return nil
	})
}

func (s *Store) find(b budget.Budget) (int, error) {
	i := slices.IndexFunc(s.budgets, func(o budget.Budget) bool { return o.ID == b.ID })
	if i < 0 || s.budgets[i].Version != b.Version {
		return 0, fault.New(fault.Invalid, "it was changed meanwhile").WithCode("conflict")
	}
	return i, nil
}

// write does a change with its events, or neither.
func (s *Store) write(ctx context.Context, events []audit.Event, do func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Before != nil {
		if err := s.Before(); err != nil {
			return err
		}
	}
	former := slices.Clone(s.budgets)
	if err := do(); err != nil {
		return err
	}
	if err := s.Audit.AppendEvents(ctx, events); err != nil {
		s.budgets = former
		return err
	}
	return nil
}
