package control

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// The document as the next release will have it, and as the last one had it.
// ADIT_UPDATE=1 writes the first anew; ADIT_UPDATE=released the second too, which
// is done when a version is released.
const (
	checkedIn = "../../docs/openapi.json"
	released  = "../../docs/openapi.released.json"
)

// openAPIFile is the document as a file: of no version, a line for each fact.
func openAPIFile(t *testing.T) []byte {
	t.Helper()
	s := newWorld().settings()
	s.Version = "unreleased"
	var out bytes.Buffer
	if err := json.Indent(&out, ask(t, New(s), "", "GET", "/api/openapi.json", "").Body.Bytes(), "", "  "); err != nil {
		t.Fatal(err)
	}
	return append(bytes.TrimSpace(out.Bytes()), '\n')
}

func TestTheOpenAPIDocumentIsTheOneThatIsCheckedIn(t *testing.T) {
	now := openAPIFile(t)
	files := map[string][]string{"1": {checkedIn}, "released": {checkedIn, released}}[os.Getenv("ADIT_UPDATE")]
	for _, file := range files {
		if err := os.WriteFile(file, now, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept := lines(t, checkedIn)
	for i, line := range strings.Split(string(now), "\n") {
		if i >= len(kept) || kept[i] != line {
			t.Fatalf("the API is not what %s says, from line %d on: %s\nLook what changed with ADIT_UPDATE=1 go test ./internal/control -run OpenAPI; git diff docs", checkedIn, i+1, line)
		}
	}
}

func lines(t *testing.T, file string) []string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n")
}

func TestNoChangeOfTheOpenAPIDocumentBreaksClientsUnlessTheChangelogSaysSo(t *testing.T) {
	var was document
	if err := json.Unmarshal([]byte(strings.Join(lines(t, released), "\n")), &was); err != nil {
		t.Fatal(err)
	}
	var now document
	if err := json.Unmarshal(openAPIFile(t), &now); err != nil {
		t.Fatal(err)
	}
	announced := breaksNamed(strings.Join(lines(t, "../../CHANGELOG.md"), "\n"))
	for _, b := range breaks(was, now) {
		if !slices.Contains(announced, b.operation) {
			t.Errorf("%s: %s. Clients of the last release break: keep it, or name `%s` in CHANGELOG.md, under Unreleased, %q", b.operation, b.what, b.operation, breaksHeading)
		}
	}
}

// breaksHeading is under which the changelog names operations that change for who calls them.
const breaksHeading = "Breaking changes of the API"

// breaksNamed returns what stands in backticks under that heading of Unreleased.
func breaksNamed(changelog string) (operations []string) {
	unreleased, named := false, false
	for line := range strings.Lines(changelog) {
		switch line = strings.TrimSpace(line); {
		case strings.HasPrefix(line, "## "):
			unreleased, named = strings.EqualFold(line, "## Unreleased"), false
		case strings.HasPrefix(line, "### "):
			named = unreleased && strings.EqualFold(line, "### "+breaksHeading)
		case named:
			for i, part := range strings.Split(line, "`") {
				if i%2 == 1 {
					operations = append(operations, part)
				}
			}
		}
	}
	return operations
}

func TestOnlyTheUnreleasedPartOfTheChangelogAnnounces(t *testing.T) {
	got := breaksNamed("# Changelog\n\n## Unreleased\n\n### Added\n\n- `a`\n\n### Breaking changes of the API\n\n- `b` and `c` take x.\n\n### Changed\n\n- `d`\n\n## 1.0.0\n\n### Breaking changes of the API\n\n- `e`\n")
	if !slices.Equal(got, []string{"b", "c"}) {
		t.Errorf("%q", got)
	}
}
