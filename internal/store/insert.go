package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"
)

// into is the statement that inserts one row of the columns.
func into(table, columns string) string {
	return `INSERT INTO ` + table + ` (` + columns + `) VALUES (` + slots(1, count(columns)) + `)`
}

// updating is the statement that sets the columns of a living row of an
// organization, if it still has the version: $1 is the id, $2 the organization,
// $3 the version, and $4 and on are the values. The column ends is 0 while it lives.
func updating(table, columns, ends string) string {
	return `UPDATE ` + table + ` SET version = version + 1, (` + columns + `) = (` + slots(4, count(columns)) + `)
		WHERE id = $1 AND organization = $2 AND version = $3 AND ` + ends + ` = 0`
}

// chunk is how many values one statement carries at most. SQLite allows 32,766,
// but looks every $n up among all those before it: few are faster.
const chunk = 400

// insert writes rows, many with each statement.
func insert(ctx context.Context, tx *sql.Tx, table, columns string, rows [][]any) error {
	return insertThen(ctx, tx, table, columns, rows, "")
}

// insertThen is insert with a clause for rows that are there already.
func insertThen(ctx context.Context, tx *sql.Tx, table, columns string, rows [][]any, then string) error {
	width := count(columns)
	for some := range slices.Chunk(rows, chunk/width) {
		var text strings.Builder
		text.WriteString(`INSERT INTO ` + table + ` (` + columns + `) VALUES `)
		args := make([]any, 0, len(some)*width)
		for i, row := range some {
			if i > 0 {
				text.WriteString(", ")
			}
			text.WriteString("(" + slots(len(args)+1, width) + ")")
			args = append(args, row...)
		}
		if _, err := tx.ExecContext(ctx, text.String()+then, args...); err != nil {
			return err
		}
	}
	return nil
}
