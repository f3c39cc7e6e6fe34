package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// pruneStep is how much time one transaction of a pruning takes at most, so that
// others write between two of them.
const pruneStep = 6 * time.Hour

// LastAnswered implements [usage.Reports]. Hours that the engine's own clock has
// not reached are left out: one replica of many with a wrong one wrote them.
func (s *Store) LastAnswered(ctx context.Context) (last time.Time, err error) {
	ctx, end := s.patient(ctx)
	defer end()
	err = s.reads.QueryRowContext(ctx, `SELECT hour FROM usage_hours WHERE tokens + estimated > 0 AND hour <= `+s.engine.clock()+` ORDER BY hour DESC LIMIT 1`).
		Scan(timeColumn{&last})
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return last, s.fault(ctx, "looking for the last usage", err)
}

// pruneTime is how long the removal of one piece of usage may take.
const pruneTime = 10 * time.Minute

// PruneUsage implements [usage.Reports].
func (s *Store) PruneUsage(ctx context.Context, hoursBefore, daysBefore time.Time) (int64, error) {
	n, err := s.pruneSums(ctx, hours(), hoursBefore)
	if err != nil {
		return n, err
	}
	m, err := s.pruneSums(ctx, days(), daysBefore)
	if err != nil {
		return n + m, err
	}
	return n + m, s.pruneWriters(ctx)
}

// knownFor is how long it is known which batch a process added last. One whose
// answer got lost is tried again within seconds.
const knownFor = day

// pruneWriters forgets the processes that added nothing for long, most of which are gone.
func (s *Store) pruneWriters(ctx context.Context) error {
	return s.write(ctx, "forgetting who added usage", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM usage_writers WHERE at < $1`, micros(s.now().Add(-knownFor)))
		return err
	})
}

// pruneSums removes the oldest pieces one after another. What is removed stays
// removed when a later piece fails.
func (s *Store) pruneSums(ctx context.Context, t sums, before time.Time) (all int64, err error) {
	for {
		n, err := s.prunePieceOf(ctx, t, before)
		all += int64(n)
		if n == 0 || err != nil {
			return all, err
		}
	}
}

func (s *Store) prunePieceOf(ctx context.Context, t sums, before time.Time) (n int, err error) {
	ctx, end := context.WithTimeout(ctx, pruneTime)
	defer end()
	err = s.write(ctx, "removing old usage", func(ctx context.Context, tx *sql.Tx) (err error) {
		n, err = removed(tx.ExecContext(ctx, `DELETE FROM `+t.table+` WHERE `+t.column+` < $1 AND `+t.column+` < (SELECT MIN(`+t.column+`) FROM `+t.table+`) + $2`,
			micros(before), pruneStep.Microseconds()))
		return err
	})
	return n, err
}
