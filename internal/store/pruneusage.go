package store

import (
	"context"
	"database/sql"
	"time"
)

// pruneStep is how much time one transaction of a pruning takes at most, so that
// others write between two of them.
const pruneStep = 6 * time.Hour

// PruneUsage implements [usage.Reports].
func (s *Store) PruneUsage(ctx context.Context, hoursBefore, daysBefore time.Time) (int64, error) {
	n, err := s.pruneSums(ctx, hours(), hoursBefore)
	if err != nil {
		return n, err
	}
	m, err := s.pruneSums(ctx, days(), daysBefore)
	return n + m, err
}

// pruneSums removes the oldest pieces one after another. What is removed stays
// removed when a later piece fails.
func (s *Store) pruneSums(ctx context.Context, t sums, before time.Time) (all int64, err error) {
	for {
		n := 0
		err := s.write(ctx, "removing old usage", func(tx *sql.Tx) (err error) {
			n, err = removed(tx.ExecContext(ctx, `DELETE FROM `+t.table+` WHERE `+t.column+` < $1 AND `+t.column+` < (SELECT MIN(`+t.column+`) FROM `+t.table+`) + $2`,
				micros(before), pruneStep.Microseconds()))
			return err
		})
		all += int64(n)
		if n == 0 || err != nil {
			return all, err
		}
	}
}
