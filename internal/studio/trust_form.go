package studio

import (
	"maps"
	"net/url"
	"strings"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// The kinds of issuers that the form is prepared for.
const (
	github     = "github"
	kubernetes = "kubernetes"
	otherOIDC  = "other"

	githubIssuer = "https://token.actions.githubusercontent.com"
	// What stands in a prepared subject for what only the person knows.
	githubBlank     = "OWNER/REPOSITORY"
	kubernetesBlank = "NAMESPACE:NAME"
)

// trustForm is the form that makes or changes a trusted issuer.
type trustForm struct {
	Form     form
	Scope    scopeFields
	Issuer   *wire.TrustedIssuer // nil: a new one
	Template string
	To       string
	Button   string
	Audience string
	Example  string // of an issuer's URL
}

// trustTemplate is the kind that a visit asks for.
func (v *visit) trustTemplate() string {
	asked := v.query("template")
	if v.posted().Has("template") {
		asked = v.typed("template")
	}
	switch asked {
	case kubernetes, otherOIDC:
		return asked
	}
	return github
}

// prepared are the fields of a kind's form.
func prepared(template string) form {
	switch template {
	case github:
		return filled(map[string]string{"name": "github-actions", "issuer_url": githubIssuer, "subject": "repo:" + githubBlank + ":ref:refs/heads/main"})
	case kubernetes:
		return filled(map[string]string{"name": "kubernetes", "issuer_url": "", "subject": "system:serviceaccount:" + kubernetesBlank})
	}
	return form{}
}

func (v *visit) trustForm(f form, i *wire.TrustedIssuer, had scope) trustForm {
	out := trustForm{
		Form: f, Issuer: i, Scope: v.scopeFields(had), Template: v.trustTemplate(), To: v.At("trusted-issuers"), Button: "Trust issuer", Audience: v.audience(),
		Example: "https://oidc.eks.eu-central-1.amazonaws.com/id/…",
	}
	if i != nil {
		out.To, out.Button, out.Template = v.At("trusted-issuers", i.ID, "edit"), "Save", kindOf(*i)
	}
	return out
}

func (v *visit) trustFormPage(f trustForm) page {
	p := page{template: "trust-form", title: "Trust an issuer", section: "trusted-issuers", trail: v.trustTrail(), data: f}
	if f.Issuer != nil {
		p.title, p.trail = "Edit "+f.Issuer.Name, v.trustTrail(*f.Issuer)
	} else {
		p.lead = "Its tokens take the place of API keys. A token is accepted if its subject matches the pattern and its audience is this organization's."
	}
	return p
}

func (s *studio) newTrust(v *visit) (answer, error) {
	return v.trustFormPage(v.trustForm(prepared(v.trustTemplate()), nil, scope{})), nil
}

func (s *studio) createTrust(v *visit) (answer, error) {
	f := v.form()
	in, unread := trustInput(f, scope{})
	made, err := v.api.TrustIssuer(v.ctx(), v.Org.ID, in)
	if err = together(unread, err); err == nil {
		return moved{to: v.At("trusted-issuers", made.ID), notice: "Issuer trusted. See below how a job uses it."}, nil
	}
	return again(v.trustFormPage(v.trustForm(f.with(err), nil, scope{})), err)
}

// trustInput reads a form as the API takes it. had is what the issuer's callers
// have now. What cannot be read is told, and refused by the API.
func trustInput(f form, had scope) (in wire.TrustedIssuerInput, unread fault.Inputs) {
	s := readScope(f, had, &unread)
	in = wire.TrustedIssuerInput{
		Name: strings.TrimSpace(f.Value("name")), IssuerURL: strings.TrimSpace(f.Value("issuer_url")), Subject: strings.TrimSpace(f.Value("subject")),
		Environments: s.Environments, Models: s.Models, Limits: &s.Limits, Tags: s.Tags,
	}
	for blank, what := range map[string]string{githubBlank: "your repository, such as acme/search", kubernetesBlank: "the namespace and name of the service account, such as search:indexer"} {
		if strings.Contains(in.Subject, blank) {
			unread.Add("subject", "put %s in place of %s", what, blank)
			in.Subject = refusedText
		}
	}
	return in, unread
}

func trustScope(i wire.TrustedIssuer) scope {
	return scope{Environments: i.Environments, Models: i.Models, Limits: i.Limits, Tags: i.Tags}
}

func (s *studio) editTrust(v *visit) (answer, error) {
	i, err := v.api.TrustedIssuer(v.ctx(), v.Org.ID, v.path("issuer"))
	if err != nil {
		return nil, err
	}
	f := v.trustForm(form{}, &i, trustScope(i))
	values := url.Values{"name": {i.Name}, "issuer_url": {i.IssuerURL}, "subject": {i.Subject}}
	trustScope(i).values(values, f.Scope)
	f.Form = versioned(form{values: values}, i.Version)
	return v.trustFormPage(f), nil
}

func (s *studio) changeTrust(v *visit) (answer, error) {
	i, err := v.api.TrustedIssuer(v.ctx(), v.Org.ID, v.path("issuer"))
	if err != nil {
		return nil, err
	}
	f := v.form()
	p, unread := trustPatch(f, i)
	if outdated(f, i.Version) {
		err = meanwhile()
	} else {
		_, err = v.api.UpdateTrustedIssuer(client.IfMatch(v.ctx(), i.Version), v.Org.ID, i.ID, p)
		err = together(unread, err)
	}
	if err == nil {
		return moved{to: v.At("trusted-issuers", i.ID), notice: "Trusted issuer updated. Changes apply at once."}, nil
	}
	if conflicts(err) {
		if i, err = v.api.TrustedIssuer(v.ctx(), v.Org.ID, i.ID); err != nil {
			return nil, err
		}
		f, err = versioned(f, i.Version), meanwhile()
	}
	return again(v.trustFormPage(v.trustForm(f.with(err), &i, trustScope(i))), err)
}

// trustPatch is what a form changes; what nobody touched is not sent.
func trustPatch(f form, i wire.TrustedIssuer) (p wire.TrustedIssuerPatch, unread fault.Inputs) {
	in, unread := trustInput(f, trustScope(i))
	if in.Name != i.Name {
		p.Name = &in.Name
	}
	if in.Subject != i.Subject {
		p.Subject = &in.Subject
	}
	if !same(in.Environments, i.Environments) {
		p.Environments = all(in.Environments)
	}
	if !same(in.Models, i.Models) {
		p.Models = all(in.Models)
	}
	if *in.Limits != i.Limits {
		p.Limits = in.Limits
	}
	if !maps.Equal(in.Tags, i.Tags) {
		p.Tags = &in.Tags
	}
	return p, unread
}
