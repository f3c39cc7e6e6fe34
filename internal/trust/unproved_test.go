package trust_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/trust"
	"github.com/adit-hq/adit/internal/trust/trusttest"
)

// Else whoever forges tokens learns whom an organization trusts.
func TestATokenThatIsNotProvedTellsNothingOfWhatIsTrusted(t *testing.T) {
	s := newServer(t)
	s.trusts(orgA, mainBranch)
	s.lets(s.issuer.Mint(s.job()))
	kid := s.issuer.Signing().KeyID
	forged := func(kid string, more trusttest.Claims) *fault.Error {
		t.Helper()
		_, err := s.present(trusttest.Unsigned(map[string]any{"alg": "ES256", "kid": kid}, s.job().With(more), make([]byte, 64)))
		if err == nil {
			t.Fatal("let in")
		}
		return fault.From(err)
	}
	foreign, nobodys := trusttest.Claims{"aud": trust.Audience(orgB)}, trusttest.Claims{"iss": "https://idp.example"}
	told := func(f *fault.Error) string {
		words := strings.NewReplacer(s.issuer.URL, "ISSUER", "https://idp.example", "ISSUER", "other", "KEY", kid, "KEY").Replace(f.Sentence())
		return fmt.Sprint(f.Kind, f.Code, words, f.RetryAfter)
	}
	want := told(forged(kid, nil))
	for name, f := range map[string]*fault.Error{
		"a key that is not published": forged("other", nil), "an issuer of another organization": forged(kid, foreign), "an issuer of nobody": forged(kid, nobodys),
	} {
		if got := told(f); got != want || f.Detail == "" {
			t.Errorf("%s: %s, want %s; for the log: %q", name, got, want, f.Detail)
		}
	}
	s.issuer.Instead(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	s.pass(48 * time.Hour)
	if a, b := forged(kid, nil), forged(kid, foreign); a.Code != "issuer_unavailable" || told(a) != told(b) {
		t.Errorf("keys that cannot be read: %v, %v", a, b)
	}
}
