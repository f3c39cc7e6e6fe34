package store

import (
	"context"
	"database/sql"
	"errors"
)

// lives are the questions whether a row is there and no tombstone, by the noun
// that a person reads when it is not.
type lives struct{ noun, query string }

func organizationLives() lives {
	return lives{"organization", `SELECT version FROM organizations WHERE id = $1 AND deleted = 0`}
}

func environmentLives() lives {
	return lives{"environment", `SELECT version FROM environments WHERE id = $1 AND organization = $2 AND deleted = 0`}
}

func keyLives() lives {
	return lives{"key", `SELECT version FROM api_keys WHERE id = $1 AND organization = $2 AND revoked = 0`}
}

func personLives() lives {
	return lives{"person", `SELECT version FROM people WHERE id = $1 AND removed = 0`}
}

func trustLives() lives {
	return lives{"trusted issuer", `SELECT version FROM trusted_issuers WHERE id = $1 AND organization = $2 AND revoked = 0`}
}

func budgetLives() lives {
	return lives{"budget", `SELECT version FROM budgets WHERE id = $1 AND organization = $2`}
}

// changed looks at an update that compared versions: one that found no row is a
// conflict when the row lives, and absent otherwise.
func changed(ctx context.Context, tx *sql.Tx, done sql.Result, err error, l lives, ids ...any) error {
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); n > 0 || err != nil {
		return err
	}
	if err := mustLive(ctx, tx, l, ids...); err != nil {
		return err
	}
	return conflict(l.noun)
}

// mustLive is nil if the row is there and no tombstone.
func mustLive(ctx context.Context, tx *sql.Tx, l lives, ids ...any) error {
	var version int64
	err := tx.QueryRowContext(ctx, l.query, ids...).Scan(&version)
	if errors.Is(err, sql.ErrNoRows) {
		return absent(l.noun)
	}
	return err
}
