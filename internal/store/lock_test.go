package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/fault"
)

func TestADataDirectoryIsLockedByOneAtATime(t *testing.T) {
	dir := t.TempDir()
	first, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Lock(dir)
	wantCode(t, err, fault.Unavailable, "data_dir_locked")
	if want := fmt.Sprintf("process %d", os.Getpid()); err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("%q does not name %s", err, want)
	}
	if err := first.Unlock(); err != nil {
		t.Fatal(err)
	}
	second, err := Lock(dir)
	if err != nil {
		t.Fatalf("after the first unlocked it: %v", err)
	}
	if err := second.Unlock(); err != nil {
		t.Error(err)
	}
}

func TestALockWithoutAHolderIsNone(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, lockName), []byte("1"), 0o600); err != nil { // of a server that was killed
		t.Fatal(err)
	}
	l, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Unlock(); err != nil {
		t.Error(err)
	}
}

func TestADirectoryThatIsNotThereCannotBeLocked(t *testing.T) {
	_, err := Lock(filepath.Join(t.TempDir(), "absent"))
	wantCode(t, err, fault.Config, "data_dir")
}
