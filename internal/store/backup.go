package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// Backup writes everything in the database, as it is at one moment, into a new
// file with mode 0600, while servers go on using it. The file is a SQLite
// database whatever the engine is, and [Store.Restore] reads it into either.
//
// It holds secrets only sealed: without the master key, which is not in it, it
// is of no use, and with it it is everything. A path that is there already is a
// fault of kind Invalid with the code "backup_exists". Only SQLite copies a schema
// that is not this binary's: on PostgreSQL a newer one is a fault of kind Config
// with the code "database_newer", and an older one with "database_older".
func (s *Store) Backup(ctx context.Context, path string) (err error) {
	ctx, end := unhurried(ctx)
	defer end()
	if err := s.engine.copies(ctx, s); err != nil {
		return err
	}
	if path, err = filepath.Abs(path); err != nil { // SQLite takes some relative names for something else
		return fault.Wrap(err, fault.Invalid, "the backup's path cannot be made absolute").WithCode("backup_path")
	}
	place, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // keeps the name while the work is done beside it
	if errors.Is(err, fs.ErrExist) {
		return fault.New(fault.Invalid, "%s is there already, and a backup never replaces a file", path).WithCode("backup_exists").WithRemedy("Name a new file.")
	}
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "the backup %s cannot be written", path).WithCode("backup_path").WithRemedy("Name a file in a folder that is there and that you may write to.")
	}
	_ = place.Close()
	partial := path + ".partial"
	defer func() {
		if err != nil {
			_ = os.Remove(path)
			removeDatabase(partial)
		}
	}()
	empty, err := os.OpenFile(partial, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "the backup %s cannot be written", partial).WithCode("backup_path").WithRemedy("Let this user write into its folder.")
	}
	_ = empty.Close()
	if err := s.engine.backup(ctx, s, partial); err != nil {
		return s.fault(ctx, "writing the backup", err)
	}
	if err := flush(partial); err != nil {
		return fault.Wrap(err, fault.Unavailable, "the backup %s cannot be written", path).WithCode("backup_path").WithRemedy("Check that its disk has room.")
	}
	return os.Rename(partial, path)
}

// flush makes sure that a power cut leaves the file as it is now.
func flush(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// removeDatabase removes a SQLite file and the ones that SQLite puts beside it.
func removeDatabase(path string) {
	for _, end := range []string{"", "-wal", "-shm", "-journal"} {
		_ = os.Remove(path + end)
	}
}

// backup lets SQLite copy itself: what it writes is one file, and it reads in one transaction.
func (e sqliteFile) backup(ctx context.Context, _ *Store, path string) error {
	db, err := sql.Open("sqlite", sqliteSource(e.path, 5*time.Second))
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, `VACUUM INTO $1`, path)
	return err
}

// copies is true of every schema: SQLite knows what is in the file.
func (sqliteFile) copies(context.Context, *Store) error { return nil }

// copies is true of the schema that this binary knows: it copies the tables and
// columns that it knows the names of.
func (postgres) copies(ctx context.Context, s *Store) error {
	var used bool
	if err := s.db.QueryRowContext(ctx, `SELECT to_regclass('goose_db_version') IS NOT NULL`).Scan(&used); err != nil {
		return s.fault(ctx, "reading the schema's number", err)
	}
	if !used { // to ask for the number would make the table
		return fault.New(fault.Config, "the database is empty: Adit has never used it").WithCode("no_database").
			WithRemedy("Give the server's database with --database.")
	}
	has, knows, err := s.Schema(ctx)
	switch {
	case err != nil || has == knows:
		return err
	case has > knows:
		return newer(has, knows, "Take the backup with the newer Adit.")
	}
	return fault.New(fault.Config, "the database was written by an older Adit: its schema is number %d, and this one backs up number %d", has, knows).
		WithCode("database_older").WithRemedy("Take the backup with the older Adit, or bring the schema up to date with `adit db migrate` first.")
}

// backup makes a SQLite database of the same schema and copies every row.
func (postgres) backup(ctx context.Context, s *Store, path string) (err error) {
	to, err := Open(ctx, "sqlite:"+path, Options{Log: s.log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	err = s.read(ctx, "reading everything", func(ctx context.Context, from *sql.Tx) error {
		return to.write(ctx, "writing the backup", func(ctx context.Context, tx *sql.Tx) error { return copyAll(ctx, from, tx) })
	})
	if err != nil {
		return err
	}
	if err := s.engine.copies(ctx, s); err != nil { // migrated meanwhile
		return err
	}
	_, err = to.db.ExecContext(ctx, `PRAGMA journal_mode = DELETE`) // one file
	return err
}
