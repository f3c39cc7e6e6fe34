package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/adit-hq/adit/internal/fault"
)

// sqliteFile is SQLite by modernc.org/sqlite. In its WAL mode one connection
// writes while others read.
type sqliteFile struct{ path string }

func openSQLite(path string, o Options) (*Store, error) {
	if strings.HasPrefix(path, "///") { // sqlite:///var/lib/adit.db, as others write it
		path = path[2:]
	}
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return nil, fault.New(fault.Config, "the database URL names no file").WithCode("database_url").
			WithRemedy("Write sqlite:PATH, such as sqlite:/var/lib/adit/adit.db.")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fault.Wrap(err, fault.Config, "the database's path cannot be made absolute").WithCode("database_url")
	}
	if err := keepPrivate(path); err != nil {
		return nil, err
	}
	write, err := sql.Open("sqlite", sqliteSource(path, o.busy, "journal_mode(WAL)", "synchronous(FULL)"))
	if err != nil {
		return nil, fault.Wrap(err, fault.Config, "the database %s cannot be opened", path)
	}
	write.SetMaxOpenConns(1)
	// In 8 MiB a month of usage is sorted without files; the default are two.
	read, err := sql.Open("sqlite", sqliteSource(path, o.busy, "query_only(1)", "cache_size(-8192)"))
	if err != nil {
		return nil, fault.Wrap(err, fault.Config, "the database %s cannot be opened", path)
	}
	read.SetMaxOpenConns(o.Connections)
	read.SetMaxIdleConns(o.Connections)
	return &Store{engine: sqliteFile{path}, db: write, reads: read}, nil
}

// keepPrivate makes the file if it is absent and takes it from everybody but
// its owner. SQLite gives the files beside it (-wal, -shm) the same mode.
func keepPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fault.Wrap(err, fault.Config, "the database %s cannot be opened", path).WithCode("database_path").
			WithRemedy("Make the folder and let this user write there, or name another file with --database sqlite:PATH or --data-dir.")
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Mode().Perm()&0o077 != 0 {
		_ = f.Chmod(info.Mode().Perm() &^ fs.FileMode(0o077)) // on Windows modes mean nothing
	}
	return nil
}

// sqliteSource names the file for the driver. A transaction that may write takes
// the write lock at its beginning: one that took it later could only fail.
func sqliteSource(path string, busy time.Duration, pragmas ...string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // C:/adit.db
		path = "/" + path
	}
	pragmas = append(pragmas, fmt.Sprintf("busy_timeout(%d)", busy.Milliseconds()), "foreign_keys(1)", "trusted_schema(0)")
	q := url.Values{"_pragma": pragmas, "_txlock": {"immediate"}}
	return (&url.URL{Scheme: "file", Path: path, OmitHost: true, RawQuery: q.Encode()}).String()
}

func (sqliteFile) name() string { return "sqlite3" }

// lock does nothing: whoever opens a file holds the lock of its data directory.
func (sqliteFile) lock(context.Context, *sql.DB) (func(), error) { return func() {}, nil }

func (sqliteFile) remedy() string {
	return "Check that the disk of the database has room, is mounted, and lets this user write."
}

// clock is none: SQLite asks this machine, as everybody here does.
func (sqliteFile) clock() string { return "9223372036854775807" }

func (e sqliteFile) where() string { return "SQLite at " + e.path }

func (sqliteFile) judge(err error) trouble {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		if errors.Is(err, sql.ErrConnDone) || strings.Contains(err.Error(), "sql: database is closed") {
			return down
		}
		return unknown
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE:
		return nameTaken
	case sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return idTaken
	}
	switch e.Code() & 0xff { // the primary code
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return busy
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_PROTOCOL:
		return down
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return broken
	}
	return unknown
}
