package control

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/trust"
)

// trusted is the world's registry of trusted issuers.
type trusted struct{ w *world }

func (r trusted) Issuers(organization string) (out []trust.Issuer, _ error) {
	for _, i := range r.w.trusted {
		if i.Organization == organization {
			out = append(out, i)
		}
	}
	return out, nil
}

func (r trusted) Issuer(organization, idOrName string) (trust.Issuer, error) {
	for _, i := range r.w.trusted {
		if i.Organization == organization && (i.ID == idOrName || i.Name == idOrName) {
			return i, nil
		}
	}
	return trust.Issuer{}, fault.New(fault.NotFound, "there is no such trusted issuer").WithCode("trust_not_found")
}

func (r trusted) Used(context.Context, string) (map[string]time.Time, error) {
	return map[string]time.Time{ourIssuer: start()}, nil
}

func (r trusted) Problem(id string) string { return r.w.problems[id] }

func (r trusted) Create(_ context.Context, by access.By, in trust.Input) (trust.Issuer, error) {
	i := trust.Issuer{
		ID: "tru_new", Organization: in.Organization, Name: in.Name, URL: in.URL, Subject: in.Subject,
		Environments: in.Environments, Models: in.Models, Limits: in.Limits, Tags: in.Tags, Version: 1,
	}
	return i, r.w.changed("trust " + in.URL + " by " + by.Principal.Key.ID)
}

func (r trusted) Update(_ context.Context, _ access.By, organization, idOrName string, p trust.Patch) (trust.Issuer, error) {
	i, err := r.Issuer(organization, idOrName)
	if err != nil {
		return i, err
	}
	if p.Limits != nil {
		i.Limits = *p.Limits
	}
	if p.Environments != nil {
		i.Environments = *p.Environments
	}
	return i, r.w.changed("update issuer " + idOrName)
}

func (r trusted) Revoke(_ context.Context, _ access.By, organization, idOrName string, _ int64) error {
	if _, err := r.Issuer(organization, idOrName); err != nil {
		return err
	}
	return r.w.changed("distrust " + idOrName)
}

const trustedIssuers = base + "/organizations/ours/trusted-issuers"

func TestATrustedIssuerShowsTheAudienceThatAditFixes(t *testing.T) {
	w := newWorld()
	w.trusted[0].Limits, w.trusted[0].Tags = caller.Limits{PerMinute: 60}, map[string]string{"team": "search"}
	w.problems = map[string]string{ourIssuer: "its keys cannot be read"}
	h := New(w.settings())
	at := start()
	want := wire.TrustedIssuer{
		ID: ourIssuer, Organization: ours, Name: "ci", IssuerURL: "https://token.actions.githubusercontent.com", Subject: "repo:acme/search:*",
		Audience: "adit:" + ours, Limits: wire.Limits{PerMinute: 60}, Tags: map[string]string{"team": "search"},
		Created: at, Updated: at, LastUsed: &at, Problem: "its keys cannot be read", Version: 1,
	}
	for _, name := range []string{"ci", ourIssuer} {
		if d := cmp.Diff(want, read[wire.TrustedIssuer](t, ask(t, h, "auditor@"+ours, "GET", trustedIssuers+"/"+name, ""), http.StatusOK)); d != "" {
			t.Error(d)
		}
	}
	for query, n := range map[string]int{"": 1, "?search=TEAM%3Dsearch": 1, "?search=actions.github": 1, "?search=repo:acme": 1, "?search=theirs": 0} {
		if got := names(t, h, "admin@"+ours, "/organizations/ours/trusted-issuers"+query, "id"); len(got) != n {
			t.Errorf("%s: %q", query, got)
		}
	}
}

func TestATrustedIssuerIsOfTheOrganizationOfThePath(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	body := `{"name":"k8s","issuer_url":"https://oidc.example.com","subject":"system:serviceaccount:a:b","environments":["prod"],"limits":{"max_concurrent":2}}`
	got := read[wire.TrustedIssuer](t, ask(t, h, "admin@"+ours, "POST", trustedIssuers, body), http.StatusCreated)
	if got.Organization != ours || got.Audience != "adit:"+ours || got.Limits.Concurrent != 2 || len(got.Environments) != 1 {
		t.Errorf("%+v", got)
	}
	changed := read[wire.TrustedIssuer](t, ask(t, h, "admin@"+ours, "PATCH", trustedIssuers+"/ci", `{"environments":["*"],"limits":{"requests_per_minute":9}}`), http.StatusOK)
	if changed.Limits != (wire.Limits{PerMinute: 9}) || changed.Environments[0] != "*" {
		t.Errorf("%+v", changed)
	}
	if d := cmp.Diff([]string{"trust https://oidc.example.com by key_admin", "update issuer ci"}, w.changes); d != "" {
		t.Error(d)
	}
	p := told(t, ask(t, h, "admin@"+ours, "PATCH", trustedIssuers+"/ci", `{"issuer_url":"https://evil.example.com"}`))
	if p.Status != 422 || p.Errors[0].Location != "body.issuer_url" {
		t.Errorf("the issuer itself was changed: %+v", p)
	}
}
