package store_test

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/store"
	"github.com/adit-hq/adit/internal/store/storetest"
)

func TestADatabaseOfANewerAditIsLeftAlone(t *testing.T) {
	for _, e := range []storetest.Engine{storetest.SQLite(), storetest.Postgres()} {
		t.Run(e.Name, func(t *testing.T) {
			at := e.New(t)
			first, err := store.Open(t.Context(), at, store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer first.Close()
			driver, name := "pgx", at
			if path, found := strings.CutPrefix(at, "sqlite:"); found {
				driver, name = "sqlite", path
			}
			db, err := sql.Open(driver, name)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (4711, `+map[string]string{"pgx": "TRUE", "sqlite": "1"}[driver]+`)`); err != nil {
				t.Fatal(err)
			}

			_, err = store.Open(t.Context(), at, store.Options{})
			f := fault.From(err)
			if err == nil || f.Kind != fault.Config || f.Code != "database_newer" || !strings.Contains(f.Message, "4711") || f.Remedy == "" {
				t.Errorf("got %v, want a refusal with the numbers and a remedy", err)
			}
		})
	}
}
