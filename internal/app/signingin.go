package app

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ingress"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signin"
)

// SignIn is an OIDC provider that people sign in to Studio with.
type SignIn struct {
	// Issuer is the provider's URL, as its tokens say it; "" is none.
	Issuer   string
	ClientID string
	Secret   secret.String
	// Name is what the sign-in page calls it; "" means the issuer's host.
	Name string
	// Scopes are asked for besides openid, profile and email.
	Scopes []string
	// Rules say who gets which role, such as "group:platform=owner@default".
	Rules []string
	// HTTP reaches the provider; nil means the network.
	HTTP *http.Client
}

// studioPath is where Studio is below the URL at which people reach the server.
const studioPath = "/studio"

// provider returns the OIDC provider, or nil where there is none; studio is the
// URL of Studio as people see it.
func (s SignIn) provider(studio string, now func() time.Time) (*signin.Provider, error) {
	if s.Issuer == "" {
		if s.ClientID != "" || len(s.Rules) > 0 {
			return nil, fault.New(fault.Config, "there are settings for an OIDC provider, but no provider").WithRemedy("Name it with --oidc-issuer.")
		}
		return nil, nil //nolint:nilnil // no provider is no fault
	}
	if studio == "" {
		return nil, fault.New(fault.Config, "the OIDC provider needs a URL to redirect people back to").
			WithRemedy("Set the URL of this server with --studio-url, such as https://adit.example.com.")
	}
	var rules []signin.Rule
	var errs []error
	for _, text := range s.Rules {
		r, err := signin.ParseRule(text)
		if err != nil {
			errs = append(errs, fault.Wrap(err, fault.Config, "--oidc-rule %s: %s", text, fault.From(err).Message))
			continue
		}
		rules = append(rules, r)
	}
	p, err := signin.NewProvider(signin.ProviderSettings{
		Issuer: s.Issuer, ClientID: s.ClientID, Secret: s.Secret, RedirectURL: studio + "/sign-in/callback", Name: s.Name,
		Scopes: s.scopes(), Rules: rules, HTTP: s.HTTP, Now: now,
	})
	if err != nil {
		errs = append(errs, err)
	}
	if len(errs) > 0 {
		f := fault.New(fault.Config, "the OIDC provider cannot be used").WithRemedy("`adit serve --help` shows the settings under Studio.")
		for _, err := range errs {
			f.Message += "\n  " + fault.From(err).Message
		}
		return nil, f
	}
	return p, nil
}

// scopes adds those asked for to the usual ones.
func (s SignIn) scopes() []string {
	if len(s.Scopes) == 0 {
		return nil
	}
	return append([]string{"profile", "email"}, s.Scopes...)
}

// studioURL is where people find Studio; "" where that is not known before the
// server listens: on a free port.
func (s *Settings) studioURL() string {
	if s.State.StudioURL != "" {
		return strings.TrimRight(s.State.StudioURL, "/") + studioPath
	}
	host, port, err := net.SplitHostPort(s.Listen)
	switch {
	case err != nil:
		return ""
	case !ingress.Loopback(host):
		u, err := url.Parse(s.State.IssuerURL)
		if err != nil || u.Host == "" {
			return ""
		}
		return u.Scheme + "://" + u.Host + studioPath
	case port == "0":
		return ""
	}
	scheme := "http"
	if s.TLSCert != "" {
		scheme = "https"
	}
	return scheme + "://" + net.JoinHostPort(host, port) + studioPath
}

// StudioURL returns where people find Studio.
func (a *App) StudioURL() string {
	at := a.settings.studioURL()
	switch {
	case at != "":
		return at
	case a.api == nil && a.state != nil && a.state.lastStudio != "":
		return a.state.lastStudio
	case a.api == nil: // a command without a server: where `adit serve` listens by default
		return "http://127.0.0.1:8090" + studioPath
	}
	u, err := url.Parse(a.URL())
	if err == nil && !ingress.Loopback(u.Hostname()) { // over plain HTTP only this machine may sign in
		u.Host = net.JoinHostPort("127.0.0.1", u.Port())
		return u.String() + studioPath
	}
	return a.URL() + studioPath
}

// checkStudioURL refuses a URL at which nobody can reach Studio.
func checkStudioURL(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return fault.New(fault.Config, "--studio-url %q is not a valid URL for Studio", text).
			WithRemedy("Use only scheme and host, such as https://adit.example.com; Studio is served at /studio there.")
	}
	return nil
}

// openSignIn makes the room of people.
func (s *state) openSignIn(key []byte, studio string) (err error) {
	provider, err := s.settings.SignIn.provider(studio, s.settings.Now)
	if err != nil {
		return err
	}
	s.people, err = signin.New(signin.Settings{
		Store: s.store, Key: key, Organizations: s.tenants, Provider: provider, Keys: s.keys,
		Record: s.events.Record, Now: s.settings.Now, Log: s.log,
	})
	return err
}

// FirstLink makes a link that signs in to Studio once, where nobody has ever
// signed in; "" where somebody has.
func (a *App) FirstLink(ctx context.Context) (string, error) {
	if a.state == nil {
		return "", nil
	}
	people, err := a.state.people.People(ctx, nil)
	if err != nil || len(people) > 0 {
		return "", err
	}
	_, token, err := a.state.people.MakeLink(ctx, access.By{Principal: access.System()}, "admin", []signin.Membership{{Role: access.Operator}})
	if err != nil {
		return "", err
	}
	return a.StudioURL() + "/link?token=" + url.QueryEscape(token.Reveal()), nil
}
