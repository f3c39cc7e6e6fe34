package docs

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestAPageIsCutIntoParagraphsThatCanBeReadAlone(t *testing.T) {
	page := strings.Join([]string{
		"# Title", "", "One sentence over", "two lines, with a [link](other.md#place) and **weight**.", "",
		"## Lists", "", "A short list:", "", "- one", "- two goes", "  on", "",
		"A lead to code:", "", "```sh", "first", "", "  second", "```", "", "```", "code that nothing leads to", "```", "",
		"### A heading alone", "", "## Tables", "", "| name | value | |", "| --- | --- | --- |", "| `a\\|b` | 1 | |", "| c | | |", "",
		"Nothing follows:",
	}, "\n")
	want := []Paragraph{
		{"p.md", "Title", "One sentence over two lines, with a link and weight."},
		{"p.md", "Lists", "A short list:\n- one\n- two goes on"},
		{"p.md", "Lists", "A lead to code:\nfirst\n\n  second"},
		{"p.md", "Tables", "name: `a|b`; value: 1\nname: c"},
		{"p.md", "Tables", "Nothing follows:"},
	}
	if diff := cmp.Diff(want, split("p.md", page)); diff != "" {
		t.Error(diff)
	}
}

func TestALongListIsCutIntoItemsThatKeepTheirLead(t *testing.T) {
	long := strings.Repeat("word ", 60) + "end"
	got := split("p.md", "The sources:\n\n1. first "+long+"\n2. second "+long+"\n\n| a |\n| --- |\n| x "+long+" |\n| y "+long+" |\n")
	var starts []string
	for _, p := range got {
		starts = append(starts, p.Text[:min(len(p.Text), 19)])
	}
	if diff := cmp.Diff([]string{"The sources: first ", "The sources: second", "a: x word word word", "a: y word word word"}, starts); diff != "" {
		t.Error(diff)
	}
}

func TestEveryPageHasATitleAndEveryParagraphAHeadingAndARoomForItInEveryModel(t *testing.T) {
	pages := Pages()
	for i, p := range pages {
		if p.Title == "" || !strings.HasPrefix(p.Text, "# "+p.Title) {
			t.Errorf("%s does not begin with a title", p.Name)
		}
		if i > 0 && pages[i-1].Name >= p.Name {
			t.Errorf("%s stands before %s", pages[i-1].Name, p.Name)
		}
	}
	perPage := map[string]int{}
	for _, p := range Paragraphs() {
		perPage[p.Page]++
		if p.Heading == "" || strings.TrimSpace(p.Text) == "" {
			t.Errorf("%s: a paragraph without heading or text: %+v", p.Page, p)
		}
		if n := utf8.RuneCountInString(p.Text); n > longest {
			t.Errorf("%s, %s: %d characters in one paragraph", p.Page, p.Heading, n)
		}
	}
	if len(pages) == 0 || len(perPage) != len(pages) {
		t.Errorf("%d pages, %d of them with paragraphs", len(pages), len(perPage))
	}
}

func TestTheGoTestOfTheEmulatorsPageIsTheOneThatRunsHere(t *testing.T) {
	runs, err := os.ReadFile("emulator_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range Pages() {
		if p.Name != "emulator.md" {
			continue
		}
		_, shown, _ := strings.Cut(p.Text, "```go\npackage embeddings_test\n")
		shown, _, _ = strings.Cut(shown, "```")
		want := strings.ReplaceAll(strings.TrimPrefix(string(runs), "package docs_test\n"), "\r\n", "\n")
		if diff := cmp.Diff(want, shown); diff != "" {
			t.Errorf("change both (-runs +shown):\n%s", diff)
		}
	}
}
