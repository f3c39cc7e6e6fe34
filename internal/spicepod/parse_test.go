package spicepod_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/adit-hq/adit/internal/spicepod"
)

var update = flag.Bool("update", false, "write what Parse says into testdata/faults")

// environ holds what the files under testdata/good refer to.
func environ() []string {
	return []string{
		"AWS_ACCESS_KEY_ID=AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY=wJalr/EXAMPLE", "AWS_SESSION_TOKEN=token=EXAMPLE",
		"STAGE=dev", "ACCOUNT=123456789012", "PROFILE=team",
	}
}

// plainModel is a Model in words, secrets revealed.
type plainModel struct {
	Name, ID, Family, Params, Region, Profile, Keys, RoleSource, Endpoint string
	RegionSet                                                             bool
	Concurrent, PerMinute, Line                                           int
}

func inWords(f *spicepod.File) []plainModel {
	var out []plainModel
	for _, m := range f.Models {
		var params []string
		for _, p := range m.Family.Params {
			params = append(params, p.Name+"="+m.Params[p.Name])
		}
		var keys []string
		if !m.AWS.AccessKeyID.Empty() {
			keys = []string{m.AWS.AccessKeyID.Reveal(), m.AWS.SecretAccessKey.Reveal(), m.AWS.SessionToken.Reveal()}
		}
		out = append(out, plainModel{
			Name: m.Name, ID: m.ID.String(), Family: m.Family.Name, Params: strings.Join(params, " "), Line: m.Line,
			Region: m.AWS.Region, RegionSet: m.AWS.RegionSet, Profile: m.AWS.Profile, Keys: strings.Join(keys, " "),
			RoleSource: m.AWS.RoleSource, Endpoint: m.AWS.EndpointURL, Concurrent: m.AWS.MaxConcurrent, PerMinute: m.AWS.PerMinute,
		})
	}
	return out
}

func loadGood(t *testing.T, name string) *spicepod.File {
	t.Helper()
	f, err := spicepod.Load(filepath.Join("testdata", "good", name+".yaml"), environ())
	if err != nil {
		t.Fatalf("%s does not load:\n%v", name, err)
	}
	return f
}

func TestTheDocumentsExampleLoadsUnchanged(t *testing.T) {
	f := loadGood(t, "example")

	want := []plainModel{
		{
			Name: "cohere-embeddings", ID: "cohere.embed-english-v3", Family: "cohere-v3", Params: "input_type=classification truncate=END",
			Region: "us-east-1", RegionSet: true, Keys: "AKIAEXAMPLE wJalr/EXAMPLE ", RoleSource: "auto", Concurrent: 40, PerMinute: 1500, Line: 10,
		},
		{
			Name: "titan-embeddings", ID: "amazon.titan-embed-text-v2:0", Family: "titan-text-v2", Params: "normalize=true dimensions=256",
			Region: "us-east-1", RoleSource: "auto", Concurrent: 40, PerMinute: 1500, Line: 18,
		},
	}
	if diff := cmp.Diff(want, inWords(f)); diff != "" {
		t.Error(diff)
	}
	if f.Name != "my-app" || f.Version != "v1" || len(f.Ignored) != 0 {
		t.Errorf("name %q, version %q, ignored %v", f.Name, f.Version, f.Ignored)
	}
}

func TestEveryParameterOfEveryFamilyIsTaken(t *testing.T) {
	want := []plainModel{
		{
			Name: "titan-v2", ID: "amazon.titan-embed-text-v2:0", Family: "titan-text-v2", Params: "normalize=false dimensions=512", Line: 5,
			Region: "eu-central-1", RegionSet: true, Keys: "AKIAEXAMPLE wJalr/EXAMPLE token=EXAMPLE", RoleSource: "env",
			Endpoint: "http://localhost:4566/base", Concurrent: 8, PerMinute: 300,
		},
		{Name: "titan-v1", ID: "amazon.titan-embed-text-v1", Family: "titan-text-v1", Line: 18, Region: "us-east-1", RoleSource: "auto", Concurrent: 40, PerMinute: 1500},
		{
			Name: "titan/image", ID: "amazon.titan-embed-image-v1", Family: "titan-multimodal", Params: "dimensions=384", Line: 20,
			Region: "us-east-1", RoleSource: "auto", Concurrent: 40, PerMinute: 1500,
		},
		{
			Name: "cohere v3", ID: "cohere.embed-multilingual-v3", Family: "cohere-v3", Params: "input_type=search_query truncate=START", Line: 24,
			Region: "us-east-1", Profile: "team-dev-dev", RoleSource: "auto", Concurrent: 40, PerMinute: 1500,
		},
		{
			Name: "Einbettung-é", ID: "us.cohere.embed-v4:0", Family: "cohere-v4", Params: "input_type=clustering truncate=NONE dimensions=1536", Line: 30,
			Region: "us-east-1", RoleSource: "metadata", Concurrent: 40, PerMinute: 1500,
		},
		{
			Name: "nova", ID: "amazon.nova-2-multimodal-embeddings-v1:0", Family: "nova", Params: "dimensions=3072 truncate=END embedding_purpose=TEXT_RETRIEVAL", Line: 37,
			Region: "us-east-1", RoleSource: "auto", Concurrent: 40, PerMinute: 1500,
		},
	}
	if diff := cmp.Diff(want, inWords(loadGood(t, "every-parameter"))); diff != "" {
		t.Error(diff)
	}
}

func TestAnARNTellsItsRegion(t *testing.T) {
	type region struct {
		Name, Family, Region string
		Set                  bool
	}
	want := []region{
		{"foundation", "cohere-v3", "eu-west-1", true},
		{"profile", "cohere-v4", "us-west-2", true},
		{"opaque", "cohere-v3", "us-east-2", true},
		{"account from a secret", "titan-text-v2", "us-east-2", true},
	}
	var got []region
	for _, m := range loadGood(t, "arns").Models {
		got = append(got, region{m.Name, m.Family.Name, m.AWS.Region, m.AWS.RegionSet})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnchorsAndMergeKeysAreFollowed(t *testing.T) {
	var got []string
	for _, m := range inWords(loadGood(t, "anchors")) {
		got = append(got, strings.Join([]string{m.Name, m.ID, m.Region, m.Params}, " | "))
	}
	want := []string{
		"first | cohere.embed-english-v3 | us-west-2 | input_type=search_query truncate=END",
		"second | cohere.embed-multilingual-v3 | us-west-2 | input_type=search_query truncate=NONE",
		"third | cohere.embed-english-v3 | us-west-2 | input_type=search_query truncate=END",
		"fourth | cohere.embed-english-v3 | eu-west-1 | input_type=search_query truncate=END",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestASpicepodOfSpiceLoadsAndWhatIsNotAditsIsNamedOnce(t *testing.T) {
	f := loadGood(t, "a-spicepod-of-spice")

	want := []string{
		"line 5: metadata is not used by Adit: it is a Spice section",
		"line 7: runtime is not used by Adit: it is a Spice section",
		"line 11: secrets[0] is not used by Adit: Adit does not support the secret store \"keyring\"; it supports env and file:DIR",
		"line 13: secrets[1] is not used by Adit: Adit does not support the secret store \"kubernetes:my-secret\"; it supports env and file:DIR",
		"line 18: secrets[2].description is not used by Adit: it is a Spice field",
		"line 19: datasets is not used by Adit: it is a Spice section",
		"line 33: models is not used by Adit: it is a Spice section",
		"line 37: embeddings[0] is not used by Adit: Adit serves Bedrock models, not openai",
		"line 41: embeddings[1] is not used by Adit: Adit serves Bedrock models, not huggingface",
		"line 43: embeddings[2] is not used by Adit: Adit serves Bedrock models, not file",
		"line 47: embeddings[3] is not used by Adit: Adit reads one file and follows no ref:",
		"line 50: embeddings[4].files is not used by Adit: it is a Spice field",
		"line 52: embeddings[4].datasets is not used by Adit: it is a Spice field",
		"line 54: embeddings[4].dependsOn is not used by Adit: it is a Spice field",
		"line 56: embeddings[4].metrics is not used by Adit: it is a Spice field",
		"line 59: extension_of_tomorrow is not used by Adit: it is a Spice section",
	}
	var got []string
	for _, i := range f.Ignored {
		got = append(got, i.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(f.Models) != 1 || f.Models[0].AWS.Profile != "team" {
		t.Errorf("models = %+v", inWords(f))
	}
}

func TestAFileOfWindowsAndAFileInJSONLoad(t *testing.T) {
	if got := inWords(loadGood(t, "windows")); len(got) != 1 || got[0].Line != 5 || got[0].Name != "titan" {
		t.Errorf("windows: %+v", got)
	}
	if f := loadGood(t, "none"); f.Name != "json is yaml" || len(f.Models) != 0 {
		t.Errorf("none: %+v", f)
	}
}

// TestEveryFaultSaysWhereWhatAndWhatElse drives testdata/faults. Each file
// there holds a Spicepod, an environment, and the whole text of its faults.
func TestEveryFaultSaysWhereWhatAndWhatElse(t *testing.T) {
	paths, err := filepath.Glob("testdata/faults/*.txtar")
	if err != nil || len(paths) < 40 {
		t.Fatalf("%d files: %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			a := readCase(t, path)
			dir := t.TempDir()
			if text := part(a, ".env"); text != nil {
				if err := os.WriteFile(filepath.Join(dir, ".env"), text, 0o600); err != nil {
					t.Fatal(err)
				}
			}

			f, err := spicepod.Parse("spicepod.yaml", part(a, "spicepod.yaml"), dir, strings.Split(string(part(a, "environ")), "\n"))

			if err == nil {
				t.Fatalf("it loads: %+v", inWords(f))
			}
			got := strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "") + "\n"
			if *update {
				writeWant(t, path, a, got)
				return
			}
			if diff := cmp.Diff(string(part(a, "want")), got); diff != "" {
				t.Error(diff)
			}
			if strings.Contains(got, "hush") {
				t.Error("a secret is in the faults")
			}
		})
	}
}

func readCase(t *testing.T, path string) *txtar.Archive {
	t.Helper()
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func part(a *txtar.Archive, name string) []byte {
	for _, f := range a.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

func writeWant(t *testing.T, path string, a *txtar.Archive, want string) {
	t.Helper()
	var files []txtar.File
	for _, f := range a.Files {
		if f.Name != "want" {
			files = append(files, f)
		}
	}
	files = append(files, txtar.File{Name: "want", Data: []byte(want)})
	a.Files = files
	if err := os.WriteFile(path, txtar.Format(a), 0o600); err != nil {
		t.Fatal(err)
	}
}
