package store

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/adit-hq/adit/internal/audit"
)

// attempts is how often a transaction is tried that others got in the way of.
const attempts = 10

// errUnwritten ends a transaction that found nothing to write.
var errUnwritten = errors.New("nothing to write")

// change runs work in one transaction with the events that tell of it and the
// next revision. The revision's row is locked first, so on both engines one
// change follows the other: what work reads stays true until it is written.
func (s *Store) change(ctx context.Context, doing string, events []audit.Event, work func(ctx context.Context, tx *sql.Tx) error) error {
	return s.write(ctx, doing, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE revision SET number = number + 1`); err != nil {
			return err
		}
		if err := work(ctx, tx); err != nil {
			return err
		}
		return s.appendEvents(ctx, tx, events)
	})
}

// aside is change for what servers do not keep in memory: the revision's row is
// locked, and stays as it is.
func (s *Store) aside(ctx context.Context, doing string, events []audit.Event, work func(ctx context.Context, tx *sql.Tx) error) error {
	return s.write(ctx, doing, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE revision SET number = number`); err != nil {
			return err
		}
		if err := work(ctx, tx); err != nil {
			return err
		}
		return s.appendEvents(ctx, tx, events)
	})
}

// write runs work in one transaction. It is tried again when another
// transaction got in its way. Work takes the context it is given, which has an end.
func (s *Store) write(ctx context.Context, doing string, work func(ctx context.Context, tx *sql.Tx) error) error {
	ctx, end := s.patient(ctx)
	defer end()
	for try := 1; ; try++ {
		err := s.once(ctx, work)
		if err == nil || errors.Is(err, errUnwritten) {
			return err
		}
		if try == attempts || s.engine.judge(err) != busy || !pause(ctx, try) {
			return s.fault(ctx, doing, err)
		}
		s.log.Debug("a transaction is tried again", "doing", doing, "attempt", try)
	}
}

func (s *Store) once(ctx context.Context, work func(ctx context.Context, tx *sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := work(ctx, tx); err != nil {
		_ = tx.Rollback()
		return err
	}
	return commit(ctx, tx)
}

// pause waits a little, longer with every attempt, and says whether ctx still goes on.
func pause(ctx context.Context, try int) bool {
	most := min(time.Duration(try*try)*2*time.Millisecond, 100*time.Millisecond)
	t := time.NewTimer(rand.N(most) + time.Millisecond)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// read runs work in one transaction that sees one moment of the database. Work
// takes the context it is given, which has an end.
func (s *Store) read(ctx context.Context, doing string, work func(ctx context.Context, tx *sql.Tx) error) error {
	ctx, end := s.patient(ctx)
	defer end()
	// SQLite's transactions are like that anyway.
	tx, err := s.reads.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return s.fault(ctx, doing, err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return s.fault(ctx, doing, work(ctx, tx))
}
