package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/adit-hq/adit/internal/fault"
)

// Restore reads what [Store.Backup] wrote, on whichever engine, into this
// database, which must be empty: one that is not is a fault of kind Invalid
// with the code "database_not_empty". A backup of an older schema is brought up
// to date on the way, in a copy; one of a newer schema is refused with the code
// "database_newer", and what is no backup with "backup_broken".
//
// Sessions and links do not come back: one that was ended after the backup must
// not live again, so people sign in anew.
//
// Everything is written in one transaction, after the counts of all rows were
// compared and the audit was seen to be without gaps, or nothing is.
func (s *Store) Restore(ctx context.Context, path string) error {
	ctx, end := unhurried(ctx)
	defer end()
	dir, err := os.MkdirTemp("", "adit-restore-")
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "there is no room for a copy of the backup").WithRemedy("Set TMPDIR to a folder with room.")
	}
	defer os.RemoveAll(dir)
	copied := filepath.Join(dir, "backup.db")
	if err := copyFile(path, copied); err != nil {
		return fault.Wrap(err, fault.Invalid, "the backup %s cannot be read", path).WithCode("backup_path").WithRemedy("Name a file that `adit db backup` wrote.")
	}
	from, err := openBackup(ctx, copied, Options{Log: s.log})
	if err != nil {
		return err
	}
	defer from.Close()
	return from.read(ctx, "reading the backup", func(ctx context.Context, source *sql.Tx) error {
		return s.change(ctx, "restoring a backup", nil, func(ctx context.Context, tx *sql.Tx) error { return restore(ctx, source, tx) })
	})
}

func restore(ctx context.Context, source, tx *sql.Tx) error {
	if err := mustBeEmpty(ctx, tx); err != nil {
		return err
	}
	var before int64
	if err := tx.QueryRowContext(ctx, `SELECT number FROM revision`).Scan(&before); err != nil {
		return err
	}
	if err := copyAll(ctx, source, tx); err != nil {
		return err
	}
	if err := mustContinue(ctx, tx); err != nil {
		return err
	}
	for _, statement := range []string{`DELETE FROM sessions`, `DELETE FROM links`} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	// Above both, so that a server which has read either sees the change.
	_, err := tx.ExecContext(ctx, `UPDATE revision SET number = CASE WHEN number > $1 THEN number ELSE $1 END + 1`, before)
	return err
}

// openBackup opens a copy of a backup. SQLite makes a database of an empty file
// and goose one of any, so a file without a schema of ours is refused before.
func openBackup(ctx context.Context, path string, o Options) (*Store, error) {
	notOurs := func(err error) error {
		return fault.Wrap(err, fault.Invalid, "the file is no backup, or is damaged").WithCode("backup_broken").WithRemedy("Name a file that `adit db backup` wrote.")
	}
	o.ByHand = true
	s, err := Open(ctx, "sqlite:"+path, o)
	if err != nil {
		return nil, notOurs(err)
	}
	var state string
	err = s.db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&state)
	if err == nil && state != "ok" {
		err = errors.New(state)
	}
	var schema int64
	if err == nil {
		schema, _, err = s.Schema(ctx)
	}
	if err == nil && schema == 0 {
		err = errors.New("it holds no schema")
	}
	if err != nil {
		_ = s.Close()
		return nil, notOurs(err)
	}
	if _, _, err := s.Migrate(ctx); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// mustContinue looks at the audit without its key: no row is missing between
// the checkpoint and the head, and the head knows the last one. Whether a row
// was altered `adit audit verify` tells, with the key.
func mustContinue(ctx context.Context, tx *sql.Tx) error {
	var head, pruned, rows, first, last int64
	var headMAC, prunedMAC, lastMAC []byte
	for _, q := range []struct {
		text string
		to   []any
	}{
		{`SELECT count, last FROM audit_head`, []any{&head, &headMAC}},
		{`SELECT seq, last FROM audit_checkpoint`, []any{&pruned, &prunedMAC}},
		{`SELECT COUNT(*), COALESCE(MIN(seq), 0), COALESCE(MAX(seq), 0) FROM audit_rows`, []any{&rows, &first, &last}},
	} {
		if err := tx.QueryRowContext(ctx, q.text).Scan(q.to...); err != nil {
			return err
		}
	}
	lastMAC = prunedMAC
	if rows > 0 {
		if err := tx.QueryRowContext(ctx, `SELECT mac FROM audit_rows WHERE seq = $1`, last).Scan(&lastMAC); err != nil {
			return err
		}
	} else {
		first, last = pruned+1, pruned
	}
	if first != pruned+1 || last != head || rows != head-pruned || !bytes.Equal(lastMAC, headMAC) {
		return fault.New(fault.Invalid, "the audit of the backup has gaps: it should have the rows %d to %d, and has %d, from %d to %d", pruned+1, head, rows, first, last).
			WithCode("backup_broken").WithRemedy("Restore another backup; nothing was changed.")
	}
	return nil
}

func copyFile(from, to string) error {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, w.Close())
}
