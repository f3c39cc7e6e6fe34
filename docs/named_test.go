package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// testsOfTheTree returns the names of all tests and fuzz targets of the repository.
func testsOfTheTree(t *testing.T) map[string]bool {
	t.Helper()
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	names := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != ".." && strings.HasPrefix(entry.Name(), "."):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		for _, m := range declared.FindAllSubmatch(text, -1) {
			names[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestEveryTestThatTheManualNamesIsThere(t *testing.T) {
	there := testsOfTheTree(t)
	named := regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w+)`")
	threats := 0
	for _, p := range Pages() {
		for _, m := range named.FindAllStringSubmatch(p.Text, -1) {
			if !there[m[1]] {
				t.Errorf("%s names %s, which no file of the repository declares", p.Name, m[1])
			}
		}
		if p.Name != "threats.md" {
			continue
		}
		for line := range strings.Lines(p.Text) {
			if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| threat ") || strings.HasPrefix(line, "| ---") {
				continue
			}
			if threats++; !named.MatchString(line) {
				t.Errorf("threats.md names no test for: %s", line)
			}
		}
	}
	if threats < 40 {
		t.Errorf("only %d threats were found on threats.md", threats)
	}
}
