package store

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/budget"
	"github.com/adit-hq/adit/internal/seal"
	"github.com/adit-hq/adit/internal/signin"
	"github.com/adit-hq/adit/internal/signing"
	"github.com/adit-hq/adit/internal/tenant"
	"github.com/adit-hq/adit/internal/trust"
	"github.com/adit-hq/adit/internal/usage"
)

var (
	_ tenant.Store  = (*Store)(nil)
	_ access.Store  = (*Store)(nil)
	_ signing.Store = (*Store)(nil)
	_ seal.Store    = (*Store)(nil)
	_ audit.Store   = (*Store)(nil)
	_ usage.Store   = (*Store)(nil)
	_ usage.Reports = (*Store)(nil)
	_ signin.Store  = (*Store)(nil)
	_ trust.Store   = (*Store)(nil)
	_ budget.Store  = (*Store)(nil)
)

func openFile(t testing.TB, o Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "adit.db"), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// A table or column that a backup forgets would be found by nobody until it is needed.
func TestABackupKnowsEveryTableAndColumnOfTheSchema(t *testing.T) {
	s := openFile(t, Options{})
	schema := map[string][]string{}
	rows, err := s.reads.QueryContext(t.Context(), `SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c
		WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE 'goose_%'`)
	_, err = collect(rows, err, func(row scanner) (string, error) {
		var table, column string
		err := row.Scan(&table, &column)
		schema[table] = append(schema[table], column)
		return column, err
	})
	if err != nil {
		t.Fatal(err)
	}
	copied := map[string][]string{}
	for _, table := range tables() {
		copied[table.name] = strings.Split(table.columns, ", ")
		slices.Sort(copied[table.name])
		slices.Sort(schema[table.name])
	}
	if diff := cmp.Diff(schema, copied); diff != "" {
		t.Errorf("what a backup copies (-schema +copied):\n%s", diff)
	}
}

func TestByHandNothingIsMigratedUntilAsked(t *testing.T) {
	s := openFile(t, Options{ByHand: true})
	const newest = 2
	for _, want := range []int64{0, newest} {
		has, knows, err := s.Schema(t.Context())
		if err != nil || has != want || knows != newest {
			t.Errorf("the schema is %d of %d (%v), want %d of %d", has, knows, err, want, newest)
		}
		from, to, err := s.Migrate(t.Context())
		if err != nil || from != want || to != newest {
			t.Errorf("migrated from %d to %d (%v), want from %d to %d", from, to, err, want, newest)
		}
	}
}

func TestThatAMigrationMayTakeLongIsSaidBeforeItOnlyWhereThereIsSomethingToMigrate(t *testing.T) {
	said := &bytes.Buffer{}
	s := openFile(t, Options{ByHand: true, Log: slog.New(slog.NewTextHandler(said, nil))})
	p, err := s.migrations()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time there is nothing to do
		if _, _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	before, after := strings.Index(said.String(), "must not be interrupted"), strings.Index(said.String(), "has a new schema")
	if before < 0 || after < before || strings.Count(said.String(), "from=1 to=2") != 2 {
		t.Errorf("it was said:\n%s", said)
	}
	said.Reset()
	empty := openFile(t, Options{Log: slog.New(slog.NewTextHandler(said, nil))})
	if has, _, err := empty.Schema(t.Context()); err != nil || has != 2 || strings.Contains(said.String(), "must not be interrupted") {
		t.Errorf("of an empty database (schema %d, %v):\n%s", has, err, said)
	}
}
