package docs

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/adit-hq/adit/emulator"
)

// TestTheEmulatorTakesEveryCurlLineOfItsPage, without a shell: words are
// quoted by ' only.
func TestTheEmulatorTakesEveryCurlLineOfItsPage(t *testing.T) {
	e, err := emulator.New()
	if err != nil {
		t.Fatal(err)
	}
	word, lines := regexp.MustCompile(`'[^']*'|\S+`), 0
	for _, p := range Pages() {
		for line := range strings.Lines(p.Text) {
			if p.Name != "emulator.md" || !strings.HasPrefix(line, "curl ") {
				continue
			}
			lines++
			method, body, address, header := http.MethodGet, "", "", http.Header{}
			words := word.FindAllString(strings.TrimSpace(line), -1)
			for i := 1; i < len(words); i++ {
				next := ""
				if i+1 < len(words) {
					next = strings.Trim(words[i+1], "'")
				}
				switch words[i] {
				case "-H":
					name, value, _ := strings.Cut(next, ": ")
					header.Set(name, value)
					i++
				case "-d":
					method, body = http.MethodPost, next
					i++
				case "-X":
					method = next
					i++
				default:
					address = strings.Replace(words[i], "$AWS_ENDPOINT_URL", "http://aws.test", 1)
				}
			}
			req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header = header
			resp, err := e.Transport().RoundTrip(req)
			if err != nil || resp.StatusCode > 299 {
				t.Errorf("%s: %+v, %v", line, resp, err)
			}
		}
	}
	if lines < 5 {
		t.Errorf("%d lines were found", lines)
	}
}
