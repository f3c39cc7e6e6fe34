package app

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/store/storetest"
)

func TestABackupOfARunningServerIsRestoredIntoANewDirectoryAndServesAgain(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	s, _ := kept(t)
	a, err := NewControl(s)
	if err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(t.TempDir(), "adit.backup")
	if err := BackupDatabase(t.Context(), s.State, backup, quiet); err != nil {
		t.Fatal(err)
	}
	if err := RestoreDatabase(t.Context(), s.State, backup, quiet); fault.From(err).Code != "data_dir_locked" {
		t.Errorf("beside a server: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := RestoreDatabase(t.Context(), s.State, backup, quiet); fault.From(err).Code != "database_not_empty" {
		t.Errorf("over another: %v", err)
	}
	other := s
	other.State.DataDir = filepath.Join(t.TempDir(), "new")
	if err := RestoreDatabase(t.Context(), other.State, backup, quiet); err != nil {
		t.Fatal(err)
	}
	if _, err := NewControl(other); fault.From(err).Code != "no_master_key" {
		t.Errorf("without the master key: %v", err)
	}
	key, err := os.ReadFile(filepath.Join(s.State.DataDir, masterKeyName))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(other.State.DataDir, masterKeyName), key, 0o400); err != nil {
		t.Fatal(err)
	}
	startAndEnd(t, other)
}

func TestADatabaseIsMigratedOnceAndNotMadeByABackup(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	s := StateSettings{DataDir: t.TempDir()}
	if err := BackupDatabase(t.Context(), s, filepath.Join(t.TempDir(), "b"), quiet); fault.From(err).Code != "no_database" {
		t.Errorf("a backup of nothing: %v", err)
	}
	if err := RestoreDatabase(t.Context(), StateSettings{DataDir: filepath.Join(s.DataDir, "none")}, "nowhere", quiet); fault.From(err).Code != "backup_path" {
		t.Errorf("a restore of nothing: %v", err)
	}
	if !isAbsent(filepath.Join(s.DataDir, "none")) {
		t.Error("a directory was made")
	}
	from, to, err := MigrateDatabase(t.Context(), s, quiet)
	if err != nil || from != 0 || to == 0 {
		t.Fatalf("from %d to %d, %v", from, to, err)
	}
	if again, still, err := MigrateDatabase(t.Context(), s, quiet); err != nil || again != to || still != to {
		t.Errorf("again from %d to %d, %v", again, still, err)
	}
}

func TestARestoredDatabaseGetsANewOperatorsKeyOnPostgreSQLToo(t *testing.T) {
	for _, engine := range []storetest.Engine{storetest.SQLite(), storetest.Postgres()} {
		t.Run(engine.Name, func(t *testing.T) {
			first := StateSettings{DataDir: t.TempDir(), Database: engine.New(t), MasterKey: secret.New(keyOfMaster)}
			second := StateSettings{DataDir: t.TempDir(), Database: engine.New(t), MasterKey: secret.New(keyOfMaster)}
			a, err := NewControl(Settings{State: first})
			if err != nil {
				t.Fatal(err)
			}
			if err := a.Close(); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "backup.db")
			if err := BackupDatabase(t.Context(), first, file, nil); err != nil {
				t.Fatal(err)
			}
			if err := RestoreDatabase(t.Context(), second, file, nil); err != nil {
				t.Fatal(err)
			}
			b, err := NewControl(Settings{State: second})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := b.Close(); err != nil {
					t.Error(err)
				}
			}()
			key, err := OperatorKey(second.DataDir)
			if err != nil || key.Empty() {
				t.Fatalf("no operator's key: %v", err)
			}
			if _, err := b.state.keys.Authenticate(t.Context(), key.Reveal()); err != nil {
				t.Error(err)
			}
		})
	}
}
