package signin

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

// Flow is a sign-in with the OIDC provider that was begun.
type Flow struct {
	// URL is where the browser goes, by a link or a redirect.
	URL string
	// Cookie is what the browser keeps meanwhile and brings back; only this
	// server can read it. It is at most 4,000 bytes of base64url.
	Cookie secret.String
	// Expires is when it can no longer be finished.
	Expires time.Time
}

const (
	flowLife  = 10 * time.Minute
	maxReturn = 1024
	maxCookie = 4000
)

// inFlow is what the cookie of a flow holds. It binds the answer of the provider
// to this browser (state), the token to this flow (nonce), and the code to this
// server (verifier: PKCE, RFC 7636).
type inFlow struct {
	State    string    `json:"s"`
	Nonce    string    `json:"n"`
	Verifier string    `json:"v"`
	Return   string    `json:"r,omitempty"`
	Expires  time.Time `json:"e"`
}

// Begin begins a sign-in with the provider. returnTo is the path to come back to
// afterwards; what is no path of this server is dropped. A provider that cannot
// be reached is a fault of kind Unavailable, "provider_unavailable"; none at all
// is NotFound, "no_provider".
func (r *Registry) Begin(ctx context.Context, returnTo string) (Flow, error) {
	p := r.settings.Provider
	if p == nil {
		return Flow{}, noProvider()
	}
	found, err := p.discover(ctx)
	if err != nil {
		return Flow{}, err
	}
	in := inFlow{
		State: word(), Nonce: word(), Verifier: oauth2.GenerateVerifier(), Return: ownPath(returnTo), Expires: r.moment().Add(flowLife),
	}
	cookie, err := r.flows.seal(p, in)
	if err != nil {
		return Flow{}, err
	}
	return Flow{
		URL:     found.config.AuthCodeURL(in.State, oidc.Nonce(in.Nonce), oauth2.S256ChallengeOption(in.Verifier)),
		Cookie:  cookie,
		Expires: in.Expires,
	}, nil
}

// ownPath returns the path if it stays on this server, else "". Browsers take a
// backslash for a slash, so "/\host" is another server.
func ownPath(s string) string {
	u, err := url.Parse(s)
	if err != nil || len(s) > maxReturn || u.IsAbs() || u.Host != "" || u.User != nil || u.Opaque != "" ||
		!strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.ContainsFunc(s, func(c rune) bool {
		return c == '\\' || c <= ' ' || c == 0x7f
	}) {
		return ""
	}
	return s
}

// flows seals what is in a flow: AES-256-GCM with a random nonce, bound to the provider.
type flows struct{ aead cipher.AEAD }

func newFlows(key []byte) (*flows, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &flows{aead}, nil
}

// bound is what a cookie belongs to: begun with one provider it is nothing with another.
func bound(p *Provider) []byte {
	b, _ := json.Marshal([]string{"adit sign-in flow 1", p.issuer, p.config.ClientID, p.config.RedirectURL}) // texts always marshal
	return b
}

func (f *flows) seal(p *Provider, in inFlow) (secret.String, error) {
	plain, err := json.Marshal(in)
	if err != nil {
		return secret.String{}, err
	}
	sealed := f.aead.Seal(nil, nil, plain, bound(p)) //nolint:gosec // the AEAD makes the nonce itself, and takes none
	return secret.New(base64.RawURLEncoding.EncodeToString(sealed)), nil
}

// unseal returns what is in the cookie of a flow that can still be finished.
func (f *flows) unseal(p *Provider, cookie string, now time.Time) (inFlow, bool) {
	var in inFlow
	if len(cookie) > maxCookie {
		return in, false
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(cookie)
	if err != nil {
		return in, false
	}
	plain, err := f.aead.Open(nil, nil, sealed, bound(p))
	if err != nil || json.Unmarshal(plain, &in) != nil {
		return inFlow{}, false
	}
	return in, in.State != "" && in.Nonce != "" && in.Verifier != "" && now.Before(in.Expires)
}

// word returns 256 random bits as text.
func word() string {
	var b [32]byte
	rand.Read(b[:]) // never fails (crypto/rand since Go 1.24)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func noProvider() error {
	return fault.New(fault.NotFound, "no provider to sign in with is configured").WithCode("no_provider").
		WithRemedy("Sign in with a login and a password, or by a link.")
}
