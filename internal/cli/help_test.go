package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

// commands returns every command of the grammar.
func commands(t *testing.T) []*kong.Node {
	t.Helper()
	parser, err := newParser(&Process{Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}})
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model.Leaves(false)
}

// words are what a command is called by, behind adit.
func words(c *kong.Node) []string {
	if c.Parent == nil {
		return nil
	}
	return append(words(c.Parent), c.Name)
}

func TestEveryHelpPageReadsAsAgreed(t *testing.T) {
	t.Setenv("COLUMNS", "100")
	pages := map[string][]string{"adit": {"--help"}}
	for _, c := range commands(t) {
		for node := c; node.Parent != nil; node = node.Parent { // families too
			path := words(node)
			pages[strings.Join(path, "-")] = append(path, "--help")
		}
	}
	for name, args := range pages {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			if code := Run(t.Context(), Process{Stdout: &out, Stderr: &errs}, args...); code != exitOK || errs.Len() > 0 {
				t.Fatalf("exit code %d, and on standard error: %s", code, errs.String())
			}
			golden := filepath.Join("testdata", "help", name+".txt")
			if os.Getenv("ADIT_UPDATE") != "" {
				if err := os.WriteFile(golden, out.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatalf("%v; ADIT_UPDATE=1 writes it", err)
			}
			if diff := cmp.Diff(string(want), out.String()); diff != "" {
				t.Errorf("the help differs from %s (-want +got); ADIT_UPDATE=1 accepts it:\n%s", golden, diff)
			}
		})
	}
}

func TestEveryCommandHasAnExample(t *testing.T) {
	for _, c := range commands(t) {
		_, example, found := strings.Cut(c.Detail, "Example")
		if !found || !strings.Contains(example, "    ") || !strings.Contains(example, "adit "+strings.Join(words(c), " ")) {
			t.Errorf("adit %s: the help shows no example of the command:\n%s", c.Name, c.Detail)
		}
	}
}

func TestEveryFlagSaysInASentenceWhatItDoes(t *testing.T) {
	for _, c := range commands(t) {
		for _, f := range c.Flags {
			if !strings.HasSuffix(f.Help, ".") {
				t.Errorf("adit %s --%s: %q is no sentence", c.Name, f.Name, f.Help)
			}
		}
	}
}

func TestVariablesAreNamedLikeTheirFlags(t *testing.T) {
	for _, c := range commands(t) {
		for _, f := range c.Flags {
			variable := f.Tag.Get("setting")
			like := strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
			if variable != "" && !strings.HasSuffix(variable, like) {
				t.Errorf("adit %s --%s: the variable is %s", c.Name, f.Name, variable)
			}
		}
	}
}
