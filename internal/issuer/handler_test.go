package issuer_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/issuer"
	"github.com/adit-hq/adit/internal/signing"
)

const (
	jwksPath      = "/o/acme/.well-known/jwks.json"
	discoveryPath = "/o/acme/.well-known/openid-configuration"
)

func TestDiscoverySaysWhatAWSReads(t *testing.T) {
	i := newIssuer(t, issuer.Settings{})
	w := ask(i.Handler(), "GET", discoveryPath)
	want := `{"issuer":"https://example.com/o/acme","jwks_uri":"https://example.com/o/acme/.well-known/jwks.json",` +
		`"authorization_endpoint":"urn:kubernetes:programmatic_authorization","response_types_supported":["id_token"],"subject_types_supported":["public"],` +
		`"id_token_signing_alg_values_supported":["ES256"],"claims_supported":["aud","exp","iat","iss","jti","nbf","sub"]}`
	if diff := cmp.Diff(want, w.Body.String()); diff != "" {
		t.Errorf("discovery (-want +got):\n%s", diff)
	}
	wantFields := map[string]string{
		"Content-Type": "application/json", "Cache-Control": "public, max-age=3600", "Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff",
	}
	for name, value := range wantFields {
		if got := w.Header().Get(name); got != value {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
}

func TestTheJWKSHoldsPublicNumbersOnly(t *testing.T) {
	for algorithm, members := range map[string][]string{signing.RS256: {"alg", "e", "kid", "kty", "n", "use"}, signing.ES256: {"alg", "crv", "kid", "kty", "use", "x", "y"}} {
		signer, _ := keys(t, signing.Settings{Algorithm: algorithm})
		w := ask(newIssuer(t, issuer.Settings{Signer: signer}).Handler(), "GET", jwksPath)
		var set struct {
			Keys []map[string]any `json:"keys"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &set); err != nil || len(set.Keys) != 2 {
			t.Fatalf("%d keys, %v", len(set.Keys), err)
		}
		for _, k := range set.Keys {
			if diff := cmp.Diff(members, slices.Sorted(maps.Keys(k))); diff != "" {
				t.Errorf("members of a %s key (-want +got):\n%s", algorithm, diff)
			}
		}
		if got := w.Header().Get("Cache-Control"); got != "public, max-age=300" {
			t.Errorf("Cache-Control: %q", got)
		}
	}
}

func TestAClientThatHasTheDocumentGets304(t *testing.T) {
	h := newIssuer(t, issuer.Settings{}).Handler()
	for _, path := range []string{jwksPath, discoveryPath} {
		full := ask(h, "GET", path)
		etag := full.Header().Get("Etag")
		for _, match := range []string{etag, "W/" + etag, `"x", ` + etag, "*"} {
			w := ask(h, "GET", path, "If-None-Match", match)
			if w.Code != http.StatusNotModified || w.Body.Len() != 0 || w.Header().Get("Etag") != etag || w.Header().Get("Cache-Control") != full.Header().Get("Cache-Control") {
				t.Errorf("If-None-Match: %s gave %d with %d bytes and %v", match, w.Code, w.Body.Len(), w.Header())
			}
		}
		for _, match := range []string{`"x"`, "", strings.Trim(etag, `"`)} {
			if w := ask(h, "GET", path, "If-None-Match", match); w.Code != http.StatusOK {
				t.Errorf("If-None-Match: %s gave %d", match, w.Code)
			}
		}
		head := ask(h, "HEAD", path)
		if head.Code != http.StatusOK || head.Body.Len() != 0 {
			t.Errorf("HEAD gave %d with %d bytes", head.Code, head.Body.Len())
		}
		if diff := cmp.Diff(full.Header(), head.Header()); diff != "" {
			t.Errorf("header fields of GET and HEAD (-GET +HEAD):\n%s", diff)
		}
	}
}

func TestNothingElseIsServed(t *testing.T) {
	h := newIssuer(t, issuer.Settings{}).Handler()
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"} {
		if w := ask(h, method, jwksPath); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s gave %d, Allow %q", method, w.Code, w.Header().Get("Allow"))
		}
	}
	for _, path := range []string{"/", "/o/acme", "/.well-known/jwks.json", "/o/other/.well-known/jwks.json", jwksPath + "/", "/o/acme/.well-known/", discoveryPath + ".json"} {
		if w := ask(h, "GET", path); w.Code != http.StatusNotFound {
			t.Errorf("%s gave %d", path, w.Code)
		}
	}
}

func TestTheIssuerIsTheConfiguredOneWhateverTheRequestSays(t *testing.T) {
	h := newIssuer(t, issuer.Settings{}).Handler()
	plain := ask(h, "GET", discoveryPath).Body.String()
	hostile := ask(h, "GET", "https://evil.example"+discoveryPath+"?issuer=https://evil.example", "X-Forwarded-Host", "evil.example", "Forwarded", "host=evil.example").Body.String()
	if diff := cmp.Diff(plain, hostile); diff != "" {
		t.Errorf("the request changed the document:\n%s", diff)
	}
}

func TestBothDocumentsAreServedWhileTheDatabaseIsDown(t *testing.T) {
	signer, store := keys(t, signing.Settings{})
	i := newIssuer(t, issuer.Settings{Signer: signer})
	store.Down(true)
	for _, path := range []string{jwksPath, discoveryPath} {
		if w := ask(i.Handler(), "GET", path); w.Code != http.StatusOK {
			t.Errorf("%s gave %d", path, w.Code)
		}
	}
}

func TestWithoutKeysThereIsNoDocumentToCache(t *testing.T) {
	for name, signer := range map[string]issuer.Signer{"not read yet": &paper{}, "none": noKeys(t)} {
		i := newIssuer(t, issuer.Settings{Signer: signer})
		w := ask(i.Handler(), "GET", jwksPath)
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || w.Header().Get("Cache-Control") != "" {
			t.Errorf("%s: %d, %v", name, w.Code, w.Header())
		}
		if _, _, err := i.Documents(); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
		if len(i.LastFetch()) != 0 {
			t.Errorf("%s: fetched %v", name, i.LastFetch())
		}
	}
}

func noKeys(t *testing.T) issuer.Signer {
	signer, _ := keys(t, signing.Settings{})
	signer.Set(signing.DefaultIssuer, nil, 99)
	return signer
}

func TestTheDocumentsHaveABudgetOfTheirOwn(t *testing.T) {
	at := noon()
	i := newIssuer(t, issuer.Settings{PerSecond: 10, Now: func() time.Time { return at }})
	answers := map[int]int{}
	for range 50 {
		answers[ask(i.Handler(), "GET", jwksPath).Code]++
	}
	if diff := cmp.Diff(map[int]int{200: 20, 429: 30}, answers); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	at = at.Add(time.Second)
	if w := ask(i.Handler(), "GET", jwksPath); w.Code != http.StatusOK {
		t.Errorf("a second later: %d", w.Code)
	}
}

// slow holds an answer until it is let go.
type slow struct {
	http.ResponseWriter
	begun, free chan struct{}
}

func (s *slow) WriteHeader(status int) {
	close(s.begun)
	<-s.free
	s.ResponseWriter.WriteHeader(status)
}

func TestOnlySoManyRequestsAreAnsweredAtOnce(t *testing.T) {
	i := newIssuer(t, issuer.Settings{Concurrent: 1})
	first, free, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		i.Handler().ServeHTTP(&slow{recorder(), first, free}, request(jwksPath))
	}()
	<-first
	if w := ask(i.Handler(), "GET", jwksPath); w.Code != http.StatusTooManyRequests {
		t.Errorf("the second at once gave %d", w.Code)
	}
	close(free)
	<-done
	if w := ask(i.Handler(), "GET", jwksPath); w.Code != http.StatusOK {
		t.Errorf("the next gave %d", w.Code)
	}
}

func TestFetchesAreRememberedAndLogged(t *testing.T) {
	var log bytes.Buffer
	var told []string
	i := newIssuer(t, issuer.Settings{
		Now: noon, Log: slog.New(slog.NewTextHandler(&log, nil)), OnFetch: func(what string) { told = append(told, what) },
	})
	ask(i.Handler(), "GET", "/nothing")
	if len(i.LastFetch()) != 0 || told != nil {
		t.Error("a path that is not there counts as a fetch")
	}
	ask(i.Handler(), "GET", jwksPath, "User-Agent", "sts\n"+strings.Repeat("x", 500))
	if diff := cmp.Diff(map[string]time.Time{issuer.JWKS: noon()}, i.LastFetch()); diff != "" {
		t.Errorf("last fetches (-want +got):\n%s", diff)
	}
	if !slices.Equal(told, []string{issuer.JWKS}) {
		t.Errorf("told %v", told)
	}
	if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "what=jwks") || strings.Contains(text, strings.Repeat("x", 200)) {
		t.Errorf("logged %q", text)
	}
}

func TestExportWritesWhatIsServedWhereItIsServed(t *testing.T) {
	signer, _ := keys(t, signing.Settings{})
	i := newIssuer(t, issuer.Settings{Signer: signer})
	dir := t.TempDir()
	discovery, jwks, err := i.Documents()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time over the first
		written, err := issuer.WriteFiles(dir, i.URL(), discovery, jwks)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{filepath.Join(dir, filepath.FromSlash(jwksPath)), filepath.Join(dir, filepath.FromSlash(discoveryPath))}
		if diff := cmp.Diff(want, written); diff != "" {
			t.Errorf("files (-want +got):\n%s", diff)
		}
	}
	served := http.FileServer(http.Dir(dir))
	for _, path := range []string{jwksPath, discoveryPath} {
		if diff := cmp.Diff(ask(i.Handler(), "GET", path).Body.String(), ask(served, "GET", path).Body.String()); diff != "" {
			t.Errorf("%s (-served +exported):\n%s", path, diff)
		}
		if info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(path))); err != nil || info.Mode().Perm() != 0o644 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
	}
	if left, err := os.ReadDir(filepath.Dir(filepath.Join(dir, jwksPath))); err != nil || len(left) != 2 {
		t.Errorf("%d files beside each other, %v", len(left), err)
	}
	if _, err := judge(publish(t, served), i, mint(t, i, claims()).Compact.Reveal()); err != nil {
		t.Errorf("a verifier of the exported files: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = issuer.WriteFiles(filepath.Join(dir, "file"), i.URL(), discovery, jwks)
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Config {
		t.Errorf("over a file: %v", err)
	}
	if _, err := issuer.WriteFiles(dir, "https://example.com/../..", nil, nil); err == nil {
		t.Error("a URL led out of the folder")
	}
}
