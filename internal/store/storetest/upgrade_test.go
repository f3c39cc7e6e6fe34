package storetest

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"

	"github.com/adit-hq/adit/internal/store/migrations"
	"github.com/adit-hq/adit/internal/usage"
)

// TestADatabaseOfTheFirstSchemaIsBroughtUpWithItsRows writes what the first
// schema held before it is opened.
func TestADatabaseOfTheFirstSchemaIsBroughtUpWithItsRows(t *testing.T) {
	each(t, func(t *testing.T, e Engine) {
		url := e.New(t)
		driver, dialect, source := "pgx", goose.DialectPostgres, url
		if path, found := strings.CutPrefix(url, "sqlite:"); found {
			driver, dialect, source = "sqlite", goose.DialectSQLite3, path
		}
		db, err := sql.Open(driver, source)
		must(t, err)
		defer db.Close()
		p, err := goose.NewProvider(dialect, db, migrations.Files(), goose.WithDisableGlobalRegistry(true))
		must(t, err)
		_, err = p.UpTo(t.Context(), 1)
		must(t, err)
		midnight := Now().Truncate(24 * time.Hour)
		for h := range 30 { // of three days: 3, 24 and 3 hours
			_, err := db.ExecContext(t.Context(), `INSERT INTO usage_hours (hour, organization, environment, model, api_key, requests, texts, tokens, estimated, errors, throttles)
				VALUES ($1, 'org_a', 'env_a', 'titan', 'key_1', 1, 2, 3, 4, 5, 6), ($1, 'org_a', 'env_a', 'titan', 'key_2', 1, 2, 3, 4, 5, 6)`,
				midnight.Add(time.Duration(h-3)*time.Hour).UnixMicro())
			must(t, err)
		}
		_, err = db.ExecContext(t.Context(), `INSERT INTO organizations (id, name, description, plain_users, created, updated, deleted, version)
			VALUES ('org_a', 'acme', '', 0, 1, 1, 0, 1)`)
		must(t, err)

		s := Open(t, url)
		if n := snapshot(t, s); len(n.Organizations) != 1 || n.Revision != 1 {
			t.Errorf("%d organizations at revision %d, want 1 at 1", len(n.Organizations), n.Revision)
		}
		before, err := s.Usage(t.Context(), usage.Query{})
		must(t, err)
		if len(before) != 60 || before[0].Counts != (usage.Counts{Requests: 1, Texts: 2, Tokens: 3, Estimated: 4, Errors: 5, Throttles: 6, Unpriced: 7}) {
			t.Errorf("%d sums, the first with %+v", len(before), before[0].Counts)
		}
		must(t, s.AddUsage(t.Context(), []usage.Record{record(Now(), "titan", "key_1")})) // goes on where they ended
		all, err := s.Usage(t.Context(), usage.Query{})
		must(t, err)
		by := usage.By{Day: true, Key: true}
		got, err := s.Sums(t.Context(), usage.Query{}, by, 0)
		must(t, err)
		if diff := cmp.Diff(usage.Rollup(all, by), got); diff != "" || len(got) != 6 || len(all) != 60 {
			t.Errorf("%d sums by day and key of %d (-hours +days):\n%s", len(got), len(all), diff)
		}
		must(t, s.CreatePerson(t.Context(), Person("ada", in("org_a", "owner"))))
	})
}
