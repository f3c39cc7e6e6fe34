package signin

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

// ProviderSettings say with which OIDC provider people sign in.
type ProviderSettings struct {
	// Issuer is its URL: https, or http on loopback. Discovery begins there.
	Issuer string
	// ClientID and Secret are what it knows this server by; without a secret the
	// server is a public client, which PKCE alone protects.
	ClientID string
	Secret   secret.String
	// RedirectURL is the whole URL of our callback, as the provider has it registered.
	RedirectURL string
	// Name is what the button calls it; the issuer's host by default.
	Name string
	// Scopes are asked for besides openid; "profile" and "email" by default.
	Scopes []string
	// Rules say who gets which roles; whom none fits is not let in.
	Rules []Rule
	// HTTP calls the provider; nil is a client of its own. It follows no
	// redirect, reads at most a megabyte, and waits ten seconds at most.
	HTTP *http.Client
	// Now is the clock of discovery's retries; nil is time.Now.
	Now func() time.Time
}

// Provider is an OIDC provider, discovered when it is first needed: one that is
// down keeps nothing from starting. It is safe for concurrent use.
type Provider struct {
	issuer, name string
	rules        []Rule
	http         *http.Client
	config       oauth2.Config // without endpoints, which discovery finds
	now          func() time.Time

	mu     sync.Mutex
	flight chan struct{} // closed when the asking under way ends; nil: none is
	found  *discovered
	failed error     // of the last asking; nil if it went well
	again  time.Time // not before is discovery tried again
}

// answerTime is how long one waits for an answer of the provider.
const answerTime = 10 * time.Second

// NewProvider returns a provider, or all that is wrong with the settings.
func NewProvider(s ProviderSettings) (*Provider, error) {
	var f fault.Inputs
	issuer := checkURL(&f, "issuer", s.Issuer)
	checkURL(&f, "redirect_url", s.RedirectURL)
	if strings.ContainsAny(s.Issuer, "?#") {
		f.Add("issuer", "an issuer has neither a query nor a fragment")
	}
	if s.ClientID == "" {
		f.Add("client_id", "the client id is missing: the provider gives it when this server is registered there")
	}
	if len(s.Rules) == 0 {
		f.Add("rules", "without a rule nobody who signs in with the provider is let in; give at least one, such as domain:example.com=developer@default")
	}
	for _, r := range s.Rules {
		r.check(&f)
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	if s.Name == "" {
		s.Name = issuer.Hostname()
	}
	if s.Scopes == nil {
		s.Scopes = []string{oidc.ScopeProfile, oidc.ScopeEmail}
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	scopes := append([]string{oidc.ScopeOpenID}, s.Scopes...)
	slices.Sort(scopes[1:])
	return &Provider{
		issuer: s.Issuer, name: s.Name, rules: slices.Clone(s.Rules), http: bounded(s.HTTP), now: s.Now,
		config: oauth2.Config{
			ClientID: s.ClientID, ClientSecret: s.Secret.Reveal(), RedirectURL: s.RedirectURL, Scopes: slices.Compact(scopes),
		},
	}, nil
}

// checkURL takes https, and http on loopback, where nobody can listen.
func checkURL(f *fault.Inputs, field, raw string) *url.URL {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		f.Add(field, "it must be a URL that begins with https:// (http:// only on loopback), without a user's name")
		return &url.URL{}
	}
	return u
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Name returns what the provider is called.
func (p *Provider) Name() string { return p.name }

// Issuer returns its URL.
func (p *Provider) Issuer() string { return p.issuer }

// Rules returns who gets which roles.
func (p *Provider) Rules() []Rule { return slices.Clone(p.rules) }

// algorithms are those of public keys, whatever else the provider offers: "none"
// proves nothing, and HS256 would make our client secret, or a public key, sign.
func algorithms() []string {
	return []string{
		oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA,
	}
}
