package spicepod

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/model"
)

const manual = "../../docs/spicepod.md"

func readManual(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(page), "\r\n", "\n")
}

// blocks returns the fenced blocks of a language, in the page's order.
func blocks(page, language string) []string {
	var out []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(page, -1) {
		out = append(out, m[1])
	}
	return out
}

func TestTheManualsFilesLoad(t *testing.T) {
	for _, file := range blocks(readManual(t), "yaml")[:2] {
		if _, err := Parse("spicepod.yaml", []byte(file), t.TempDir(), []string{"AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b"}); err != nil {
			t.Errorf("%v\n\nin\n%s", err, file)
		}
	}
}

func TestTheManualShowsTheFaultsThatParseGives(t *testing.T) {
	page := readManual(t)
	_, err := Parse("spicepod.yaml", []byte(blocks(page, "yaml")[2]), t.TempDir(), []string{"AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b"})
	if err == nil {
		t.Fatal("the faulty file of the manual loads")
	}
	if flag.Lookup("update").Value.String() == "true" {
		page = strings.Replace(page, blocks(page, "text")[0], err.Error()+"\n", 1)
		if err := os.WriteFile(manual, []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(err.Error()+"\n", blocks(page, "text")[0]); diff != "" {
		t.Error(diff)
	}
}

func TestTheManualNamesEveryParameterWithItsDefaultAndValues(t *testing.T) {
	page := readManual(t)
	for _, d := range awsParams() {
		if !regexp.MustCompile("(?m)^\\| `" + d.name + "` \\| " + quoted(d.fallback)).MatchString(page) {
			t.Errorf("no row for %s with default %q", d.name, d.fallback)
		}
		for _, v := range d.values {
			if !strings.Contains(page, "`"+v+"`") {
				t.Errorf("%s: value %s is not on the page", d.name, v)
			}
		}
	}
	for _, f := range model.Families() {
		_, section, ok := strings.Cut(page, "**"+f.Title+"** (`"+f.Name+"`")
		section, _, _ = strings.Cut(section, "\n**")
		if !ok {
			t.Errorf("no section on %s (%s)", f.Title, f.Name)
		}
		for _, id := range f.IDs {
			if !strings.Contains(section, "`"+id+"`") {
				t.Errorf("%s: id %s is not in its section", f.Name, id)
			}
		}
		for _, p := range f.Params {
			row := regexp.MustCompile("(?m)^\\| `" + p.Name + "` \\| `" + p.Default + "` \\|.*$").FindString(section)
			if row == "" {
				t.Errorf("%s: no row for %s with default %s", f.Name, p.Name, p.Default)
			}
			for _, v := range p.Values {
				if !strings.Contains(row, "`"+v+"`") && !strings.Contains(row, "as for Cohere Embed v3") {
					t.Errorf("%s: value %s of %s is not in its row", f.Name, v, p.Name)
				}
			}
		}
	}
}

func quoted(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}
