package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/adit-hq/adit/internal/audit"
)

// Setting returns what the server keeps under a name, such as the issuer's URL
// it started with, and whether there is anything.
func (s *Store) Setting(ctx context.Context, name string) (value string, found bool, err error) {
	ctx, end := s.patient(ctx)
	defer end()
	err = s.reads.QueryRowContext(ctx, `SELECT value FROM settings WHERE name = $1`, clean(name)).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, s.fault(ctx, "reading a setting", err)
	}
	return value, true, nil
}

// SetSetting keeps a value under a name. It is a change like any other.
func (s *Store) SetSetting(ctx context.Context, name, value string, events ...audit.Event) error {
	var t texts
	t.check("name", name)
	t.check("value", value)
	if err := t.fault(); err != nil {
		return err
	}
	return s.change(ctx, "changing a setting", events, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO settings (name, value) VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
		return err
	})
}

// Claim says whether the caller may do the work of that name now: of all
// replicas that ask within every, one may. It is for work that is done once a
// day and may be missed once, when the replica that claimed it dies over it.
//
// A claim from the future, made by a replica with a wrong clock, does not hold.
func (s *Store) Claim(ctx context.Context, name string, now time.Time, every time.Duration) (bool, error) {
	var mine bool
	err := s.write(ctx, "claiming work", func(ctx context.Context, tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `INSERT INTO claims (name, at) VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET at = excluded.at WHERE claims.at <= $3 OR claims.at > $4`,
			name, micros(now), micros(now.Add(-every)), micros(now.Add(every)))
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		mine = n > 0
		return err
	})
	return mine && err == nil, err
}
