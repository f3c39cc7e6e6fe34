package trust_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/egress"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/trust"
)

func TestAllFaultsOfAnInputAreToldAtOnce(t *testing.T) {
	s := newServer(t)
	_, err := s.trust.Create(t.Context(), system(), trust.Input{
		Organization: orgA, Name: "", URL: "http://idp.example", Subject: "*", Environments: []string{"nowhere"}, Models: []string{"a b"},
		Limits: caller.Limits{PerMinute: -1, Concurrent: -1}, Tags: map[string]string{"key": "x"},
	})
	want := []string{"name", "issuer_url", "subject", "environments", "models", "limits.requests_per_minute", "limits.max_concurrent", "tags"}
	if diff := cmp.Diff(want, params(err)); diff != "" {
		t.Error(diff, err)
	}
}

func TestANameThatIsTakenIsToldWithTheOtherFaults(t *testing.T) {
	s := newServer(t)
	taken, other := s.trusts(orgA, mainBranch), s.trusts(orgA, mainBranch)
	all := "*"
	_, created := s.trust.Create(t.Context(), system(), trust.Input{Organization: orgA, Name: taken.Name, URL: taken.URL, Subject: all})
	_, changed := s.trust.Update(t.Context(), system(), orgA, other.ID, trust.Patch{Name: &taken.Name, Subject: &all})
	for _, err := range []error{created, changed} {
		if diff := cmp.Diff([]string{"subject", "name"}, params(err)); diff != "" {
			t.Error(diff, err)
		}
	}
	_, same := s.trust.Update(t.Context(), system(), orgA, taken.ID, trust.Patch{Name: &taken.Name, Subject: &all})
	if diff := cmp.Diff([]string{"subject"}, params(same)); diff != "" {
		t.Error("the name is its own", diff, same)
	}
}

func TestAnIssuersURL(t *testing.T) {
	s := newServer(t, func(set *trust.Settings) { set.Egress = egress.Policy{} })
	for url, want := range map[string]string{
		"":                          "1 to",
		"http://idp.example":        "https://",
		"https://idp.example?x=1":   "query",
		"https://idp.example/?":     "query",
		"https://idp.example/#f":    "fragment",
		"https://me@idp.example":    "user name",
		"https://localhost":         "private network",
		"https://10.0.0.1":          "private",
		"https://127.0.0.1:8443":    "loopback",
		"https://idp.example:8443":  "443",
		"https://adit.example.com":  "own issuer",
		"https://adit.example.com/": "own issuer",
		"https://169.254.169.254/":  "metadata",
		"https://idp.example/.well-known/openid-configuration": "discovery document",
		"https://idp.example/" + strings.Repeat("a", 512):      "512",
		"https://token.actions.githubusercontent.com":          "",
		"https://oidc.eks.eu-west-1.amazonaws.com/id/ABC":      "",
		"https://idp.example/":                                 "",
	} {
		i, err := s.trust.Create(t.Context(), system(), trust.Input{Organization: orgA, Name: fmt.Sprint(len(url), want), URL: url, Subject: mainBranch})
		switch {
		case want == "" && (err != nil || i.URL != url):
			t.Errorf("%s: %q, %v", url, i.URL, err)
		case want != "" && (err == nil || fault.From(err).Param != "issuer_url" || !strings.Contains(err.Error(), want)):
			t.Errorf("%.60s: %v", url, err)
		}
	}
}

func TestOnlyWhoMayMakeKeysMakesRules(t *testing.T) {
	s := newServer(t)
	rule := s.trusts(orgA, mainBranch)
	by := func(organization string, role access.Role) access.By {
		return access.By{Principal: access.Principal{Key: access.Key{ID: "key_x", Organization: organization, Roles: []access.Role{role}}}}
	}
	name := "renamed"
	for _, c := range []struct {
		by   access.By
		want string
	}{
		{by(orgA, access.Owner), ""}, {by(orgA, access.Admin), ""}, {by("", access.Operator), ""},
		{by(orgA, access.Developer), "role_not_yours"}, {by(orgA, access.Auditor), "role_not_yours"}, {by(orgA, access.Invoke), "role_not_yours"},
		{by(orgB, access.Owner), "role_not_yours"}, {by(orgA, access.Operator), "role_not_yours"}, {access.By{}, "role_not_yours"},
	} {
		_, created := s.trust.Create(t.Context(), c.by, trust.Input{Organization: orgA, Name: fmt.Sprint(c.by.Principal.Key.Roles, c.by.Principal.Key.Organization), URL: s.issuer.URL, Subject: mainBranch})
		_, updated := s.trust.Update(t.Context(), c.by, orgA, rule.ID, trust.Patch{Name: &name})
		if code(created) != c.want || code(updated) != c.want {
			t.Errorf("%v: %v, %v", c.by.Principal.Key.Roles, created, updated)
		}
		if c.want != "" && code(s.trust.Revoke(t.Context(), c.by, orgA, rule.ID, 0)) != c.want {
			t.Errorf("%v may revoke", c.by.Principal.Key.Roles)
		}
	}
}

func TestChangesAreAudited(t *testing.T) {
	s := newServer(t)
	rule := s.create(trust.Input{Organization: orgA, Name: "ci", URL: s.issuer.URL, Subject: mainBranch, Tags: map[string]string{"team": "search"}})
	name, limits := "jobs", caller.Limits{PerMinute: 5, Concurrent: 2}
	by := access.By{Principal: access.System(), Address: "192.0.2.7"}
	changed, err := s.trust.Update(t.Context(), by, orgA, "ci", trust.Patch{Name: &name, Limits: &limits, Version: rule.Version})
	if err != nil || changed.Version != 2 {
		t.Fatal(changed, err)
	}
	if again, err := s.trust.Update(t.Context(), by, orgA, "jobs", trust.Patch{Name: &name}); err != nil || again.Version != 2 {
		t.Errorf("what changes nothing is a change: %+v, %v", again, err)
	}
	if err := s.trust.Revoke(t.Context(), by, orgA, "jobs", 0); err != nil {
		t.Fatal(err)
	}
	rows, err := s.store.Audit.Rows(t.Context(), audit.Query{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range rows {
		got = append(got, row.Action+" "+row.Organization+" "+row.Target+" "+row.Actor.Address+" "+row.Details["changed"])
	}
	want := []string{
		"trust.create " + orgA + " " + rule.ID + "  ",
		"trust.update " + orgA + " " + rule.ID + " 192.0.2.7 max_concurrent,name,requests_per_minute",
		"trust.revoke " + orgA + " " + rule.ID + " 192.0.2.7 ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestARuleIsFoundInItsOrganizationOnly(t *testing.T) {
	s := newServer(t)
	rule := s.trusts(orgA, mainBranch)
	for _, name := range []string{rule.ID, rule.Name} {
		if got, err := s.trust.Issuer(orgA, name); err != nil || got.ID != rule.ID {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := s.trust.Issuer(orgB, name); code(err) != "trust_not_found" || fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
		if _, err := s.trust.Update(t.Context(), system(), orgB, name, trust.Patch{}); code(err) != "trust_not_found" {
			t.Error(err)
		}
	}
	if err := s.trust.Revoke(t.Context(), system(), orgA, rule.ID, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := s.trust.Issuer(orgA, rule.ID); code(err) != "trust_not_found" {
		t.Error(err)
	}
	if list, err := s.trust.Issuers(orgA); err != nil || len(list) != 0 {
		t.Error(list, err)
	}
	if _, err := s.trust.Create(t.Context(), system(), trust.Input{Organization: "nobody"}); code(err) != "organization_not_found" {
		t.Error(err)
	}
}

func TestAnUpdateOfAnotherVersionIsRefused(t *testing.T) {
	s := newServer(t)
	rule := s.trusts(orgA, mainBranch)
	name := "x"
	if _, err := s.trust.Update(t.Context(), system(), orgA, rule.ID, trust.Patch{Name: &name, Version: 7}); code(err) != "conflict" {
		t.Error(err)
	}
	// Another replica was faster: the change is made anew on what is there.
	other := newServer(t, func(set *trust.Settings) { set.Store = s.store; set.Egress = s.issuer.Policy() })
	other.store = s.store
	other.trust.Set(s.store.Things())
	subject := "repo:acme/other:ref:refs/heads/main"
	if _, err := other.trust.Update(t.Context(), system(), orgA, rule.ID, trust.Patch{Subject: &subject}); err != nil {
		t.Fatal(err)
	}
	got, err := s.trust.Update(t.Context(), system(), orgA, rule.ID, trust.Patch{Name: &name})
	if err != nil || got.Subject != subject || got.Name != name || got.Version != 3 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestWhatARuleHasAlreadyIsNotHeldAgainstIt(t *testing.T) {
	s := newServer(t)
	rule := s.trusts(orgA, mainBranch)
	strict := newServer(t, func(set *trust.Settings) { set.Store = s.store; set.Egress = egress.Policy{} })
	strict.store = s.store
	strict.trust.Set(s.store.Things())
	name := "renamed"
	if _, err := strict.trust.Update(t.Context(), system(), orgA, rule.ID, trust.Patch{Name: &name}); err != nil {
		t.Error(err)
	}
}

func TestAnOrganizationHasAHundredAtMost(t *testing.T) {
	s := newServer(t)
	var all []trust.Issuer
	for n := range 100 {
		all = append(all, trust.Issuer{ID: fmt.Sprint("tru_", n), Organization: orgA, Name: fmt.Sprint(n), URL: "https://idp.example", Subject: mainBranch})
	}
	s.trust.Set(all)
	in := trust.Input{Organization: orgA, Name: "one more", URL: s.issuer.URL, Subject: mainBranch}
	if _, err := s.trust.Create(t.Context(), system(), in); code(err) != "too_many" {
		t.Error(err)
	}
	in.Organization = orgB
	if _, err := s.trust.Create(t.Context(), system(), in); err != nil {
		t.Error(err)
	}
}

func TestAFailedWriteChangesNothing(t *testing.T) {
	s := newServer(t)
	rule := s.trusts(orgA, mainBranch)
	s.store.Before = func() error { return errors.New("disk full") }
	if s.trust.Revoke(t.Context(), system(), orgA, rule.ID, 0) == nil {
		t.Error("no fault")
	}
	s.lets(s.issuer.Mint(s.job()))
}
