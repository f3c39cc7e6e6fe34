package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"
)

// chunk is how many values one statement carries at most: SQLite allows 32,766.
const chunk = 6000

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
