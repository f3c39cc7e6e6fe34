package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"net/url"
	"os"
	"path/filepath"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/store"
)

// PostgresVariable names the environment variable with the URL of a PostgreSQL
// that tests may make schemas in; scripts/postgres.sh sets it.
const PostgresVariable = "ADIT_TEST_POSTGRES"

// T is what of a test is needed here; *testing.T and *testing.B are such.
type T interface {
	Helper()
	Context() context.Context
	TempDir() string
	Skip(args ...any)
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
	Cleanup(f func())
}

// Engine is a database engine that the suite runs on.
type Engine struct {
	Name string
	// New returns the URL of an empty database, which goes with the test; it
	// skips the test where the engine is missing.
	New func(t T) string
}

// SQLite is a file in the test's temporary folder.
func SQLite() Engine {
	return Engine{"SQLite", func(t T) string {
		return "sqlite:" + filepath.Join(t.TempDir(), "adit.db")
	}}
}

// Postgres is a new schema in the database that ADIT_TEST_POSTGRES names.
func Postgres() Engine {
	return Engine{"PostgreSQL", func(t T) string {
		t.Helper()
		base := os.Getenv(PostgresVariable)
		if base == "" {
			t.Skip("no PostgreSQL: " + PostgresVariable + " is not set (scripts/postgres.sh COMMAND runs a command with it)")
		}
		return newSchema(t, base)
	}}
}

func newSchema(t T, base string) string {
	t.Helper()
	db, err := sql.Open("pgx", base)
	if err != nil {
		t.Fatalf("%s cannot be used", PostgresVariable) // the cause may quote the password
	}
	var b [6]byte
	rand.Read(b[:])
	schema := "adit_" + hex.EncodeToString(b[:])
	if _, err := db.ExecContext(t.Context(), `CREATE SCHEMA `+schema); err != nil {
		t.Fatalf("making a schema: %v", err)
	}
	t.Cleanup(func() {
		if _, err := db.ExecContext(context.WithoutCancel(t.Context()), `DROP SCHEMA `+schema+` CASCADE`); err != nil {
			t.Errorf("dropping the schema: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Errorf("closing the database: %v", err)
		}
	})
	u, err := url.Parse(base)
	if err != nil {
		t.Fatalf("%s is no URL", PostgresVariable)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

// Chain is the audit chain of every store that [Open] returns.
func Chain() *audit.Chain { return audit.NewChain([]byte("a key for tests, 32 bytes long..")) }

// Open opens the database with [Chain], and closes it with the test.
func Open(t T, url string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), url, store.Options{Now: Now})
	if err != nil {
		t.Fatalf("opening: %v", err)
	}
	s.UseChain(Chain())
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return s
}
