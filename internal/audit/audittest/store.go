package audittest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/adit-hq/adit/internal/audit"
)

// Store is an [audit.Store] in memory. Its fields may be changed by a test that
// plays somebody with access to the database, while nothing else uses it.
type Store struct {
	Chain *audit.Chain
	// Fail, when set, is asked before every use; its error is the answer.
	Fail func() error
	// Now is the time of a pruning; nil means time.Now.
	Now func() time.Time

	Kept   []audit.Row
	End    audit.Head
	Pruned audit.Checkpoint

	mu sync.Mutex
}

// New returns an empty store under a fixed key.
func New() *Store {
	return &Store{Chain: audit.NewChain([]byte("a key for tests, 32 bytes long..")), Now: time.Now}
}

// AppendEvents writes the events at the end of the chain.
func (s *Store) AppendEvents(_ context.Context, events []audit.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fail(); err != nil {
		return err
	}
	rows, head := s.Chain.Append(s.End, events)
	s.Kept, s.End = append(s.Kept, rows...), head
	return nil
}

// Rows returns the rows that q chooses.
func (s *Store) Rows(_ context.Context, q audit.Query) ([]audit.Row, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fail(); err != nil {
		return nil, err
	}
	rows := slices.Clone(s.Kept)
	if q.Newest {
		slices.Reverse(rows)
	}
	rows = slices.DeleteFunc(rows, func(r audit.Row) bool { return !chosen(q, r) })
	if q.Limit > 0 && len(rows) > q.Limit {
		rows = rows[:q.Limit]
	}
	return rows, nil
}

func chosen(q audit.Query, r audit.Row) bool {
	switch {
	case q.Organization != nil && *q.Organization != r.Organization,
		!q.Newest && r.Seq <= q.After,
		q.Newest && q.After > 0 && r.Seq >= q.After,
		!strings.HasPrefix(r.Action, q.Action),
		q.Actor != "" && q.Actor != r.Actor.Key,
		q.Target != "" && q.Target != r.Target,
		!q.From.IsZero() && r.Time.Before(q.From),
		!q.To.IsZero() && !r.Time.Before(q.To):
		return false
	}
	return true
}

// Head returns the end of the chain.
func (s *Store) Head(context.Context) (audit.Head, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.End, s.fail()
}

// PruneBefore removes the rows at the beginning that are older.
func (s *Store) PruneBefore(_ context.Context, before time.Time) (audit.Checkpoint, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fail(); err != nil {
		return audit.Checkpoint{}, err
	}
	n := 0
	for n < len(s.Kept) && s.Kept[n].Time.Before(before) {
		n++
	}
	if n > 0 {
		s.Pruned = s.Chain.Prune(s.Kept[n-1], s.Now())
		s.Kept = slices.Clone(s.Kept[n:])
	}
	return s.Pruned, nil
}

// Checkpoint returns what the last pruning left.
func (s *Store) Checkpoint(context.Context) (audit.Checkpoint, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Pruned, s.fail()
}

// Events returns what was written, oldest first.
func (s *Store) Events() []audit.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	events := make([]audit.Event, len(s.Kept))
	for i, r := range s.Kept {
		events[i] = r.Event
	}
	return events
}

func (s *Store) fail() error {
	if s.Fail == nil {
		return nil
	}
	return s.Fail()
}
