package store

import (
	"context"
	"database/sql"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
)

// Options of a store. The zero value is fine.
type Options struct {
	// Log gets what the store did to the schema, and retries; nil: nobody.
	Log *slog.Logger
	// Now tells when the audit was pruned; nil means time.Now.
	Now func() time.Time
	// ByHand leaves the schema as it is until [Store.Migrate] is called.
	ByHand bool
	// Connections is how many PostgreSQL gives to this process, or how many read
	// SQLite besides the one that writes; 0 means 8.
	Connections int
	// Patience is how long a reading or a change may take where the context has no
	// deadline; 0 means 30 seconds. Backups, restores and migrations take their time.
	Patience time.Duration

	busy time.Duration // how long SQLite waits for another process; 0 means 5 s
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	engine engine
	db     *sql.DB // writes; on SQLite it has one connection
	reads  *sql.DB // reads; on PostgreSQL the same as db
	log    *slog.Logger
	now    func() time.Time
	chain  atomic.Pointer[audit.Chain]

	patience time.Duration // see Options
}

// engine is what SQLite and PostgreSQL differ in.
type engine interface {
	// name is goose's for the dialect.
	name() string
	// lock keeps other processes from migrating until it is released.
	lock(ctx context.Context, db *sql.DB) (release func(), err error)
	// judge says what kind of thing went wrong.
	judge(err error) trouble
	// remedy says what to do when the database is down; where says, for administrators, which it is.
	remedy() string
	where() string
	// copies says why backup cannot write everything that the database holds.
	copies(ctx context.Context, s *Store) error
	// clock is an SQL expression: the microseconds of a clock that is not this
	// machine's, or as late as can be.
	clock() string
	// backup writes everything into a new SQLite file.
	backup(ctx context.Context, s *Store, path string) error
}

// Open opens the database that url names and brings its schema up to date:
//
//	sqlite:PATH            a file, made with mode 0600 if it is absent
//	postgres://USER:PASSWORD@HOST:PORT/DATABASE
//
// A URL that cannot be right is a fault of kind Config with the code
// "database_url", a database that a newer Adit wrote one with the code
// "database_newer", and one that cannot be reached one of kind Unavailable with
// the code "database_down". No error holds the URL, for it may hold a password.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Connections <= 0 {
		o.Connections = 8
	}
	if o.Patience <= 0 {
		o.Patience = 30 * time.Second
	}
	if o.busy <= 0 {
		o.busy = 5 * time.Second
	}
	s, err := connect(url, o)
	if err != nil {
		return nil, err
	}
	s.log, s.now, s.patience = o.Log, o.Now, o.Patience
	if err := s.begin(ctx, o); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

func connect(url string, o Options) (*Store, error) {
	scheme, rest, _ := strings.Cut(url, ":")
	switch scheme {
	case "sqlite":
		return openSQLite(rest, o)
	case "postgres", "postgresql":
		return openPostgres(url, o)
	}
	return nil, fault.New(fault.Config, "the database URL is neither one of SQLite nor one of PostgreSQL").WithCode("database_url").
		WithRemedy("Write sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE.")
}

func (s *Store) begin(ctx context.Context, o Options) error {
	if err := s.db.PingContext(ctx); err != nil {
		return s.fault(ctx, "opening the database", err)
	}
	if o.ByHand {
		return nil
	}
	_, _, err := s.Migrate(ctx)
	return err
}

// Close lets go of the database, after the transactions under way.
func (s *Store) Close() error {
	err := s.db.Close()
	if s.reads != s.db {
		if e := s.reads.Close(); err == nil {
			err = e
		}
	}
	return err
}

// UseChain sets the key of the audit chain; without it nothing can be changed
// that leaves an event.
func (s *Store) UseChain(c *audit.Chain) { s.chain.Store(c) }
