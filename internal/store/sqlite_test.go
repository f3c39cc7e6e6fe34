package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/tenant"
)

func wantCode(t *testing.T, err error, kind fault.Kind, code string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != kind || f.Code != code || f.Message == "" || f.Remedy == "" {
		t.Errorf("got %v, want kind %v, code %q, a message and a remedy", err, kind, code)
	}
}

func fillEnvironments(t testing.TB, s *Store, n int) {
	t.Helper()
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	o := tenant.Organization{ID: "org_1", Name: "acme", Created: now, Version: 1}
	values := make([][]any, n)
	for i := range values {
		values[i] = environmentValues(tenant.Environment{
			ID: fmt.Sprintf("env_%024d", i), Organization: o.ID, Name: fmt.Sprintf("e-%d", i), Provider: "bedrock", Region: "eu-central-1",
			RoleARN: "arn:aws:iam::123456789012:role/adit", Audiences: []string{"bedrock"}, Session: time.Hour,
			Models: []string{"cohere.embed-v4:0", "amazon.titan-embed-text-v2:0"}, Tags: map[string]string{"team": "search"}, Created: now, Version: 1,
		})
	}
	err := s.CreateOrganization(t.Context(), o)
	if err == nil {
		err = s.write(t.Context(), "filling", func(_ context.Context, tx *sql.Tx) error {
			return insert(t.Context(), tx, "environments", environmentColumns, values)
		})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestASQLiteFileIsItsOwnersAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes mean nothing here")
	}
	path := filepath.Join(t.TempDir(), "adit.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), "sqlite:"+path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) < 2 {
		t.Fatalf("%v, %v: no file for the write-ahead log", files, err)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %v (%v), want 0600", file, info.Mode(), err)
		}
	}
}

func TestASQLitePathMayHoldWhatMeansSomethingInAURL(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"with space.db", "100%.db", "a#b.db", "größe&_pragma=x.db", "%41.db"} {
		path := filepath.Join(dir, name)
		s, err := Open(t.Context(), "sqlite:"+path, Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%s: the database is not there (%v)", name, err)
		}
	}
}

func TestAURLThatCannotBeUsedIsRefusedWithoutBeingQuoted(t *testing.T) {
	for url, code := range map[string]string{
		"":                                      "database_url",
		"sqlite:":                               "database_url",
		"sqlite::memory:":                       "database_url",
		"mysql://root:hunter2@localhost/adit":   "database_url",
		"postgres://adit:hun/ter2@db:x/adit":    "database_url",
		"postgres://adit:hunter2@db:99999/a":    "database_url",
		"postgres://adit:hunter2%zz@db/adit":    "database_url",
		"hunter2":                               "database_url",
		"sqlite:/does/not/exist/hunter/adit.db": "database_path",
	} {
		_, err := Open(t.Context(), url, Options{})
		wantCode(t, err, fault.Config, code)
		if err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "ter2")) {
			t.Errorf("the error holds the password: %v", err)
		}
	}
}

func TestAFileThatIsNoDatabaseIsCalledDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "adit.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("Dear diary. ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), "sqlite:"+path, Options{})
	wantCode(t, err, fault.Unavailable, "database_broken")
}

func TestAFullDiskIsTheDatabaseBeingDown(t *testing.T) {
	s := openFile(t, Options{})
	if _, err := s.db.ExecContext(t.Context(), `PRAGMA max_page_count = 1`); err != nil { // SQLite takes it for as many as there are
		t.Fatal(err)
	}
	var err error
	for i := 0; i < 100 && err == nil; i++ {
		err = s.SetSetting(t.Context(), fmt.Sprint(i), strings.Repeat("x", 4096))
	}
	wantCode(t, err, fault.Unavailable, "database_down")
}

func TestWhatReadsCannotWrite(t *testing.T) {
	s := openFile(t, Options{})
	if _, err := s.reads.ExecContext(t.Context(), `UPDATE revision SET number = 99`); err == nil {
		t.Error("a connection for reading wrote")
	}
}

func TestAClosedStoreIsDown(t *testing.T) {
	s := openFile(t, Options{})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := s.Snapshot(t.Context())
	wantCode(t, err, fault.Unavailable, "database_down")
	wantCode(t, s.SetSetting(t.Context(), "a", "b"), fault.Unavailable, "database_down")
}

// TestAnotherProcessesLockIsWaitedForAndThenNamed holds the write lock as
// another process would.
func TestAnotherProcessesLockIsWaitedForAndThenNamed(t *testing.T) {
	s := openFile(t, Options{busy: time.Millisecond})
	other, err := Open(t.Context(), "sqlite:"+s.engine.(sqliteFile).path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, s.SetSetting(t.Context(), "a", "b"), fault.Unavailable, "database_busy")
	if _, err := s.Snapshot(t.Context()); err != nil {
		t.Errorf("reading while another writes: %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := s.SetSetting(t.Context(), "a", "b"); err != nil {
		t.Errorf("after the lock was released: %v", err)
	}
}

// contended is an engine that calls every error busy.
type contended struct{ engine }

func (contended) judge(error) trouble { return busy }

func TestATransactionThatLostARaceIsTriedAgain(t *testing.T) {
	s := openFile(t, Options{})
	s.engine = contended{s.engine}
	tries, lost := 0, errors.New("serialization failure")
	err := s.write(t.Context(), "racing", func(_ context.Context, tx *sql.Tx) error {
		tries++
		if _, err := tx.ExecContext(t.Context(), `INSERT INTO settings (name, value) VALUES ('try', $1)`, fmt.Sprint(tries)); err != nil || tries == 4 {
			return err
		}
		return lost
	})
	if v, _, _ := s.Setting(t.Context(), "try"); err != nil || tries != 4 || v != "4" {
		t.Errorf("%v after %d tries, of which number %s was kept; want number 4 of 4", err, tries, v)
	}

	ctx, cancel := context.WithCancel(t.Context())
	tries = 0
	err = s.write(ctx, "racing", func(context.Context, *sql.Tx) error { tries++; cancel(); return lost })
	if !errors.Is(err, context.Canceled) || tries != 1 {
		t.Errorf("%v after %d tries of one who left, want the context's error after 1", err, tries)
	}
}
