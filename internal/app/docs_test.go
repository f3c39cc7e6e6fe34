package app_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/adit-hq/adit/docs"
	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/app"
	"github.com/adit-hq/adit/internal/model"
)

func manualPage(t *testing.T, name string) string {
	t.Helper()
	for _, p := range docs.Pages() {
		if p.Name == name {
			return p.Text
		}
	}
	t.Fatalf("the manual has no page %s", name)
	return ""
}

// anchors are the places of a page that a link may name, as GitHub makes them of headings.
func anchors(page string) []string {
	var all []string
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(page, -1) {
		kept := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
		all = append(all, strings.ReplaceAll(kept, " ", "-"))
	}
	return all
}

func TestEveryLinkBetweenPagesLeadsSomewhere(t *testing.T) {
	pages := map[string]string{}
	for _, p := range docs.Pages() {
		pages[p.Name] = p.Text
	}
	for name, text := range pages {
		for _, m := range regexp.MustCompile(`\]\(([^)#:]*)(?:#([^)]*))?\)`).FindAllStringSubmatch(text, -1) {
			page, anchor := m[1], m[2]
			if page == "" {
				page = name
			}
			target, ok := pages[page]
			if !ok || anchor != "" && !slices.Contains(anchors(target), anchor) {
				t.Errorf("%s links to %s#%s, which is not there", name, page, anchor)
			}
		}
	}
	index := pages["index.md"]
	for name := range pages {
		if name != "index.md" && !strings.Contains(index, "("+name+")") {
			t.Errorf("index.md does not list %s", name)
		}
	}
}

func TestEveryFlagAndVariableOfServeIsExplained(t *testing.T) {
	help, err := os.ReadFile("../cli/testdata/help/serve.txt") // held true by the tests of cli
	if err != nil {
		t.Fatal(err)
	}
	page := manualPage(t, "operations.md")
	names := regexp.MustCompile(`--[a-z][a-z-]+|ADIT_[A-Z_]+[A-Z]`).FindAllString(string(help), -1)
	if len(names) < 30 {
		t.Fatalf("only %d flags and variables were found in the help", len(names))
	}
	for _, name := range names {
		if name != "--help" && !strings.Contains(page, "`"+name+"`") {
			t.Errorf("operations.md does not explain %s", name)
		}
	}
}

func TestEveryMetricIsExplainedAndNoOther(t *testing.T) {
	s := start(t, everyFamily, func(s *app.Settings) {
		s.MetricsListen = "127.0.0.1:0"
		s.State.DataDir, s.State.IssuerURL, s.APIKeys = t.TempDir(), "https://adit.example.com", apiKeys("a-key-of-the-settings")
		s.Environ = append(s.Environ, "AWS_CREDENTIAL_EXPIRATION=2999-01-01T00:00:00Z")
	}, emulator.WithFault(emulator.Fault{Kind: emulator.FaultThrottle, Count: 1}))
	req, err := http.NewRequest(http.MethodPost, s.URL()+"/v1/embeddings", strings.NewReader(`{"model":"titan","input":"a"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-API-Key", "a-key-of-the-settings") // a server with a public URL needs one
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("status %d, %v", resp.StatusCode, err)
	}
	read(t, s.URL()+"/.well-known/jwks.json") // a counter with labels is there once it has counted
	var served, explained []string
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (adit_\S+) (\S+)$`).FindAllStringSubmatch(read(t, s.MetricsURL()), -1) {
		served = append(served, m[1]+" "+m[2])
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `(adit_\\S+)` \\| (\\S+) \\|").FindAllStringSubmatch(manualPage(t, "operations.md"), -1) {
		explained = append(explained, m[1]+" "+m[2])
	}
	slices.Sort(served)
	slices.Sort(explained)
	if !slices.Equal(served, explained) {
		t.Errorf("/metrics has\n%s\n\noperations.md has\n%s", strings.Join(served, "\n"), strings.Join(explained, "\n"))
	}
}

// read returns what is served under a URL.
func read(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v", url, resp.StatusCode, err)
	}
	return string(text)
}

func TestTheTableOfModelsIsTheCatalogue(t *testing.T) {
	page := manualPage(t, "models.md")
	for _, f := range model.Families() {
		chars := "-"
		if f.MaxChars > 0 {
			chars = fmt.Sprint(f.MaxChars)
		}
		dimensions := strings.ReplaceAll(strings.Trim(fmt.Sprint(f.Dimensions), "[]"), " ", ",")
		for _, id := range f.IDs {
			if f.ProfileOnly {
				id = "us." + id
			}
			row := fmt.Sprint(id, " ", f.Name, " ", dimensions, " ", f.TextsPerCall, " ", chars, " ", f.MaxTokens, " ", f.USDPerMillionTokens)
			if !strings.Contains(regexp.MustCompile(" +").ReplaceAllString(page, " "), "\n"+row+"\n") {
				t.Errorf("models.md has no row %q", row)
			}
		}
	}
}
