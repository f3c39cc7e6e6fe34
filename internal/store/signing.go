package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signing"
)

const signingKeyColumns = "id, issuer, algorithm, state, public_jwk, sealed, created, activated, demoted, removed, unripe"

func signingKeyValues(k signing.Key) []any {
	return []any{
		k.ID, k.Issuer, k.Algorithm, string(k.State), k.Public, blob(k.Sealed),
		micros(k.Created), micros(k.Activated), micros(k.Demoted), micros(k.Removed), k.Unripe,
	}
}

func scanSigningKey(row scanner) (k signing.Key, err error) {
	err = row.Scan(&k.ID, &k.Issuer, &k.Algorithm, &k.State, &k.Public, &k.Sealed,
		timeColumn{&k.Created}, timeColumn{&k.Activated}, timeColumn{&k.Demoted}, timeColumn{&k.Removed}, &k.Unripe)
	return k, err
}

// SigningKeys implements [signing.Store].
func (s *Store) SigningKeys(ctx context.Context, issuer string) (keys []signing.Key, version int64, err error) {
	err = s.read(ctx, "reading the signing keys", func(ctx context.Context, tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `SELECT version FROM issuers WHERE id = $1`, issuer).Scan(&version)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, `SELECT `+signingKeyColumns+` FROM signing_keys
			WHERE issuer = $1 AND state <> 'gone' ORDER BY created, id`, issuer)
		keys, err = collect(rows, err, scanSigningKey)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	return keys, version, nil
}

// ChangeSigningKeys implements [signing.Store]. A key that is gone stays gone,
// and one of another issuer stays that one's: both are faults of kind Internal.
func (s *Store) ChangeSigningKeys(ctx context.Context, issuer string, version int64, keys []signing.Key, events ...audit.Event) (bool, error) {
	err := s.change(ctx, "changing the signing keys", events, func(ctx context.Context, tx *sql.Tx) error {
		if err := raiseIssuer(ctx, tx, issuer, version); err != nil {
			return err
		}
		for _, k := range keys {
			if k.Issuer != issuer {
				return fault.New(fault.Internal, "signing key %s belongs to another issuer", k.ID)
			}
			if err := putSigningKey(ctx, tx, k); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, errUnwritten) {
		return false, nil
	}
	return err == nil, err
}

// raiseIssuer compares the version and raises it; errUnwritten says that it is another.
func raiseIssuer(ctx context.Context, tx *sql.Tx, issuer string, version int64) error {
	done, err := tx.ExecContext(ctx, `UPDATE issuers SET version = version + 1 WHERE id = $1 AND version = $2`, issuer, version)
	if err == nil && version == 0 {
		done, err = tx.ExecContext(ctx, `INSERT INTO issuers (id, version) VALUES ($1, 1) ON CONFLICT (id) DO NOTHING`, issuer)
	}
	if err != nil {
		return err
	}
	n, err := done.RowsAffected()
	if err == nil && n == 0 {
		return errUnwritten
	}
	return err
}

func putSigningKey(ctx context.Context, tx *sql.Tx, k signing.Key) error {
	done, err := tx.ExecContext(ctx, `INSERT INTO signing_keys (`+signingKeyColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (id) DO UPDATE SET state = excluded.state, sealed = excluded.sealed, activated = excluded.activated,
			demoted = excluded.demoted, removed = excluded.removed, unripe = excluded.unripe
		WHERE signing_keys.issuer = excluded.issuer AND signing_keys.state <> 'gone'`, signingKeyValues(k)...)
	if err != nil {
		return err
	}
	n, err := done.RowsAffected()
	if err == nil && n == 0 {
		return fault.New(fault.Internal, "signing key %s is gone, or another issuer's", k.ID).WithCode("id_taken")
	}
	return err
}
