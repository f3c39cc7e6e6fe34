package app

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTheAddressOfAServerThatWasKilledIsToldToNobody(t *testing.T) {
	dir := t.TempDir()
	// A killed server leaves its address; another program may have the port by now.
	left := filepath.Join(dir, addressName)
	if err := os.WriteFile(left, []byte("http://127.0.0.1:1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a := opened(t, dir) // a command, which holds the directory: whoever comes second asks for the server's address
	defer closed(t, a)
	if url := RunningServer(dir); url != "" {
		t.Errorf("the operator's key would go to %s", url)
	}
}

func TestAdministrationByHandForgetsTheAddressToo(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, addressName), []byte("http://127.0.0.1:1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	unlock, err := StateSettings{DataDir: dir}.holdFile()
	if err != nil {
		t.Fatal(err)
	}
	if url := RunningServer(dir); url != "" {
		t.Errorf("the operator's key would go to %s", url)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
}
