package secretstore_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secretstore"
)

// folder makes a folder of files and returns its path.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func open(t *testing.T, dir string, environ []string, cfgs ...secretstore.Config) *secretstore.Set {
	t.Helper()
	s, err := secretstore.Open(cfgs, dir, environ)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func lookup(t *testing.T, s *secretstore.Set, store, name string) string {
	t.Helper()
	v, err := s.Lookup(store, name)
	if err != nil {
		t.Fatalf("Lookup(%s, %s): %v", store, name, err)
	}
	return v.Reveal()
}

// refusal returns the text of the error that a lookup must give, with dir written as DIR.
func refusal(t *testing.T, s *secretstore.Set, dir, store, name string) string {
	t.Helper()
	v, err := s.Lookup(store, name)
	if err == nil {
		t.Fatalf("Lookup(%s, %s) = %q, want an error", store, name, v.Reveal())
	}
	if k := fault.KindOf(err); k != fault.Config {
		t.Errorf("kind = %v, want config", k)
	}
	return strings.ReplaceAll(err.Error(), dir, "DIR")
}

func TestTheEnvironmentStandsOverDotEnvLocalOverDotEnv(t *testing.T) {
	dir := folder(t, map[string]string{
		".env":       "A=env\nB=env\nC=env\n",
		".env.local": "B=local\nC=local\n",
	})
	s := open(t, dir, []string{"C=process", "broken"})

	for name, want := range map[string]string{"A": "env", "B": "local", "C": "process"} {
		if got := lookup(t, s, "env", name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
}

func TestTheDotEnvFileMayBeNamedAndItsLocalTwinLiesBesideIt(t *testing.T) {
	dir := folder(t, map[string]string{
		"conf/prod.env":   "A=named\nB=named\n",
		"conf/.env.local": "B=local\n",
		".env":            "A=not this\n",
	})
	for _, path := range []string{"conf/prod.env", filepath.Join(dir, "conf", "prod.env")} {
		s := open(t, dir, nil, secretstore.Config{From: "env", Name: "e", FilePath: path})
		if a, b := lookup(t, s, "e", "A"), lookup(t, s, "e", "B"); a != "named" || b != "local" {
			t.Errorf("%s: A=%q B=%q", path, a, b)
		}
	}
}

func TestNamesAreFoundInTheSpellingsThatSpiceTries(t *testing.T) {
	s := open(t, t.TempDir(), []string{"MY_KEY=upper", "SPICE_OTHER=prefixed", "both=exact", "SPICE_both=first", "mixed=exact", "MIXED=upper"})

	for name, want := range map[string]string{"my_key": "upper", "OTHER": "prefixed", "other": "prefixed", "both": "first", "mixed": "exact"} {
		if got := lookup(t, s, "env", name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
}

func TestTheStoreSecretsAsksAllStoresTheLastDefinedFirst(t *testing.T) {
	dir := folder(t, map[string]string{"mounted/A": "from the file\n", "mounted/B": "from the file"})
	s := open(t, dir, []string{"A=from the environment", "C=from the environment"},
		secretstore.Config{From: "env", Name: "env"},
		secretstore.Config{From: "file:mounted", Name: "files"},
		secretstore.Config{From: "keyring", Name: "keyring"})

	got := map[string]string{
		"secrets A": lookup(t, s, "secrets", "A"), "env A": lookup(t, s, "env", "A"),
		"secrets B": lookup(t, s, "secrets", "B"), "secrets C": lookup(t, s, "secrets", "C"),
	}

	want := map[string]string{
		"secrets A": "from the file", "env A": "from the environment",
		"secrets B": "from the file", "secrets C": "from the environment",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAMissingSecretIsAFaultThatNamesEveryPlaceAsked(t *testing.T) {
	dir := folder(t, map[string]string{".env": "A=1\n", "mounted/A": "1"})
	s := open(t, dir, nil,
		secretstore.Config{From: "env", Name: "env"},
		secretstore.Config{From: "file:mounted", Name: "files"},
		secretstore.Config{From: "file:gone", Name: "gone"},
		secretstore.Config{From: "keyring", Name: "ring"})

	got := refusal(t, s, dir, "secrets", "NOPE")

	want := "secret NOPE is missing; searched: ring (from: keyring, which Adit does not support; it supports env and file:DIR), " +
		"gone (directory DIR/gone, which does not exist), files (directory DIR/mounted), " +
		"env (the environment; DIR/.env.local, which does not exist; DIR/.env). Set NOPE in one of these places."
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := refusal(t, s, dir, "nope", "A"); got != `unknown secret store "nope". The stores are: secrets, env, files, gone, ring.` {
		t.Errorf("unknown store: %s", got)
	}
}

func TestAnEmptySecretIsAFaultAndNoOtherStoreIsAsked(t *testing.T) {
	dir := folder(t, map[string]string{"mounted/A": "\n", ".env": "B=x\n"})
	s := open(t, dir, []string{"A=full", "B="},
		secretstore.Config{From: "env", Name: "env"}, secretstore.Config{From: "file:mounted", Name: "files"})

	want := "secret A exists but is empty, in store files (directory DIR/mounted). Give it a value, or remove it and the reference to it."
	if diff := cmp.Diff(want, refusal(t, s, dir, "secrets", "A")); diff != "" {
		t.Error(diff)
	}
	if got := refusal(t, s, dir, "env", "B"); !strings.Contains(got, "secret B exists but is empty, in store env") {
		t.Error(got)
	}
}

func TestAFaultyDotEnvFileAnswersNothing(t *testing.T) {
	dir := folder(t, map[string]string{".env": "A=1\nhush\nhush\n", ".env.local": "hush\n"})
	s := open(t, dir, []string{"A=1"})

	_, err := s.Lookup("env", "A")

	var problems secretstore.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("error = %v", err)
	}
	var places []string
	for _, p := range problems {
		places = append(places, strings.TrimPrefix(p.Error(), dir)[:14])
	}
	if diff := cmp.Diff([]string{"/.env:2: has n", "/.env:3: has n", "/.env.local:1:"}, places); diff != "" {
		t.Error(diff)
	}
	if fault.KindOf(err) != fault.Config || strings.Contains(err.Error(), "hush") {
		t.Errorf("error = %v", err)
	}
}

func TestAStoreThatNobodyAsksReadsNothing(t *testing.T) {
	dir := folder(t, map[string]string{".env": "this is no .env file\n"})
	open(t, dir, nil)
}

func TestSecretsMountedByKubernetesAreReadThroughItsLinks(t *testing.T) {
	dir := folder(t, map[string]string{"..2026_01_02/key": "value\r\n", "..2026_01_02/.dockerconfigjson": "{}"})
	link(t, "..2026_01_02", filepath.Join(dir, "..data"))
	link(t, filepath.Join("..data", "key"), filepath.Join(dir, "key"))
	link(t, filepath.Join("..data", ".dockerconfigjson"), filepath.Join(dir, ".dockerconfigjson"))
	s := open(t, "/", nil, secretstore.Config{From: "file:" + dir, Name: "k8s"})

	if got := lookup(t, s, "k8s", "key"); got != "value" {
		t.Errorf("key = %q", got)
	}
	if got := lookup(t, s, "k8s", ".dockerconfigjson"); got != "{}" {
		t.Errorf(".dockerconfigjson = %q", got)
	}
}

func TestNothingOutsideOfTheDirectoryIsReadAndNothingThatIsNoSecret(t *testing.T) {
	dir := folder(t, map[string]string{
		"outside":        "hush",
		"mounted/sub/in": "hush",
		"mounted/large":  strings.Repeat("x", 64<<10+1),
		"mounted/binary": "hush\xff",
	})
	link(t, filepath.Join(dir, "outside"), filepath.Join(dir, "mounted", "absolute"))
	link(t, filepath.Join("..", "outside"), filepath.Join(dir, "mounted", "relative"))
	s := open(t, dir, nil, secretstore.Config{From: "file:mounted", Name: "files"})

	for name, want := range map[string]string{
		"absolute":          "cannot be read: path escapes from parent",
		"relative":          "cannot be read: path escapes from parent",
		"sub":               "cannot be read: not a regular file",
		"large":             "cannot be read: larger than 65536 bytes",
		"binary":            "is not UTF-8 text",
		"../outside":        "cannot contain a secret named",
		"..":                "cannot contain a secret named",
		".":                 "cannot contain a secret named",
		"..data":            "cannot contain a secret named",
		"sub/in":            "cannot contain a secret named",
		`sub\in`:            "cannot contain a secret named",
		"":                  "cannot contain a secret named",
		"C:x":               "cannot contain a secret named",
		"a\x00b":            "cannot contain a secret named",
		dir + "/outside":    "cannot contain a secret named",
		"/etc/../etc/passw": "cannot contain a secret named",
	} {
		got := refusal(t, s, dir, "files", name)
		if !strings.Contains(got, want) || strings.Contains(got, "hush") {
			t.Errorf("%q: %s; want %s", name, got, want)
		}
	}
}

func TestTheDirectoryMustBeOne(t *testing.T) {
	dir := folder(t, map[string]string{"file": "x"})
	s := open(t, dir, nil, secretstore.Config{From: "file:file", Name: "files"})
	if got := refusal(t, s, dir, "files", "A"); !strings.HasPrefix(got, "DIR/file: cannot be opened as a directory") {
		t.Error(got)
	}
}

func TestADotEnvThatIsAFolderIsAFaultAndNotIgnored(t *testing.T) {
	dir := folder(t, map[string]string{".env/x": "y"})
	s := open(t, dir, nil)
	if got := refusal(t, s, dir, "env", "A"); !strings.HasPrefix(got, "DIR/.env: cannot be read: not a regular file") {
		t.Error(got)
	}
}

func TestStoresNeedNamesOfTheirOwn(t *testing.T) {
	_, err := secretstore.Open([]secretstore.Config{
		{From: "env", Name: "env"}, {From: "env"}, {From: "env", Name: "secrets"}, {From: "keyring", Name: "env"},
	}, "", nil)

	var problems secretstore.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("error = %v", err)
	}
	got := map[int]string{}
	for _, p := range problems {
		got[p.Store] = p.Message
	}
	want := map[int]string{1: "a secret store has no name", 2: `a secret store cannot be named "secrets", which means all stores`, 3: `two secret stores are named "env"`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if fault.KindOf(err) != fault.Config {
		t.Errorf("kind = %v", fault.KindOf(err))
	}
}

func TestWhichStoresAreSupported(t *testing.T) {
	for from, want := range map[string]bool{"env": true, "file:/run/secrets": true, "file:": false, "file": false, "keyring": false, "": false, "env:x": false} {
		if got := secretstore.IsSupported(from); got != want {
			t.Errorf("IsSupported(%q) = %v", from, got)
		}
	}
}

// link makes a link, or skips the test where links are not allowed.
func link(t *testing.T, target, path string) {
	t.Helper()
	if err := os.Symlink(target, path); err != nil {
		if errors.Is(err, fs.ErrPermission) {
			t.Skip("links need a right that this account lacks")
		}
		t.Fatal(err)
	}
}
