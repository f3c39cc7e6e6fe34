package app

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/studio"
)

func TestACommandIsToldWhatItWouldNotFindByItself(t *testing.T) {
	home := t.TempDir()
	environ := []string{"HOME=/nowhere", "HOME=" + home, "XDG_DATA_HOME=" + filepath.Join(home, "data"), "LOCALAPPDATA=" + home}
	usual, err := DefaultDataDir((&Settings{Environ: environ}).getenv)
	if err != nil {
		t.Fatal(err)
	}
	other, spaced := filepath.Join(home, "other"), filepath.Join(home, "of acme")
	for name, c := range map[string]struct {
		settings Settings
		want     studio.Here
	}{
		"the usual directory":  {Settings{State: StateSettings{DataDir: usual}}, studio.Here{}},
		"its name, written so": {Settings{State: StateSettings{DataDir: filepath.Dir(usual) + "/./" + filepath.Base(usual)}}, studio.Here{}},
		"another, with a database whose password is nobody's": {
			Settings{State: StateSettings{DataDir: other, Database: "postgres://adit:word@127.0.0.1/adit"}}, studio.Here{Server: "--data-dir " + other},
		},
		"a directory with a space": {Settings{State: StateSettings{DataDir: spaced}}, studio.Here{Server: "--data-dir '" + spaced + "'"}},
		"an emulator":              {Settings{State: StateSettings{DataDir: usual}, Endpoints: Endpoints{All: "http://127.0.0.1:4566"}}, studio.Here{AWS: "--aws-endpoint-url http://127.0.0.1:4566"}},
		"one behind a password":    {Settings{State: StateSettings{DataDir: usual}, Endpoints: Endpoints{All: "http://me:word@127.0.0.1:4566"}}, studio.Here{}},
		"an administrator":         {Settings{State: StateSettings{DataDir: usual}, Administrator: AWSProfile{File: "/srv/keys", Name: "demo"}}, studio.Here{AWS: "--profile demo", Variables: "AWS_SHARED_CREDENTIALS_FILE=/srv/keys"}},
	} {
		c.settings.Environ = environ
		if d := cmp.Diff(c.want, c.settings.here()); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	if got := (&Settings{State: StateSettings{DataDir: other}}).here(); got.Server != "--data-dir "+other {
		t.Errorf("without a home: %q", got.Server)
	}
}
