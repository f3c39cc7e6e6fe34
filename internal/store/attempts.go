package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/signin"
)

// forgotten is how long after the last failure attempts are of no interest.
const forgotten = time.Hour

// attemptsName is what attempts are kept by. People type passwords into the
// wrong field, and the name of an attacker may be of any length.
func attemptsName(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:])
}

func scanAttempts(row scanner) (a signin.Attempts, err error) {
	err = row.Scan(&a.Failures, timeColumn{&a.Last}, timeColumn{&a.Until})
	return a, err
}

// Attempts implements [signin.Store].
func (s *Store) Attempts(ctx context.Context, name string) (signin.Attempts, error) {
	ctx, end := s.patient(ctx)
	defer end()
	a, err := scanAttempts(s.reads.QueryRowContext(ctx, `SELECT failures, last, until FROM attempts WHERE hash = $1`, attemptsName(name)))
	if errors.Is(err, sql.ErrNoRows) {
		return signin.Attempts{}, nil
	}
	return a, s.fault(ctx, "reading failed sign-ins", err)
}

// Fail implements [signin.Store]. When another transaction gets in the way,
// change is called again; it must do nothing but answer.
func (s *Store) Fail(ctx context.Context, name string, change func(signin.Attempts) signin.Attempts, events ...audit.Event) (signin.Attempts, error) {
	var a signin.Attempts
	err := s.write(ctx, "noting a failed sign-in", func(ctx context.Context, tx *sql.Tx) (err error) {
		// An update of a row to what it is locks it on both engines.
		a, err = scanAttempts(tx.QueryRowContext(ctx, `INSERT INTO attempts (hash, failures, last, until) VALUES ($1, 0, 0, 0)
			ON CONFLICT (hash) DO UPDATE SET failures = attempts.failures RETURNING failures, last, until`, attemptsName(name)))
		if err != nil {
			return err
		}
		a = change(a)
		if _, err := tx.ExecContext(ctx, `UPDATE attempts SET failures = $2, last = $3, until = $4 WHERE hash = $1`,
			attemptsName(name), a.Failures, micros(a.Last), micros(a.Until)); err != nil {
			return err
		}
		return s.appendEvents(ctx, tx, events)
	})
	if err != nil {
		return signin.Attempts{}, err
	}
	return a, s.forget(ctx, a.Last.Add(-forgotten))
}

// forget removes what is of no interest. It is a transaction of its own, which
// waits for others while nobody waits for it.
func (s *Store) forget(ctx context.Context, before time.Time) error {
	return s.write(ctx, "forgetting failed sign-ins", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM attempts WHERE last < $1 AND until < $1`, micros(before))
		return err
	})
}

// Forgive implements [signin.Store].
func (s *Store) Forgive(ctx context.Context, name string) error {
	return s.write(ctx, "forgiving failed sign-ins", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM attempts WHERE hash = $1`, attemptsName(name))
		return err
	})
}
