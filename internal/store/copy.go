package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/adit-hq/adit/internal/fault"
)

// table is one whose rows are copied from one engine to the other.
type table struct{ name, columns string }

func (t table) rows() string { return `SELECT ` + t.columns + ` FROM ` + t.name }

// tables returns all of them, each behind those that it refers to. A table of
// the migrations that is missing here fails a test.
func tables() []table {
	return []table{
		{"revision", "id, number"},
		{"settings", "name, value"},
		{"organizations", organizationColumns},
		{"environments", environmentColumns},
		{"environment_activity", "environment, exchanged, outcome, why, request_id, succeeded"},
		{"api_keys", keyColumns},
		{"key_activity", "api_key, used"},
		{"people", personColumns},
		{"memberships", "person, organization"},
		{"sessions", sessionColumns},
		{"links", linkColumns},
		{"attempts", "hash, failures, last, until"},
		{"trusted_issuers", trustColumns},
		{"trust_activity", "trusted_issuer, used"},
		{"budgets", budgetColumns},
		{"remembered", rememberedColumns},
		{"issuers", "id, version"},
		{"signing_keys", signingKeyColumns},
		{"sealed_records", sealedRecordColumns},
		{"audit_rows", auditColumns},
		{"audit_head", "id, count, last, mac"},
		{"audit_checkpoint", "id, seq, last, at, mac"},
		{"usage_hours", "hour, " + usageColumns},
		{"usage_days", "day, " + usageColumns},
		{"usage_tags", "id, tags"},
		{"usage_writers", "id, batch, at"},
		{"claims", "name, at"},
	}
}

// copyAll copies every row of one database into another of the same schema,
// and counts both. The rows that an empty database has are replaced.
func copyAll(ctx context.Context, from, to *sql.Tx) error {
	for _, statement := range []string{`DELETE FROM revision`, `DELETE FROM audit_head`, `DELETE FROM audit_checkpoint`} {
		if _, err := to.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	for _, t := range tables() {
		if err := copyTable(ctx, from, to, t); err != nil {
			return err
		}
		there, err := countRows(ctx, from, t.name)
		if err != nil {
			return err
		}
		here, err := countRows(ctx, to, t.name)
		if err != nil {
			return err
		}
		if there != here {
			return fault.New(fault.Internal, "%d rows of %s were to be copied, and %d arrived", there, t.name, here)
		}
	}
	return nil
}

// copyTable reads one row after another, so that memory holds a few.
func copyTable(ctx context.Context, from, to *sql.Tx, t table) error {
	rows, err := from.QueryContext(ctx, t.rows())
	if err != nil {
		return err
	}
	defer rows.Close()
	width := count(t.columns)
	var some [][]any
	for rows.Next() {
		row, targets := make([]any, width), make([]any, width)
		for i := range row {
			targets[i] = &row[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		if some = append(some, row); len(some) == chunk/width {
			if err := insert(ctx, to, t.name, t.columns, some); err != nil {
				return err
			}
			some = some[:0]
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return insert(ctx, to, t.name, t.columns, some)
}

func countRows(ctx context.Context, tx *sql.Tx, table string) (n int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+table).Scan(&n)
	return n, err
}

// mustBeEmpty refuses a database in which anything was ever kept.
func mustBeEmpty(ctx context.Context, tx *sql.Tx) error {
	for _, t := range tables() {
		switch t.name {
		case "revision", "audit_head", "audit_checkpoint", "claims":
			continue
		}
		n, err := countRows(ctx, tx, t.name)
		if err != nil {
			return err
		}
		if n > 0 {
			return fault.New(fault.Invalid, "the database is not empty: it has %s", fmt.Sprintf("%d rows of %s", n, t.name)).WithCode("database_not_empty").
				WithRemedy("Restore into a new one; nothing was changed.")
		}
	}
	return nil
}
