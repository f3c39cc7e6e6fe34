package storetest

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/store"
	"github.com/adit-hq/adit/internal/store/migrations"
)

// TestABackupHoldsEverythingAlsoOfAnotherSchemaOrIsRefused takes backups with a
// binary that is older than the database, and with one that is newer. SQLite
// copies what it does not know; into PostgreSQL's backup it would not come.
func TestABackupHoldsEverythingAlsoOfAnotherSchemaOrIsRefused(t *testing.T) {
	each(t, func(t *testing.T, e Engine) {
		t.Run("a newer one", func(t *testing.T) {
			url := e.New(t)
			Open(t, url)
			db, _ := plain(t, url)
			exec(t, db, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, `+map[string]string{"SQLite": "1", "PostgreSQL": "TRUE"}[e.Name]+`)`)
			exec(t, db, `CREATE TABLE newer_things (id TEXT PRIMARY KEY)`)
			wantBackup(t, e, url, "database_newer", "newer_things")
		})
		t.Run("an older one", func(t *testing.T) {
			url := e.New(t)
			db, dialect := plain(t, url)
			p, err := goose.NewProvider(dialect, db, migrations.Files(), goose.WithDisableGlobalRegistry(true))
			must(t, err)
			_, err = p.UpTo(t.Context(), 1)
			must(t, err)
			wantBackup(t, e, url, "database_older", "api_keys")
		})
		t.Run("none", func(t *testing.T) {
			if e.Name != "PostgreSQL" {
				t.Skip("a file that is absent is not opened")
			}
			url := e.New(t)
			wantBackup(t, e, url, "no_database", "")
			db, _ := plain(t, url)
			exec(t, db, `CREATE TABLE goose_db_version (id INT)`) // nothing was made
		})
	})
}

// wantBackup takes one, which SQLite does, with the table in it, and PostgreSQL
// refuses with the code before there is a file.
func wantBackup(t *testing.T, e Engine, url, code, table string) {
	t.Helper()
	s, err := store.Open(t.Context(), url, store.Options{ByHand: true})
	must(t, err)
	defer s.Close()
	dir := t.TempDir()
	path := filepath.Join(dir, "backup.db")
	err = s.Backup(t.Context(), path)
	if e.Name == "SQLite" {
		must(t, err)
		db, _ := plain(t, "sqlite:"+path)
		exec(t, db, `SELECT * FROM `+table)
		return
	}
	wantFault(t, err, fault.Config, code)
	if f := fault.From(err); err != nil && !strings.Contains(f.Remedy, "Adit") && !strings.Contains(f.Remedy, "--database") {
		t.Errorf("the remedy is %q", f.Remedy)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("there are %v (%v), want no file", left, err)
	}
}

// plain opens a database past the store.
func plain(t *testing.T, url string) (*sql.DB, goose.Dialect) {
	t.Helper()
	driver, dialect, source := "pgx", goose.DialectPostgres, url
	if path, found := strings.CutPrefix(url, "sqlite:"); found {
		driver, dialect, source = "sqlite", goose.DialectSQLite3, path
	}
	db, err := sql.Open(driver, source)
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db, dialect
}

func exec(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	_, err := db.ExecContext(t.Context(), statement)
	must(t, err)
}
