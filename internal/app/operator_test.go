package app

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/adit-hq/adit/internal/access"
)

// opened opens the state of a data directory as a command without a server does.
func opened(t *testing.T, dir string) *App {
	t.Helper()
	a, err := NewControl(Settings{State: StateSettings{DataDir: dir, Signing: Rotation{Algorithm: "ES256"}}})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// operatorOf is who holds the key in the data directory's file.
func operatorOf(t *testing.T, a *App, dir string) (access.Principal, error) {
	t.Helper()
	key, err := OperatorKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	return a.state.keys.Authenticate(context.Background(), key.Reveal())
}

func closed(t *testing.T, a *App) {
	t.Helper()
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAFirstStartThatWasCutOffDoesNotLockTheOperatorOut(t *testing.T) {
	dir := t.TempDir()
	// The process ended between making the file and writing the key into it.
	if err := os.WriteFile(OperatorKeyFile(dir), nil, 0o400); err != nil {
		t.Fatal(err)
	}
	a := opened(t, dir)
	defer closed(t, a)
	p, err := operatorOf(t, a, dir)
	if err != nil || !p.May(access.ReadServer, "") {
		t.Fatalf("the key in the file is nobody's: %v", err)
	}
	if info, err := os.Stat(OperatorKeyFile(dir)); err != nil || info.Mode().Perm() != 0o400 {
		t.Errorf("the file: %v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.new")); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

func TestAStartThatWasCutOffAfterTheKeyWasMadeMakesAnother(t *testing.T) {
	dir := t.TempDir()
	closed(t, opened(t, dir)) // there is an operator's key in the database now, and its secret gets lost
	if err := os.Remove(OperatorKeyFile(dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(OperatorKeyFile(dir), nil, 0o400); err != nil {
		t.Fatal(err)
	}
	a := opened(t, dir)
	defer closed(t, a)
	if _, err := operatorOf(t, a, dir); err != nil {
		t.Fatalf("the key in the file is nobody's: %v", err)
	}
}

func TestAKeyFileOfAFormerDatabaseIsReplaced(t *testing.T) {
	dir := t.TempDir()
	closed(t, opened(t, dir))
	for _, name := range []string{"adit.db", "adit.db-wal", "adit.db-shm"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	a := opened(t, dir)
	defer closed(t, a)
	if _, err := operatorOf(t, a, dir); err != nil {
		t.Fatalf("nobody can administer the new database: %v", err)
	}
}

func TestAKeyFileWhoseKeyWasRevokedStaysAsItIs(t *testing.T) {
	dir := t.TempDir()
	a := opened(t, dir)
	_, _, err := a.state.keys.Create(t.Context(), access.By{Principal: access.System()}, access.Input{Name: "second", Roles: []access.Role{access.Operator}})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.state.keys.Revoke(t.Context(), access.By{Principal: access.System()}, "", "operator", 0); err != nil {
		t.Fatal(err)
	}
	closed(t, a)
	a = opened(t, dir)
	defer closed(t, a)
	if _, err := operatorOf(t, a, dir); err == nil {
		t.Error("a start gave a revoked operator's key its power back")
	}
	if keys, err := a.state.keys.Keys(""); err != nil || len(keys) != 1 {
		t.Errorf("operators' keys: %d, %v", len(keys), err)
	}
}

func TestAMasterKeyFileThatWasCutOffIsMadeAnewWhileNothingIsSealed(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, masterKeyName)
	if err := os.WriteFile(path, nil, 0o400); err != nil { // the process, or the machine, ended before it was written
		t.Fatal(err)
	}
	a := opened(t, dir)
	closed(t, a)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o400); err != nil { // but now everything is sealed under the one that is lost
		t.Fatal(err)
	}
	if a, err := NewControl(Settings{State: StateSettings{DataDir: dir}}); err == nil {
		closed(t, a)
		t.Error("a lost master key was made anew")
	}
	if b, err := os.ReadFile(path); err != nil || len(b) != 0 {
		t.Errorf("the file was touched: %d bytes, %v", len(b), err)
	}
}
