package spicepod_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/spicepod"
)

const header = "version: v1\nkind: Spicepod\nname: x\n"

// firstFault returns the first fault of a file that must not load.
func firstFault(t *testing.T, file string) spicepod.Fault {
	t.Helper()
	_, err := spicepod.Parse("spicepod.yaml", []byte(file), t.TempDir(), nil)
	var faults *spicepod.Faults
	if !errors.As(err, &faults) {
		t.Fatalf("error = %v", err)
	}
	return faults.Items[0]
}

func TestFilesThatWouldChokeTheParserAreRefusedAtOnce(t *testing.T) {
	bomb := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'j'; c++ {
		p := string(c - 1)
		bomb += string(c) + ": &" + string(c) + " [*" + strings.Repeat(p+", *", 9) + p + "]\n"
	}
	for name, c := range map[string]struct{ file, want string }{
		"large":             {strings.Repeat("#", spicepod.MaxBytes+1), "the file is larger than 1048576 bytes"},
		"brackets":          {header + "x: " + strings.Repeat("[", 1_000), "the file is nested deeper than 64 levels"},
		"braces":            {header + "x: " + strings.Repeat("{a: ", 1_000), "the file is nested deeper than 64 levels"},
		"dashes":            {strings.Repeat("- ", 1_000), "the file is nested deeper than 64 levels"},
		"questions":         {strings.Repeat("? ", 1_000), "the file is nested deeper than 64 levels"},
		"siblings":          {strings.Repeat("a:\n", 10_100), "a list or mapping has more than 10000 entries"},
		"parts":             {"[" + strings.Repeat("a,", 51_000) + "]", "the file has more than 100000 parts"},
		"tags":              {"- " + strings.Repeat("!!a ", 1_100), "the file has more than 1000 tags"},
		"long key":          {strings.Repeat("a", 10_000) + ": x\n", "a key is longer than 1024 bytes"},
		"aliases":           {bomb + header + "embeddings: *j\n", "aliases expand this part of the file to more than 20000 nodes or 64 levels"},
		"aliases of stores": {bomb + header + "secrets: *j\n", "aliases expand this part of the file to more than 20000 nodes or 64 levels"},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := spicepod.Parse("spicepod.yaml", []byte(c.file), t.TempDir(), nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error = %.300v, want %s", err, c.want)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestAliasesThatAreNotOursMayBlowUpAsTheyLike(t *testing.T) {
	file := header + "datasets:\n  - &a [x, x]\n  - &b [*a, *a]\n  - [*b, *b]\n"
	if _, err := spicepod.Parse("spicepod.yaml", []byte(file), t.TempDir(), nil); err != nil {
		t.Error(err)
	}
}

func TestABigSpicepodOfRealShapeLoads(t *testing.T) {
	file := header + "datasets:\n" + strings.Repeat("  - from: postgres:t\n    name: t\n    columns:\n      - name: a\n        embeddings: [{from: m}]\n", 500) +
		"embeddings:\n" + strings.Repeat("  - {from: openai:x, name: y}\n", 500)
	f, err := spicepod.Parse("spicepod.yaml", []byte(file), t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Ignored) != 501 {
		t.Errorf("%d parts ignored, want 501", len(f.Ignored))
	}
}

func TestAFileThatCannotBeReadIsAFaultToo(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{
		filepath.Join(dir, "gone.yaml"): "there is no such file",
		dir:                             "the file cannot be read: it is a directory",
	} {
		f, err := spicepod.Load(path, nil)
		var faults *spicepod.Faults
		if f != nil || !errors.As(err, &faults) {
			t.Fatalf("Load = %v, %v", f, err)
		}
		if got := faults.Items[0]; got.Message != want || got.File != path {
			t.Errorf("%+v", got)
		}
	}
}

func TestRelativePathsStartBesideTheSpicepod(t *testing.T) {
	dir := t.TempDir()
	file := header + "secrets:\n- {from: env, name: env}\n- {from: 'file:mounted', name: files}\n" +
		"embeddings:\n- from: bedrock:amazon.titan-embed-text-v1\n  name: m\n  params: {aws_profile: '${ secrets:A }-${ secrets:B }'}\n"
	for name, text := range map[string]string{"spicepod.yaml": file, ".env": "A=one\nB=two\n", "mounted/B": "three\n"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := spicepod.Load(filepath.Join(dir, "spicepod.yaml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Models[0].AWS.Profile; got != "one-three" {
		t.Errorf("profile = %q", got)
	}
}

func TestFaultsAreAConfigurationErrorForTheOtherRooms(t *testing.T) {
	_, err := spicepod.Parse("spicepod.yaml", []byte("name: x\nversion: v3\n"), t.TempDir(), nil)

	f := fault.From(err)

	if f.Kind != fault.Config || f.Message != "spicepod.yaml has 2 faults" || f.Detail != err.Error() {
		t.Errorf("%+v", f)
	}
}

func TestFaultsGoOutAsJSON(t *testing.T) {
	got, err := json.Marshal(firstFault(t, header+"embeddings:\n- from: bedrock:cohere.embed-english-v3\n  name: m\n  params: {truncate: end}\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"file":"spicepod.yaml","line":7,"column":22,"message":"truncate cannot be \"end\" for Cohere Embed v3",` +
		`"excerpt":"    7 |   params: {truncate: end}\n      |                      ^^^","did_you_mean":"END","allowed":["NONE","START","END"]}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}
