package corpus_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/corpus"
	"github.com/adit-hq/adit/internal/fault"
)

func TestVectorsKeepTheirDigitsAndFailuresGoToAFileOfTheirOwn(t *testing.T) {
	var out strings.Builder
	failures := filepath.Join(t.TempDir(), "failed.jsonl")
	w := corpus.NewWriter(&out, failures)
	must(t, w.Vector(corpus.Row{Number: 1}, []byte("[0.10,-2E-4]")))
	w.KeepText = true
	must(t, w.Vector(corpus.Row{Number: 2, ID: []byte("7.0"), Text: "a \"b\"\n"}, []byte(`"zczMPQ=="`)))
	if _, err := os.Stat(failures); err == nil {
		t.Error("there is a file of failures before there is one")
	}
	must(t, w.Failure(corpus.Row{Number: 3, File: "x.txt", Line: 9, ID: []byte(`"k"`), Text: "secret"}, "too long"))
	must(t, w.Close())
	want := `{"row":1,"embedding":[0.10,-2E-4]}
{"id":7.0,"text":"a \"b\"\n","embedding":"zczMPQ=="}
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(`{"id":"k","row":3,"file":"x.txt","line":9,"reason":"too long"}`+"\n", read(t, failures)); diff != "" {
		t.Error(diff)
	}
}

func TestAFileGetsItsNameWhenItIsWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.jsonl")
	f := create(t, path, false)
	_, err := f.Write([]byte("x\n"))
	must(t, err)
	if _, err := os.Stat(path); err == nil {
		t.Error("the file has its name before it is whole")
	}
	must(t, f.Commit())
	if read(t, path) != "x\n" {
		t.Errorf("got %q", read(t, path))
	}
}

func TestNothingIsOverwrittenWithoutForce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.jsonl")
	f := create(t, path, false)
	if _, err := corpus.Create(path, false); fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), "another run") {
		t.Errorf("beside a partial file: %v", err)
	}
	_, err := f.Write([]byte("paid for\n"))
	must(t, err)
	name, err := f.Leave()
	must(t, err)
	if name != path+".partial" || read(t, name) != "paid for\n" {
		t.Errorf("left %q", name)
	}
	must(t, os.Rename(name, path))
	if _, err := corpus.Create(path, false); fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), "exists") {
		t.Errorf("over a whole file: %v", err)
	}
	if read(t, path) != "paid for\n" {
		t.Error("the file was touched")
	}
	must(t, create(t, path, true).Commit())
	if read(t, path) != "" {
		t.Error("--force does not overwrite")
	}
}

func TestAnEmptyPartialFileIsNotLeftBehind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.jsonl")
	name, err := create(t, path, false).Leave()
	must(t, err)
	if _, e := os.Stat(path + ".partial"); name != "" || e == nil {
		t.Errorf("left %q", name)
	}
}

func create(t *testing.T, path string, force bool) *corpus.Target {
	t.Helper()
	f, err := corpus.Create(path, force)
	must(t, err)
	return f
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	return string(b)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
