package app

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/trust"
	"github.com/adit-hq/adit/internal/trust/trusttest"
)

// trustingServer is a server with an environment, beside an issuer that it may reach.
func trustingServer(t *testing.T) (*replica, *trusttest.Issuer) {
	t.Helper()
	issuer := trusttest.NewIssuer()
	t.Cleanup(issuer.Close)
	r := startReplica(t, newAWS(t), func(s *Settings) {
		s.State.IssuerNetworks, s.State.IssuerRoots = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, issuer.Roots()
	})
	r.ready("default", "prod")
	return r, issuer
}

func (r *replica) trusts(org string, in wire.TrustedIssuerInput) wire.TrustedIssuer {
	r.t.Helper()
	i, err := r.control.TrustIssuer(r.t.Context(), org, in)
	if err != nil {
		r.t.Fatal(err)
	}
	return i
}

func TestJobsCallWithTheTokensThatTheyHaveAnyway(t *testing.T) {
	r, issuer := trustingServer(t)
	ci := r.trusts("default", wire.TrustedIssuerInput{
		Name: "ci", IssuerURL: issuer.URL, Subject: "repo:acme/search:ref:refs/heads/main", Tags: map[string]string{"team": "search"},
	})
	workers := r.trusts("default", wire.TrustedIssuerInput{Name: "workers", IssuerURL: issuer.URL, Subject: "system:serviceaccount:search:*"})
	for _, c := range []struct {
		name    string
		claims  trusttest.Claims
		session string
	}{
		{"GitHub Actions", issuer.GitHub("acme/search", "main", ci.Audience), ci.ID},
		{"a Kubernetes service account", issuer.Kubernetes("search", "indexer", ci.Audience), workers.ID},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := r.embed(issuer.Mint(c.claims), "prod/"+titanV2, "a text of a job")
			if got.status != http.StatusOK {
				t.Fatalf("%d %s", got.status, got.body)
			}
			seen := ""
			for _, e := range r.aws.Trail() {
				if e.Operation == "InvokeModel" {
					seen = e.Principal
				}
			}
			if !strings.Contains(seen, c.session) {
				t.Errorf("AWS saw %q, not the job's issuer %q", seen, c.session)
			}
		})
	}
	u, err := r.control.Usage(t.Context(), usageBy("default", "key", "tag:team"))
	if err != nil {
		t.Fatal(err)
	}
	if len(u.Items) != 2 || u.Total.Requests != 2 {
		t.Errorf("usage tells %+v", u)
	}
}

func TestATokenThatIsNotForThisOrganizationOrNotGoodIsRefused(t *testing.T) {
	r, issuer := trustingServer(t)
	other := r.organization("other")
	const subject = "repo:acme/search:ref:refs/heads/main"
	ours := r.trusts("default", wire.TrustedIssuerInput{Name: "ci", IssuerURL: issuer.URL, Subject: subject})
	good := issuer.GitHub("acme/search", "main", ours.Audience)
	stranger := trusttest.NewIssuer()
	t.Cleanup(stranger.Close)
	signing := issuer.Signing()
	published, err := json.Marshal(signing.Public())
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{
		"the audience of AWS":                 issuer.Mint(good.With(trusttest.Claims{"aud": "bedrock"})),
		"another organization's audience":     issuer.Mint(good.With(trusttest.Claims{"aud": trust.Audience(other)})),
		"another subject":                     issuer.Mint(issuer.GitHub("acme/search", "main-but-not", ours.Audience)),
		"a subject that only begins so":       issuer.Mint(good.With(trusttest.Claims{"sub": subject + "/more"})),
		"expired":                             issuer.Mint(good.With(trusttest.Claims{"iat": time.Now().Add(-time.Hour).Unix(), "nbf": time.Now().Add(-time.Hour).Unix(), "exp": time.Now().Add(-30 * time.Minute).Unix()})),
		"an unknown key":                      stranger.Mint(good),
		"no signature, alg none":              trusttest.Unsigned(map[string]any{"alg": "none", "typ": "JWT"}, good, nil),
		"HS256 with the public key as secret": trusttest.MintWith(jose.SigningKey{Algorithm: jose.HS256, Key: published}, map[string]any{"kid": signing.KeyID}, good),
		"a token for AWS of Adit's own":       r.minted(),
	} {
		before := r.calls("AssumeRoleWithWebIdentity")
		got := r.embed(token, "prod/"+titanV2, "x")
		if got.status != http.StatusUnauthorized || r.calls("AssumeRoleWithWebIdentity") != before {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
		if strings.Contains(got.body, token) || strings.Contains(r.log.String(), token) {
			t.Errorf("%s: the token was told on", name)
		}
	}
	if got := r.embed(issuer.Mint(good), "prod/"+titanV2, "x"); got.status != http.StatusOK {
		t.Fatalf("the good one: %d %s", got.status, got.body)
	}
	if err := r.control.DistrustIssuer(t.Context(), "default", "ci"); err != nil {
		t.Fatal(err)
	}
	if got := r.embed(issuer.Mint(good), "prod/"+titanV2, "x"); got.status != http.StatusUnauthorized {
		t.Errorf("after the issuer was revoked: %d %s", got.status, got.body)
	}
}

// minted is a token for AWS of the environment prod.
func (r *replica) minted() string {
	r.t.Helper()
	token, err := r.control.Token(r.t.Context(), "default", "prod", wire.TokenInput{})
	if err != nil {
		r.t.Fatal(err)
	}
	return token.Token
}

func TestASpentBudgetRefusesItsKeyAndNoOther(t *testing.T) {
	day := newClock() // it does not end while the test runs
	r := startReplica(t, newAWS(t), func(s *Settings) { s.State.Now = day.Now })
	r.ready("default", "prod")
	key := r.key("default", "search")
	b, err := r.control.CreateBudget(t.Context(), "default", wire.BudgetInput{Target: "search", Period: "day", SoftUSD: "0.000000001", HardUSD: "0.0000001"})
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("word ", 50)
	if got := r.embed(key, "prod/"+titanV2, text); got.status != http.StatusOK {
		t.Fatalf("within the budget: %d %s", got.status, got.body)
	}
	refused := r.embed(key, "prod/"+titanV2, text)
	if refused.status != http.StatusTooManyRequests || !strings.Contains(refused.body, "budget_exceeded") {
		t.Fatalf("over the budget: %d %s", refused.status, refused.body)
	}
	if other := r.embed(r.key("default", "other"), "prod/"+titanV2, text); other.status != http.StatusOK {
		t.Errorf("another key: %d %s", other.status, other.body)
	}
	b, err = r.control.Budget(t.Context(), "default", b.ID)
	if err != nil || b.State != "exceeded" || b.SpentUSD == "0" {
		t.Errorf("the budget tells %+v, %v", b, err)
	}
	u, err := r.control.Usage(t.Context(), usageBy("default", "key"))
	if err != nil || u.Total.Requests != 3 || u.Total.OverBudget != 1 || u.Total.Throttles != 0 || u.Total.Errors != 0 {
		t.Errorf("the usage tells %+v, %v", u.Total, err)
	}
}

// usageBy asks for an organization's usage, grouped.
func usageBy(org string, group ...string) client.UsageFilter {
	return client.UsageFilter{Organization: org, Group: group}
}
