package app

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/store"
)

// MigrateDatabase brings the schema of the database up to date, which every
// start of a server does too, and returns its numbers before and after; 0 is a
// database that had none. A SQLite file is made if it is absent.
func MigrateDatabase(ctx context.Context, s StateSettings, log *slog.Logger) (from, to int64, err error) {
	unlock, err := s.holdFile()
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	db, err := store.Open(ctx, s.databaseURL(), store.Options{Log: log, Now: s.Now, ByHand: true})
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.Migrate(ctx)
}

// BackupDatabase writes everything in the database into a new file, while
// servers go on using it. Neither the master key nor the operator's key is in it.
func BackupDatabase(ctx context.Context, s StateSettings, path string, log *slog.Logger) (err error) {
	if err := s.mustExist(); err != nil {
		return err
	}
	db, err := store.Open(ctx, s.databaseURL(), store.Options{Log: log, Now: s.Now, ByHand: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.Backup(ctx, path)
}

// RestoreDatabase reads a backup into the database, which must be empty or absent.
// No server may run on it.
func RestoreDatabase(ctx context.Context, s StateSettings, path string, log *slog.Logger) (err error) {
	if _, err := os.Stat(path); err != nil { // before anything is made
		return fault.Wrap(err, fault.Invalid, "the backup cannot be read: %v", err).WithCode("backup_path").
			WithRemedy("Use a file that `adit db backup` wrote.")
	}
	unlock, err := s.holdFile()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	db, err := store.Open(ctx, s.databaseURL(), store.Options{Log: log, Now: s.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.Restore(ctx, path)
	if fault.From(err) != nil && fault.From(err).Code == "database_not_empty" {
		return fault.Wrap(err, fault.Invalid, "%s", fault.From(err).Message).WithCode("database_not_empty").
			WithRemedy("Give a new directory with --data-dir, or an empty database with --database. Nothing was changed.")
	}
	if err != nil {
		return err
	}
	return s.wantOperator()
}

// wantOperator has the next start make an operator's key, for none is in a
// backup: an empty file stands for one that is to be made.
func (s StateSettings) wantOperator() error {
	if s.DataDir == "" {
		return nil
	}
	if err := makeDataDir(s.DataDir); err != nil {
		return err
	}
	f, err := os.OpenFile(OperatorKeyFile(s.DataDir), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil // one that belongs to the restored database, or the next start tells
	}
	if err != nil {
		return fault.Wrap(err, fault.Config, "the database is restored, but the data directory cannot be written to: %v", err).WithRemedy("Make it writable, and create an empty file %s there.", operatorKeyName)
	}
	return f.Close()
}

// holdFile takes the data directory for this process where the database is a
// file in it. A PostgreSQL database locks itself.
func (s StateSettings) holdFile() (unlock func() error, err error) {
	if s.Database != "" {
		return func() error { return nil }, nil
	}
	if err := makeDataDir(s.DataDir); err != nil {
		return nil, err
	}
	lock, err := holdDir(s.DataDir)
	if err != nil {
		if f := fault.From(err); f.Code == "data_dir_locked" {
			return nil, fault.Wrap(err, fault.Unavailable, "%s", f.Message).WithCode(f.Code).WithRemedy("Stop the server first, or give another directory with --data-dir.")
		}
		return nil, err
	}
	return lock.Unlock, nil
}

// mustExist keeps SQLite from making the file that was to be read.
func (s StateSettings) mustExist() error {
	if s.Database != "" {
		return nil
	}
	path := strings.TrimPrefix(s.databaseURL(), "sqlite:")
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.Config, "there is no database in %s", filepath.Dir(path)).WithCode("no_database").
			WithRemedy("Give the server's directory with --data-dir, or its database with --database.")
	}
	return err
}
