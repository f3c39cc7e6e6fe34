package signin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signin"
	"github.com/adit-hq/adit/internal/signin/signintest"
)

// rerouted sends every request to one server, whatever host it is for.
type rerouted struct {
	to   *url.URL
	next http.RoundTripper
}

func (r rerouted) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Scheme, req.URL.Host = r.to.Scheme, r.to.Host
	return r.next.RoundTrip(req)
}

// newGoogle is a place whose provider says of itself that it is Google.
func newGoogle(t *testing.T, rules ...string) *federated {
	t.Helper()
	f := &federated{provider: signintest.NewProvider(t)}
	f.provider.Now = func() time.Time { return f.clock() }
	server, err := url.Parse(f.provider.URL)
	if err != nil {
		t.Fatal(err)
	}
	f.provider.URL = "https://accounts.google.com"
	f.place = newPlace(t, func(s *signin.Settings) {
		settings := f.provider.Settings(t, callback, rules...)
		settings.HTTP = &http.Client{Transport: rerouted{to: server, next: settings.HTTP.Transport}}
		if s.Provider, err = signin.NewProvider(settings); err != nil {
			t.Fatal(err)
		}
	})
	return f
}

func TestOfGooglesAccountsADomainRuleFitsThoseThatTheDomainManages(t *testing.T) {
	for what, c := range map[string]struct {
		rule   string
		email  string
		hosted string
		issuer string
		fits   bool
	}{
		"managed by the domain":              {"domain:example.com=owner@a", "ada@example.com", "example.com", "", true},
		"managed, in capitals":               {"domain:example.com=owner@a", "Ada@Example.com", "Example.COM", "", true},
		"somebody's own, with the address":   {"domain:example.com=owner@a", "ada@example.com", "", "", false},
		"the same, by Google's older name":   {"domain:example.com=owner@a", "ada@example.com", "", "accounts.google.com", false},
		"managed, by Google's older name":    {"domain:example.com=owner@a", "ada@example.com", "example.com", "accounts.google.com", true},
		"managed by another domain":          {"domain:example.com=owner@a", "ada@example.com", "elsewhere.example", "", false},
		"an address outside, managed inside": {"domain:example.com=owner@a", "ada@elsewhere.example", "example.com", "", false},
		"one address, whoever manages it":    {"email:ada@example.com=owner@a", "ada@example.com", "", "", true},
	} {
		f := newGoogle(t, c.rule)
		who := signintest.Who{Subject: "10769150350006150715113082367", Email: c.email, Verified: true, Hosted: c.hosted}
		if c.issuer != "" {
			who.Claims = map[string]any{"iss": c.issuer}
		}
		if _, err := f.come(who); c.fits != (err == nil) || err != nil && code(err) != "not_invited" {
			t.Errorf("%s: %v", what, err)
		}
		if _, err := f.come(who); err != nil && c.hosted == "" && strings.Contains(fault.From(err).Remedy, "email:") {
			t.Errorf("%s: the way in that is told goes by the address: %v", what, err)
		}
	}
}
