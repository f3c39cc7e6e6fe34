package control

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/trust"
)

// Trusted knows the issuers whose tokens callers may use in place of API keys.
type Trusted interface {
	// Issuers returns those of the organization with that id, in order of name and id.
	Issuers(organization string) ([]trust.Issuer, error)
	Issuer(organization, idOrName string) (trust.Issuer, error)
	// Used returns when they last let somebody in, by id.
	Used(ctx context.Context, organization string) (map[string]time.Time, error)
	// Problem returns why the keys of the issuer with that id cannot be read; "" when they can.
	Problem(id string) string
	TrustChanges
}

// TrustChanges changes them.
type TrustChanges interface {
	Create(ctx context.Context, by access.By, in trust.Input) (trust.Issuer, error)
	Update(ctx context.Context, by access.By, organization, idOrName string, p trust.Patch) (trust.Issuer, error)
	Revoke(ctx context.Context, by access.By, organization, idOrName string, version int64) error
}

func (a *api) trustedRoutes() []route {
	const all = "/organizations/{org}/trusted-issuers"
	const one = all + "/{issuer}"
	return []route{
		{"GET", all, "list-trusted-issuers", "List the issuers whose tokens callers may use in place of API keys", access.ReadTrust, ofOrganization, 0, on(a.listTrusted)},
		{"POST", all, "create-trusted-issuer", "Trust another OIDC issuer, so that callers can use its tokens", access.WriteTrust, ofOrganization, 0, made(a.createTrusted)},
		{"GET", one, "show-trusted-issuer", "Show a trusted issuer", access.ReadTrust, ofOrganization, 0, on(a.showTrusted)},
		{"PATCH", one, "update-trusted-issuer", "Change a trusted issuer", access.WriteTrust, ofOrganization, 0, versioned(on(a.updateTrusted))},
		{"DELETE", one, "revoke-trusted-issuer", "Stop trusting an issuer, immediately and permanently", access.WriteTrust, ofOrganization, 0, versioned(does(a.revokeTrusted))},
	}
}

// InTrusted is the path of a trusted issuer.
type InTrusted struct {
	InOrganization
	Issuer string `path:"issuer" maxLength:"128" doc:"Id or name of the trusted issuer"`
}

type listTrustedInput struct {
	InOrganization
	Paging
	Searched
	Sort string `query:"sort" enum:"name,-name,created,-created,updated,-updated,last_used,-last_used" default:"name" doc:"Sort order of the list; - reverses it"`
}

func (a *api) listTrusted(ctx context.Context, c *call, in *listTrustedInput) (wire.Page[wire.TrustedIssuer], error) {
	all, err := a.s.Trusted.Issuers(c.organization.ID)
	if err != nil {
		return wire.Page[wire.TrustedIssuer]{}, err
	}
	used, err := a.s.Trusted.Used(ctx, c.organization.ID)
	if err != nil {
		return wire.Page[wire.TrustedIssuer]{}, err
	}
	keep := func(i trust.Issuer) bool {
		return in.finds(append(tagTexts(i.Tags), i.Name, i.ID, i.URL, i.Subject)...)
	}
	by := sorts[trust.Issuer]{
		"name":      func(i trust.Issuer) string { return i.Name },
		"created":   func(i trust.Issuer) string { return sortable(i.Created) },
		"updated":   func(i trust.Issuer) string { return sortable(i.Updated) },
		"last_used": func(i trust.Issuer) string { return sortable(used[i.ID]) },
	}.by(in.Sort, func(i trust.Issuer) string { return i.ID })
	show := func(i trust.Issuer) wire.TrustedIssuer { return a.showIssuer(i, used[i.ID]) }
	return pageOf(all, keep, in.Paging, by, show, "trusted", c.organization.ID, in.Search)
}

// shownIssuer is an issuer with its last use.
func (a *api) shownIssuer(ctx context.Context, i trust.Issuer) (wire.TrustedIssuer, error) {
	used, err := a.s.Trusted.Used(ctx, i.Organization)
	return a.showIssuer(i, used[i.ID]), err
}

// showIssuer is an issuer as clients see it, with the audience that Adit fixes.
func (a *api) showIssuer(i trust.Issuer, used time.Time) wire.TrustedIssuer {
	return wire.TrustedIssuer{
		ID: i.ID, Organization: i.Organization, Name: i.Name, IssuerURL: i.URL, Subject: i.Subject, Audience: trust.Audience(i.Organization),
		Environments: i.Environments, Models: i.Models, Limits: wire.Limits{PerMinute: i.Limits.PerMinute, Concurrent: i.Limits.Concurrent}, Tags: i.Tags,
		Created: i.Created.UTC(), Updated: i.Updated.UTC(), LastUsed: moment(used), Problem: a.s.Trusted.Problem(i.ID), Version: i.Version,
	}
}

type createTrustedInput struct {
	InOrganization
	Body wire.TrustedIssuerInput
}

func (a *api) createTrusted(ctx context.Context, c *call, in *createTrustedInput) (wire.TrustedIssuer, error) {
	b := in.Body
	i, err := a.s.Trusted.Create(ctx, c.by(), trust.Input{
		Organization: c.organization.ID, Name: b.Name, URL: b.IssuerURL, Subject: b.Subject,
		Environments: b.Environments, Models: b.Models, Limits: limits(b.Limits), Tags: b.Tags,
	})
	if err != nil {
		return wire.TrustedIssuer{}, err
	}
	return a.showIssuer(i, time.Time{}), nil
}

func (a *api) showTrusted(ctx context.Context, c *call, in *InTrusted) (wire.TrustedIssuer, error) {
	i, err := a.s.Trusted.Issuer(c.organization.ID, in.Issuer)
	if err != nil {
		return wire.TrustedIssuer{}, err
	}
	return a.shownIssuer(ctx, i)
}

type updateTrustedInput struct {
	InTrusted
	Body wire.TrustedIssuerPatch
}

func (a *api) updateTrusted(ctx context.Context, c *call, in *updateTrustedInput) (wire.TrustedIssuer, error) {
	issuer, version, err := a.pinnedTrusted(c, in.Issuer)
	if err != nil {
		return wire.TrustedIssuer{}, err
	}
	b := in.Body
	p := trust.Patch{Version: version, Name: b.Name, Subject: b.Subject, Environments: b.Environments, Models: b.Models, Tags: b.Tags}
	if b.Limits != nil {
		p.Limits = &caller.Limits{PerMinute: b.Limits.PerMinute, Concurrent: b.Limits.Concurrent}
	}
	i, err := a.s.Trusted.Update(ctx, c.by(), c.organization.ID, issuer, p)
	if err != nil {
		return wire.TrustedIssuer{}, err
	}
	return a.shownIssuer(ctx, i)
}

// pinnedTrusted is the issuer, and the version, that a change is to be made of.
func (a *api) pinnedTrusted(c *call, idOrName string) (issuer string, version int64, err error) {
	return c.pin(idOrName, func() (string, int64, error) {
		i, err := a.s.Trusted.Issuer(c.organization.ID, idOrName)
		return i.ID, i.Version, err
	})
}

func (a *api) revokeTrusted(ctx context.Context, c *call, in *InTrusted) error {
	issuer, version, err := a.pinnedTrusted(c, in.Issuer)
	if err != nil {
		return err
	}
	return a.s.Trusted.Revoke(ctx, c.by(), c.organization.ID, issuer, version)
}
