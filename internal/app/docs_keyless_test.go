package app_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/docs"
	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/app"
)

// tableRows returns the rows of the manual's table whose head line begins so.
func tableRows(t *testing.T, page, head string) [][]string {
	t.Helper()
	_, after, found := strings.Cut(manualPage(t, page), "\n"+head)
	if !found {
		t.Fatalf("%s has no table that begins %q", page, head)
	}
	var rows [][]string
	for i, line := range strings.Split(after, "\n") {
		switch {
		case i < 2: // the rest of the head, and the line below it
		case !strings.HasPrefix(line, "|"):
			return rows
		default:
			rows = append(rows, cellsOf(line))
		}
	}
	return rows
}

func TestTheTableOfPermissionsIsTheOneThatIsAskedFor(t *testing.T) {
	var want [][]string
	for _, p := range access.Permissions() {
		row := []string{"`" + string(p) + "`"}
		for _, r := range access.Roles() {
			has := ""
			if slices.Contains(r.Grants(), p) {
				has = "yes"
			}
			row = append(row, has)
		}
		want = append(want, row)
	}
	head := "| permission |"
	for _, r := range []access.Role{access.Operator, access.Owner, access.Admin, access.Developer, access.Auditor, access.Invoke, access.Credentials} {
		head += " " + string(r) + " |"
	}
	if diff := cmp.Diff(want, tableRows(t, "keys.md", head)); diff != "" {
		t.Errorf("keys.md (-code +page):\n%s", diff)
	}
	for _, r := range access.Roles() {
		if !strings.Contains(manualPage(t, "keys.md"), fmt.Sprintf("\n| `%s` | ", r)) {
			t.Errorf("keys.md does not tell what the role %s may", r)
		}
	}
}

func TestTheTableOfRoutesIsWhatTheControlAPIServes(t *testing.T) {
	s := start(t, everyFamily, func(s *app.Settings) { s.State.DataDir = t.TempDir() })
	var document struct {
		Paths map[string]map[string]struct{ Summary, Description string }
	}
	if err := json.Unmarshal([]byte(read(t, s.URL()+"/api/openapi.json")), &document); err != nil {
		t.Fatal(err)
	}
	var served, told []string
	for path, methods := range document.Paths {
		for method, operation := range methods {
			need := operation.Description
			switch permission, of, _ := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(need, "."), "Needs the permission "), " "); of {
			case "of the server":
				need = "`" + permission + "` of the server"
			case "in the organization":
				need = "`" + permission + "`"
			default:
				need = "any key"
			}
			served = append(served, strings.Join([]string{strings.ToUpper(method), "`" + strings.TrimPrefix(path, "/api/v1") + "`", operation.Summary, need}, " | "))
		}
	}
	for _, row := range tableRows(t, "control-api.md", "| method | path below `/api/v1` |") {
		told = append(told, strings.Join(row, " | "))
	}
	slices.Sort(served)
	slices.Sort(told)
	if diff := cmp.Diff(served, told); diff != "" {
		t.Errorf("control-api.md (-served +page):\n%s", diff)
	}
}

// commandHelp reads what the tests of cli hold true: the help of each command, by its
// words joined with hyphens.
func commandHelp(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../cli/testdata/help/*.txt")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d pages of help: %v", len(files), err)
	}
	help := map[string]string{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		help[strings.TrimSuffix(filepath.Base(f), ".txt")] = string(text)
	}
	return help
}

// commandLine finds what the manual says to type, in code and between ticks.
var commandLine = regexp.MustCompile("(?m)(?:^|[ /`])adit((?: (?:[a-z]+(?:-[a-z]+)*|--[a-z-]+|[^ `\n]+))+)")

func TestEveryCommandAndFlagOfTheManualIsThere(t *testing.T) {
	help := commandHelp(t)
	found := 0
	for _, p := range docs.Pages() {
		for _, code := range codeOf(p.Text) {
			for _, m := range commandLine.FindAllStringSubmatch(code, -1) {
				words := strings.Fields(m[1])
				name, rest := commandOf(help, words)
				if name == "" {
					continue // a word of the text, such as `adit try`'s stand-in
				}
				found++
				for _, flag := range rest {
					flag, _, _ = strings.Cut(flag, "=")
					if !strings.HasPrefix(flag, "--") || flag == "--" {
						continue
					}
					if flag = strings.TrimRight(flag, ".,:;)"); !hasFlag(help[name], flag) {
						t.Errorf("%s: adit %s has no flag %s", p.Name, strings.ReplaceAll(name, "-", " "), flag)
					}
				}
			}
		}
	}
	if found < 60 {
		t.Errorf("only %d commands were found in the manual", found)
	}
}

// commandOf returns the longest command that the words begin with, and what follows. A
// group whose next word is none of its commands is a mistake of the manual: its
// name is returned with that word as an unknown flag.
func commandOf(help map[string]string, words []string) (name string, rest []string) {
	for i, w := range words {
		next := strings.TrimPrefix(name+"-"+w, "-")
		if help[next] == "" {
			group := name != "" && strings.Contains(help[name], "\nCommands:\n")
			if group && regexp.MustCompile(`^[a-z]+$`).MatchString(w) {
				return name, []string{"--no-such-command-" + w}
			}
			return name, words[i:]
		}
		name = next
	}
	return name, nil
}

func hasFlag(help, flag string) bool {
	return regexp.MustCompile(regexp.QuoteMeta(flag)+`\b`).MatchString(help) ||
		regexp.MustCompile(`--\[no-\]`+regexp.QuoteMeta(strings.TrimPrefix(strings.TrimPrefix(flag, "--"), "no-"))+`\b`).MatchString(help)
}

// codeOf returns the lines of code and the words between ticks of a page, each
// with the lines that a backslash carries on joined.
func codeOf(page string) []string {
	var all []string
	page = strings.ReplaceAll(page, "\\\n", " ")
	for i, part := range strings.Split(page, "```") {
		if i%2 == 1 {
			for line := range strings.Lines(part) {
				all = append(all, strings.SplitN(strings.TrimSpace(line), " | ", 2)[0])
			}
			continue
		}
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(part, -1) {
			all = append(all, m[1])
		}
	}
	return all
}
