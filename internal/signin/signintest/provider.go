package signintest

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signin"
)

// T is the part of testing.TB that is used; only test files import testing itself.
type T interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Provider is an OIDC provider on a port of loopback: discovery, keys, a page to
// sign in on, and a token endpoint that checks client, code, redirect and PKCE.
// It signs with ES256.
type Provider struct {
	// URL is its issuer.
	URL string
	// ClientID and Secret are what it knows the server under test by.
	ClientID string
	Secret   secret.String
	// Now dates its tokens; nil is time.Now. Set it before the first use.
	Now func() time.Time

	server *httptest.Server

	mu     sync.Mutex
	keys   []key
	codes  map[string]grant
	broken []Fault
	asked  map[string]int
}

type key struct {
	id      string
	private *ecdsa.PrivateKey
}

// Who is somebody who signs in with the provider.
type Who struct {
	Subject, Name, Email string
	// Verified is whether the provider has seen that the address is theirs.
	Verified bool
	Groups   []string
	// Hosted is the claim "hd"; "" leaves it out.
	Hosted string
	// Claims are added, or stand in place of others.
	Claims map[string]any
}

// grant is what a code stands for.
type grant struct {
	who                        Who
	challenge, redirect, nonce string
}

// NewProvider starts a provider that ends with the test.
func NewProvider(t T) *Provider {
	t.Helper()
	p := &Provider{ClientID: "adit-studio", Secret: secret.New("the secret of the client under test"), codes: map[string]grant{}, asked: map[string]int{}}
	if err := p.Rotate(); err != nil {
		t.Fatalf("no key: %v", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /keys", p.jwks)
	mux.HandleFunc("GET /authorize", p.page)
	mux.HandleFunc("POST /authorize", p.decided)
	mux.HandleFunc("POST /token", p.token)
	p.server = httptest.NewServer(p.counted(mux))
	p.URL = p.server.URL
	t.Cleanup(p.server.Close)
	return p
}

// Client calls the provider; its connections end with the provider.
func (p *Provider) Client() *http.Client { return p.server.Client() }

// Settings are those with which a server signs people in here.
func (p *Provider) Settings(t T, redirect string, rules ...string) signin.ProviderSettings {
	t.Helper()
	s := signin.ProviderSettings{
		Issuer: p.URL, ClientID: p.ClientID, Secret: p.Secret, RedirectURL: redirect, Name: "Test provider", HTTP: p.Client(), Now: p.Now,
	}
	for _, text := range rules {
		r, err := signin.ParseRule(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		s.Rules = append(s.Rules, r)
	}
	return s
}

// Rotate makes a new key, which signs from now on; the former ones stay published.
func (p *Provider) Rotate() error {
	private, err := newKey()
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = append(p.keys, key{id: rand.Text(), private: private})
	return nil
}

// Asked tells how often a path was asked for, such as "/token".
func (p *Provider) Asked(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked[path]
}

// Break has the provider do something wrong from now on, and only that; with nothing it is mended.
func (p *Provider) Break(faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken = faults
}

func (p *Provider) does(f Fault) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Contains(p.broken, f)
}

func (p *Provider) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked[r.URL.Path]++
		p.mu.Unlock()
		switch {
		case p.does(Down), p.does(KeysDown) && r.URL.Path == "/keys", p.does(TokenDown) && r.URL.Path == "/token":
			http.Error(w, "away", http.StatusServiceUnavailable)
		case p.does(Redirects) && r.Method == http.MethodPost && r.URL.Path == "/token":
			http.Redirect(w, r, p.URL+"/elsewhere", http.StatusTemporaryRedirect)
		case p.does(Endless) && r.URL.Path != "/authorize":
			w.Header().Set("Content-Type", "application/json")
			endless(w)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// endless writes until nobody reads.
func endless(w http.ResponseWriter) {
	_, err := w.Write([]byte(`{"x":"`))
	for chunk := []byte(strings.Repeat("x", 1<<16)); err == nil; {
		_, err = w.Write(chunk)
	}
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	issuer := p.URL
	if p.does(OtherIssuerDiscovered) {
		issuer = "https://elsewhere.example.com"
	}
	token := p.URL + "/token"
	if p.does(PlainTokenEndpoint) {
		token = "http://elsewhere.example.com/token"
	}
	answer(w, http.StatusOK, map[string]any{
		"issuer": issuer, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": token, "jwks_uri": p.URL + "/keys",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"ES256", "HS256", "none"}, // a server that follows this blindly is lost
		"code_challenge_methods_supported":      []string{"S256"},
	})
}

func (p *Provider) jwks(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	var set jose.JSONWebKeySet
	for _, k := range p.keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: k.private.Public(), KeyID: k.id, Algorithm: "ES256", Use: "sig"})
	}
	p.mu.Unlock()
	answer(w, http.StatusOK, set)
}

// token exchanges a code for an ID token, once.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	id, password, _ := r.BasicAuth()
	id, _ = url.QueryUnescape(id) // RFC 6749, 2.3.1
	password, _ = url.QueryUnescape(password)
	if id != p.ClientID || !p.Secret.Equal(password) {
		answer(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	}
	p.mu.Lock()
	g, ok := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code"))
	p.mu.Unlock()
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	if !ok || r.PostFormValue("grant_type") != "authorization_code" || r.PostFormValue("redirect_uri") != g.redirect ||
		subtle.ConstantTimeCompare([]byte(challenge), []byte(g.challenge)) != 1 {
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant", "error_description": "code " + r.PostFormValue("code")})
		return
	}
	out := map[string]any{"access_token": "none of your business", "token_type": "Bearer", "expires_in": 60}
	if !p.does(NoToken) {
		signed, err := p.idToken(g)
		if err != nil {
			answer(w, http.StatusInternalServerError, map[string]string{"error": "server_error"})
			return
		}
		out["id_token"] = signed
	}
	answer(w, http.StatusOK, out)
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that went away
}
