package app

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/seal"
	"github.com/adit-hq/adit/internal/store"
)

// kept returns the settings of a server that was started once, and its operator's key.
func kept(t *testing.T) (Settings, string) {
	t.Helper()
	s := Settings{State: StateSettings{DataDir: t.TempDir(), IssuerURL: "https://issuer.adit.test"}}
	startAndEnd(t, s)
	key, err := OperatorKey(s.State.DataDir)
	if err != nil {
		t.Fatal(err)
	}
	return s, key.Reveal()
}

// startAndEnd fails unless a server starts, with the signing keys and the
// operator's key that there were.
func startAndEnd(t *testing.T, s Settings) {
	t.Helper()
	a, err := NewControl(s)
	if err != nil {
		t.Fatal(err)
	}
	if key, err := OperatorKey(s.State.DataDir); err != nil {
		t.Error(err)
	} else if _, err := a.state.keys.Authenticate(t.Context(), key.Reveal()); err != nil {
		t.Errorf("the operator's key does not work: %v", err)
	}
	if _, _, err := a.state.signer.Sign(t.Context(), "default", []byte("{}")); err != nil {
		t.Errorf("the signing key does not work: %v", err)
	}
	if v, err := (&controlRooms{state: a.state}).Verify(t.Context()); err != nil || v.Bad != 0 {
		t.Errorf("the audit is not sound: %+v, %v", v, err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
}

func masterOf(t *testing.T, path string) string {
	t.Helper()
	m, err := seal.LoadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return m.Encode().Reveal()
}

// newKeyFile writes a fresh master key.
func newKeyFile(t *testing.T) (path, text string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "new.key")
	m, err := seal.CreateFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, m.Encode().Reveal()
}

func isAbsent(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

func TestTheOwnMasterKeyIsReplacedByAFreshOneOrByTheGivenOne(t *testing.T) {
	s, operator := kept(t)
	current := filepath.Join(s.State.DataDir, masterKeyName)
	former := masterOf(t, current)
	done, err := Rewrap(t.Context(), s.State, "", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	fresh := masterOf(t, current)
	if fresh == former || done.File != current || done.Records < 5 || done.Finished {
		t.Errorf("the key is the former one: %v; %+v", fresh == former, done)
	}
	startAndEnd(t, s)
	given, want := newKeyFile(t)
	if _, err := Rewrap(t.Context(), s.State, given, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if masterOf(t, current) != want || !isAbsent(filepath.Join(s.State.DataDir, newMasterKeyName)) {
		t.Error("the data directory does not have the key that was given, and only that")
	}
	if info, err := os.Stat(current); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o400 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	startAndEnd(t, s)
	if key, _ := OperatorKey(s.State.DataDir); key.Reveal() != operator {
		t.Error("the operator's key is another one")
	}
	if _, err := Rewrap(t.Context(), s.State, given, slog.New(slog.DiscardHandler)); fault.From(err).Code != "same_master_key" {
		t.Errorf("the same key again: %v", err)
	}
	startAndEnd(t, s)
}

func TestAnOperatorsMasterKeyIsReplacedInTheDatabaseOnly(t *testing.T) {
	former, _ := newKeyFile(t)
	s := Settings{State: StateSettings{DataDir: t.TempDir(), MasterKeyFile: former}}
	startAndEnd(t, s)
	given, _ := newKeyFile(t)
	if _, err := Rewrap(t.Context(), s.State, "", slog.New(slog.DiscardHandler)); fault.From(err).Code != "no_master_key" {
		t.Errorf("no new key: %v", err)
	}
	done, err := Rewrap(t.Context(), s.State, given, slog.New(slog.DiscardHandler))
	if err != nil || done.File != "" || done.Records < 5 {
		t.Fatalf("%+v, %v", done, err)
	}
	if !isAbsent(filepath.Join(s.State.DataDir, masterKeyName)) {
		t.Error("a master key was written into the data directory")
	}
	if _, err := NewControl(s); fault.From(err).Code != "wrong_master_key" {
		t.Errorf("the former key: %v", err)
	}
	s.State.MasterKeyFile = given
	startAndEnd(t, s)
}

// Each interruption leaves what Rewrap had done up to there; a start of the
// server completes one copy of it, another Rewrap a second.
func TestAnInterruptedRewrapIsCompletedByTheNextStartAndByTheNextRewrap(t *testing.T) {
	for name, c := range map[string]struct {
		leave    func(t *testing.T, s StateSettings, waiting string)
		finished bool
	}{
		"the new key is half written": {leave: func(t *testing.T, _ StateSettings, waiting string) {
			if err := os.WriteFile(waiting, []byte("0123456789abcdef"), 0o400); err != nil {
				t.Fatal(err)
			}
		}},
		"the new key waits, and nothing is sealed under it": {leave: func(t *testing.T, _ StateSettings, waiting string) {
			if _, err := seal.CreateFile(waiting); err != nil {
				t.Fatal(err)
			}
		}},
		"everything is sealed, and the file has its old name": {finished: true, leave: func(t *testing.T, s StateSettings, waiting string) {
			s = s.withDefaults()
			db, err := store.Open(t.Context(), s.databaseURL(), store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			from, err := seal.LoadFile(filepath.Join(s.DataDir, masterKeyName))
			if err != nil {
				t.Fatal(err)
			}
			to, err := seal.CreateFile(waiting)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.reseal(t.Context(), db, from, to); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, again := range []bool{false, true} {
				s, _ := kept(t)
				waiting := filepath.Join(s.State.DataDir, newMasterKeyName)
				c.leave(t, s.State, waiting)
				if again {
					done, err := Rewrap(t.Context(), s.State, "", slog.New(slog.DiscardHandler))
					if err != nil || done.Finished != c.finished {
						t.Fatalf("%+v, %v", done, err)
					}
				}
				startAndEnd(t, s)
				if !isAbsent(waiting) {
					t.Error("the new key still waits")
				}
			}
		})
	}
}

func TestNothingIsSealedAnewWhileAServerRunsOrWithoutADatabase(t *testing.T) {
	s, _ := kept(t)
	a, err := NewControl(s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Rewrap(t.Context(), s.State, "", slog.New(slog.DiscardHandler)); fault.From(err).Code != "data_dir_locked" {
		t.Errorf("beside a server: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	empty := StateSettings{DataDir: t.TempDir()}
	if _, err := Rewrap(t.Context(), empty, "", slog.New(slog.DiscardHandler)); fault.From(err).Code != "no_database" {
		t.Errorf("without a database: %v", err)
	}
	if !isAbsent(filepath.Join(empty.DataDir, "adit.db")) {
		t.Error("a database was made")
	}
}
