package studio

import (
	"cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

func (s *studio) trustRoutes() []route {
	const all, one = "/o/{org}/trusted-issuers", "/o/{org}/trusted-issuers/{issuer}"
	return []route{
		get(all, access.ReadTrust, s.trustedIssuers),
		get(all+"/new", access.WriteTrust, s.newTrust),
		post(all, access.WriteTrust, s.createTrust),
		get(one, access.ReadTrust, s.trustedIssuer),
		get(one+"/edit", access.WriteTrust, s.editTrust),
		post(one+"/edit", access.WriteTrust, s.changeTrust),
		get(one+"/revoke", access.WriteTrust, s.askRevokeTrust),
		post(one+"/revoke", access.WriteTrust, s.revokeTrust),
	}
}

// trustRow is a trusted issuer as pages draw it.
type trustRow struct {
	wire.TrustedIssuer
	Places []string // names of the environments that its callers may use; none: all
	Jobs   []snippet
}

func (v *visit) trustRow(i wire.TrustedIssuer, n *names) trustRow {
	row := trustRow{TrustedIssuer: i}
	for _, id := range i.Environments {
		row.Places = append(row.Places, cmp.Or(n.Of(id), id))
	}
	return row
}

// LimitsText says the limits in a few words.
func (t trustRow) LimitsText() string { return limitsText(t.Limits) }

type trustData struct {
	Rows         []trustRow
	Next, Search string
	Audience     string
}

func (s *studio) trustedIssuers(v *visit) (answer, error) {
	l := v.list()
	p, err := v.api.TrustedIssuerPage(v.ctx(), v.Org.ID, l)
	if err != nil {
		return nil, err
	}
	data := trustData{Next: p.Next, Search: l.Search, Audience: v.audience()}
	n := newNames(v)
	for _, i := range p.Items {
		data.Rows = append(data.Rows, v.trustRow(i, n))
	}
	var actions []link
	if v.May(access.WriteTrust) {
		actions = []link{{Label: "Trust an issuer", URL: v.At("trusted-issuers", "new"), Primary: true}}
	}
	return page{
		template: "trusted-issuers", title: "Trusted issuers", section: "trusted-issuers", actions: actions, data: data,
		lead: "Workloads with an identity of their own, such as GitHub Actions jobs and Kubernetes pods, call /v1 without an API key.",
	}, nil
}

// audience is what tokens for this organization must be made for. Adit fixes it,
// so that a token for one organization is never taken by another.
func (v *visit) audience() string { return "adit:" + v.Org.ID }

func (s *studio) trustedIssuer(v *visit) (answer, error) {
	i, err := v.api.TrustedIssuer(v.ctx(), v.Org.ID, v.path("issuer"))
	if err != nil {
		return nil, err
	}
	row := v.trustRow(i, newNames(v))
	row.Jobs = v.jobs(i)
	p := page{template: "trusted-issuer", title: i.Name, section: "trusted-issuers", trail: v.trustTrail(), data: row}
	if i.Problem != "" {
		p.fault = fault.New(fault.Unavailable, "%s", i.Problem).
			WithRemedy("Until its keys can be read, tokens of this issuer are refused. Check that this server can reach the issuer's URL.")
	}
	if v.May(access.WriteTrust) {
		p.actions = []link{
			{Label: "Edit", URL: v.At("trusted-issuers", i.ID, "edit")}, {Label: "Revoke", URL: v.At("trusted-issuers", i.ID, "revoke"), Danger: true},
		}
	}
	return p, nil
}

// trustTrail leads back to the list, and to the issuers named.
func (v *visit) trustTrail(issuers ...wire.TrustedIssuer) []link {
	trail := []link{{Label: "Trusted issuers", URL: v.At("trusted-issuers")}}
	for _, i := range issuers {
		trail = append(trail, link{Label: clip(40, i.Name), URL: v.At("trusted-issuers", i.ID)})
	}
	return trail
}

func (v *visit) revokeTrustPage(i wire.TrustedIssuer, f form) page {
	used := "It has never been used."
	if i.LastUsed != nil {
		used = "It was last used " + relative(*i.LastUsed, v.now()) + "."
	}
	c := confirmation{
		What:   "Tokens of " + i.IssuerURL + " with a subject that matches " + i.Subject + " are no longer accepted.",
		Breaks: []string{"Every job that relies on it is refused from now on, including running ones.", used, "The usage and audit history of its callers is kept."},
		Type:   i.Name, TypeWhat: "the trusted issuer's name", To: v.At("trusted-issuers", i.ID, "revoke"), Button: "Revoke trust",
		Back: v.At("trusted-issuers", i.ID), Form: f,
	}
	p := c.page("Revoke "+i.Name, v.trustTrail(i)...)
	p.section = "trusted-issuers"
	return p
}

func (s *studio) askRevokeTrust(v *visit) (answer, error) {
	i, err := v.api.TrustedIssuer(v.ctx(), v.Org.ID, v.path("issuer"))
	if err != nil {
		return nil, err
	}
	return v.revokeTrustPage(i, form{}), nil
}

func (s *studio) revokeTrust(v *visit) (answer, error) {
	i, err := v.api.TrustedIssuer(v.ctx(), v.Org.ID, v.path("issuer"))
	if err != nil {
		return nil, err
	}
	if err = v.confirmed(i.Name); err == nil {
		err = v.api.DistrustIssuer(v.ctx(), v.Org.ID, i.ID)
	}
	if err != nil {
		return again(v.revokeTrustPage(i, v.form().with(err)), err)
	}
	return moved{to: v.At("trusted-issuers"), notice: clip(60, i.Name) + " is not trusted any more."}, nil
}
