package chromium

import (
	"fmt"
	"time"

	"github.com/adit-hq/adit/internal/control/wire"
)

const (
	cohereV3 = "cohere.embed-multilingual-v3"
	cohereV4 = "cohere.embed-v4:0"
	titanV1  = "amazon.titan-embed-text-v1"
)

// furniture are the ids of one of everything.
type furniture struct{ environment, failing, waiting, key, trusted, budget string }

// furnished is a stand as a company has it after a month: environments in every
// state but the unsafe one, callers of both kinds, budgets, and their use.
func (s *stand) furnished() furniture {
	s.t.Helper()
	environments := s.environments()
	callers, secret := s.callers(environments)
	s.use(month(time.Now(), environments, callers))
	budgets := map[string]string{}
	for _, b := range []wire.BudgetInput{
		{Target: "search", Period: "day", SoftUSD: "0.25", HardUSD: "60"},
		{Target: "prod", Period: "month", SoftUSD: "1200", HardUSD: "1500"},
		{Target: "recommendations", Period: "day", SoftUSD: "45"},
		{Target: "staging", Period: "day", HardUSD: "2.50"},
	} {
		made, err := s.control.CreateBudget(s.t.Context(), s.org, b)
		s.must(err)
		budgets[b.Target] = made.ID
	}
	for i := range 3 { // real ones, which the environment's last exchange is of
		status, answer := s.ask("POST", "/v1/embeddings", secret, fmt.Sprintf(`{"model":"prod/%s","input":["text %d","a second one"]}`, titanV2, i))
		if status != 200 {
			s.t.Fatalf("%d %s", status, answer)
		}
	}
	s.rename("acme", "Search, recommendations and support")
	return furniture{environments["prod"], environments["legal-archive"], environments["sandbox"], callers["search"], callers["search-ci"], budgets["search"]}
}

// rename gives the organization another name.
func (s *stand) rename(name, description string) {
	s.t.Helper()
	_, err := s.control.UpdateOrganization(s.t.Context(), s.org, wire.OrganizationPatch{Name: &name, Description: &description})
	s.must(err)
	s.org = name
}

// environments makes them, and returns their ids by name.
func (s *stand) environments() map[string]string {
	s.t.Helper()
	ids := map[string]string{}
	for _, in := range []wire.EnvironmentInput{
		{Name: "prod", Region: "us-east-1", Models: []string{titanV2, cohereV3}, Description: "Search and recommendations", Tags: map[string]string{"stage": "production", "owner": "platform"}, Limits: &wire.Limits{PerMinute: 6000, Concurrent: 200}},
		{Name: "analytics-eu", Region: "eu-central-1", Models: []string{titanV2, cohereV4}, Description: "Nightly clustering of support tickets", Tags: map[string]string{"stage": "production"}},
		{Name: "staging", Region: "us-east-1", Models: []string{titanV2}, Description: "What the next release is tried with"},
		{Name: "legal-archive", Region: "eu-west-1", Models: []string{titanV1}, RoleARN: "arn:aws:iam::999988887777:role/adit-legal-archive", Description: "Contracts, in the legal department's own account"},
		{Name: "sandbox", Region: "eu-central-1"},
	} {
		e, err := s.control.CreateEnvironment(s.t.Context(), s.org, in)
		s.must(err)
		ids[e.Name] = e.ID
	}
	for _, name := range []string{"prod", "analytics-eu", "staging"} {
		s.adit("aws", "setup", name, "--yes")
	}
	_, _ = s.control.Exchange(s.t.Context(), s.org, ids["legal-archive"], wire.ExchangeInput{}) // AWS knows no such role
	return ids
}

// callers makes keys and trusted issuers, and returns their ids by name, and the secret of search.
func (s *stand) callers(environments map[string]string) (ids map[string]string, secret string) {
	s.t.Helper()
	ids = map[string]string{}
	soon := time.Now().Add(6 * 24 * time.Hour)
	for _, in := range []wire.KeyInput{
		{Name: "search", Tags: map[string]string{"team": "search", "cost-center": "4711"}},
		{Name: "recommendations", Environments: []string{environments["prod"]}, Tags: map[string]string{"team": "discovery"}, Limits: &wire.Limits{PerMinute: 1200}},
		{Name: "ticket-clustering", Environments: []string{environments["analytics-eu"]}, Tags: map[string]string{"team": "support"}},
		{Name: "contracts", Environments: []string{environments["legal-archive"]}, Tags: map[string]string{"team": "legal"}},
		{Name: "load-test-of-the-november-release", Environments: []string{environments["staging"]}, Expires: &soon},
	} {
		k, err := s.control.CreateKey(s.t.Context(), s.org, in)
		s.must(err)
		ids[in.Name] = k.Key.ID
		if in.Name == "search" {
			secret = k.Secret
		}
	}
	for _, in := range []wire.TrustedIssuerInput{
		{Name: "search-ci", IssuerURL: s.issuer.URL, Subject: "repo:acme/search:ref:refs/heads/main", Environments: []string{environments["staging"]}, Tags: map[string]string{"team": "search"}},
		{Name: "indexer", IssuerURL: s.issuer.URL, Subject: "system:serviceaccount:search:indexer", Tags: map[string]string{"team": "search"}},
	} {
		t, err := s.control.TrustIssuer(s.t.Context(), s.org, in)
		s.must(err)
		ids[in.Name] = t.ID
	}
	return ids, secret
}
