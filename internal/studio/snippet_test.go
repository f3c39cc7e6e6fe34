package studio

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// embedAsked is a request as a server got it.
type embedAsked struct {
	Key   string   `json:"-"`
	Model string   `json:"model"`
	Input []string `json:"input"`
}

// endpoint answers embeddings, and tells what it was asked.
func endpoint(t *testing.T) (url string, got <-chan embedAsked) {
	t.Helper()
	told := make(chan embedAsked, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		a := embedAsked{Key: r.Header.Get("Authorization")}
		if err := json.Unmarshal(b, &a); err != nil || r.URL.Path != "/v1/embeddings" || r.Method != http.MethodPost {
			http.Error(w, "no", http.StatusBadRequest)
			return
		}
		told <- a
		_, _ = io.WriteString(w, `{"data":[{"index":0,"embedding":[0.25,0.5,0.75,1,2]}]}`)
	}))
	t.Cleanup(server.Close)
	return server.URL, told
}

// hostile are texts that mean something to shells, languages and terminals.
func hostile() []string {
	return []string{
		`it's $(touch pwned) ${HOME} ` + "`id`" + ` "quoted" \n \' \\`, "two\nlines\r\n\tand a tab", "nothing\x00beyond\x1b[31m\x07\x7f",
		"\u202Ereversed\u2066 \u2028 \u00A0 \uFEFF", "日本語 😀 é ß \U000E0001", "</script><img src=x onerror=alert(1)>", "${ADIT_API_KEY}", "%s %d {0} {{.}}", "'''\"\"\"", "",
	}
}

// Every snippet, run as it stands, sends the model and the texts to the letter.
func TestEverySnippetSendsWhatWasTyped(t *testing.T) {
	runners := map[string][]string{
		"curl": {"sh", "request.sh"}, "python": {"python3", "request.py"}, "javascript": {"node", "request.mjs"}, "go": {"go", "run", "request.go"},
	}
	for i, language := range []string{"curl", "python", "javascript", "go"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			url, got := endpoint(t)
			s := snippets(url, `search's "model"`, hostile())[i]
			command := runners[language]
			if _, err := exec.LookPath(command[0]); err != nil {
				t.Skip("not on this machine")
			}
			if s.ID == "curl" {
				if _, err := exec.LookPath("curl"); err != nil {
					t.Skip("not on this machine")
				}
			}
			folder := t.TempDir()
			if err := os.WriteFile(filepath.Join(folder, command[len(command)-1]), []byte(s.Code), 0o600); err != nil {
				t.Fatal(err)
			}
			c := exec.CommandContext(t.Context(), command[0], command[1:]...)
			c.Dir, c.Env = folder, append(os.Environ(), "ADIT_API_KEY=the key", "NO_PROXY=*", "no_proxy=*")
			said, err := c.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s\n%s", err, said, s.Code)
			}
			select {
			case a := <-got:
				if d := cmp.Diff(embedAsked{"Bearer the key", `search's "model"`, hostile()}, a); d != "" {
					t.Error(d)
				}
			default:
				t.Error("it asked for nothing")
			}
			if !strings.Contains(string(said), "0.25") {
				t.Errorf("it said %s", said)
			}
			if entries, _ := os.ReadDir(folder); len(entries) != 1 {
				t.Error("it did something else")
			}
		})
	}
}

func TestASnippetShowsNothingThatCannotBeSeenAndHoldsNoKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.String(), 0, 4).Draw(t, "texts")
		for _, s := range snippets("https://adit.example.com/", rapid.String().Draw(t, "model"), texts) {
			for _, r := range s.Code {
				if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
					t.Fatalf("%s has %U", s.Language, r)
				}
			}
			if !strings.Contains(s.Code, "ADIT_API_KEY") || !strings.Contains(s.Code, "https://adit.example.com/v1/embeddings") {
				t.Fatal(s.Code)
			}
		}
	})
}

func TestJSONTextIsReadBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.String().Draw(t, "text")
		var got string
		if err := json.Unmarshal([]byte(jsonText(want)), &got); err != nil || got != want {
			t.Fatalf("%q became %q: %v", want, got, err)
		}
	})
}

// The shell is asked itself: whatever the text, it is one word and comes out as it was.
func TestTheShellReadsEveryTextAsOneWord(t *testing.T) {
	texts := hostile()
	code := "printf '%s\\n' --"
	var want strings.Builder
	want.WriteString("--\n")
	for _, text := range texts {
		text = strings.ReplaceAll(text, "\x00", "")
		code += " " + shellText(text)
		want.WriteString(text + "\n")
	}
	said, err := exec.CommandContext(t.Context(), "sh", "-c", code).Output()
	if err != nil || string(said) != want.String() {
		t.Errorf("%v: %q", err, said)
	}
}
