package store

import (
	"context"
	"database/sql"
	"time"
)

const rememberedColumns = "hash, fingerprint, at, status, body"

const (
	// rememberedFor is how long an answer can be asked for again.
	rememberedFor = 24 * time.Hour
	// abandonedAfter is how long a claim holds without an answer: longer than any
	// request takes, so its server died over it.
	abandonedAfter = 10 * time.Minute
)

// Remembered is what became of the first request with a key.
type Remembered struct {
	// Fingerprint is of what it asked; another request with the same key is a mistake of the client.
	Fingerprint []byte
	At          time.Time
	// Status and Body are its answer; 0 while there is none.
	Status int
	Body   []byte
}

// Remember claims a key for a request, or returns what is there: the answer of
// the request that had it first, or its claim while it is under way. A claim
// is true for one of all who ask at once. An answer is forgotten a day after
// the claim, and a claim without an answer ten minutes after.
//
// The key is a hash of who asks, where, and of the idempotency key; the
// fingerprint is one of what is asked.
func (s *Store) Remember(ctx context.Context, key, fingerprint []byte, at time.Time) (r Remembered, claimed bool, err error) {
	old := micros(at.Add(-rememberedFor))
	err = s.write(ctx, "claiming an idempotency key", func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM remembered WHERE at <= $1`, old); err != nil {
			return err
		}
		n, err := removed(tx.ExecContext(ctx, `INSERT INTO remembered (`+rememberedColumns+`) VALUES ($1, $2, $3, 0, NULL)
			ON CONFLICT (hash) DO UPDATE SET fingerprint = excluded.fingerprint, at = excluded.at
			WHERE remembered.status = 0 AND remembered.at <= $4`, key, fingerprint, micros(at), micros(at.Add(-abandonedAfter))))
		if err != nil {
			return err
		}
		claimed = n > 0
		return tx.QueryRowContext(ctx, `SELECT `+rememberedColumns+` FROM remembered WHERE hash = $1`, key).
			Scan(&key, &r.Fingerprint, timeColumn{&r.At}, &r.Status, &r.Body)
	})
	if err != nil {
		return Remembered{}, false, err
	}
	return r, claimed, nil
}

// Answer keeps the answer to the request that claimed the key. The first one
// stays. A body that holds a secret must not be given to it.
func (s *Store) Answer(ctx context.Context, key []byte, status int, body []byte) error {
	return s.write(ctx, "keeping an answer", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE remembered SET status = $2, body = $3 WHERE hash = $1 AND status = 0`, key, status, blob(body))
		return err
	})
}

// Release lets go of a claim whose request failed, so that it can be tried again.
func (s *Store) Release(ctx context.Context, key []byte) error {
	return s.write(ctx, "releasing an idempotency key", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM remembered WHERE hash = $1 AND status = 0`, key)
		return err
	})
}
