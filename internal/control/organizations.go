package control

import (
	"context"
	"strconv"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/tenant"
)

// Organizations knows the tenants. A version that a change is asked of is held
// against what is there when it is written; 0 is any.
type Organizations interface {
	// Organization finds one by id or name.
	Organization(idOrName string) (tenant.Organization, error)
	// Organizations returns all, in order of name.
	Organizations() ([]tenant.Organization, error)
	CreateOrganization(ctx context.Context, actor audit.Actor, in tenant.OrganizationInput) (tenant.Organization, error)
	UpdateOrganization(ctx context.Context, actor audit.Actor, id string, p tenant.OrganizationPatch) (tenant.Organization, error)
	DeleteOrganization(ctx context.Context, actor audit.Actor, id string, version int64, force bool) error
}

func (a *api) organizationRoutes() []route {
	return []route{
		{"GET", "/organizations", "list-organizations", "List the organizations that the key has access to", "", ofSelf, 0, on(a.listOrganizations)},
		{"POST", "/organizations", "create-organization", "Create an organization", access.CreateOrganization, ofServer, 0, made(a.createOrganization)},
		{"GET", "/organizations/{org}", "show-organization", "Show an organization", access.ReadOrganization, ofOrganization, 0, on(a.showOrganization)},
		{"PATCH", "/organizations/{org}", "update-organization", "Change an organization", access.WriteOrganization, ofOrganization, 0, versioned(on(a.updateOrganization))},
		{"DELETE", "/organizations/{org}", "delete-organization", "Delete an organization, its environments and keys", access.DeleteOrganization, ofServer, 0, versioned(does(a.deleteOrganization))},
	}
}

// InOrganization is the path of what belongs to an organization; by the time a
// handler runs, it was looked up already.
type InOrganization struct {
	Organization string `path:"org" maxLength:"128" doc:"Id or name of the organization"`
}

// Forced is asked for by who wants something gone that is still in use.
type Forced struct {
	Force bool `query:"force" doc:"Delete it even if something still refers to it"`
}

func showOrganization(o tenant.Organization) wire.Organization {
	return wire.Organization{
		ID: o.ID, Name: o.Name, Description: o.Description, PlainUsers: o.PlainUsers, File: o.File,
		Created: o.Created.UTC(), Updated: o.Updated.UTC(), Version: o.Version,
	}
}

type listOrganizationsInput struct {
	Paging
	Searched
	Sort string `query:"sort" enum:"name,-name,created,-created,updated,-updated" default:"name" doc:"Sort order of the list; - reverses it"`
	File bool   `query:"file" doc:"Only the organization that spicepod.yaml belongs to"`
}

func (a *api) listOrganizations(_ context.Context, c *call, in *listOrganizationsInput) (wire.Page[wire.Organization], error) {
	all, err := a.s.Organizations.Organizations()
	if err != nil {
		return wire.Page[wire.Organization]{}, err
	}
	keep := func(o tenant.Organization) bool {
		return sees(c.who, o) && (o.File || !in.File) && in.finds(o.Name, o.ID, o.Description)
	}
	by := sorts[tenant.Organization]{
		"name":    func(o tenant.Organization) string { return o.Name },
		"created": func(o tenant.Organization) string { return sortable(o.Created) },
		"updated": func(o tenant.Organization) string { return sortable(o.Updated) },
	}.by(in.Sort, func(o tenant.Organization) string { return o.ID })
	return pageOf(all, keep, in.Paging, by, showOrganization, "organizations", in.Search, strconv.FormatBool(in.File))
}

type createOrganizationInput struct{ Body wire.OrganizationInput }

func (a *api) createOrganization(ctx context.Context, c *call, in *createOrganizationInput) (wire.Organization, error) {
	b := in.Body
	o, err := a.s.Organizations.CreateOrganization(ctx, c.actor(), tenant.OrganizationInput{
		Name: b.Name, Description: b.Description, PlainUsers: b.PlainUsers,
	})
	return showOrganization(o), err
}

func (a *api) showOrganization(_ context.Context, c *call, _ *InOrganization) (wire.Organization, error) {
	return showOrganization(c.organization), nil
}

type updateOrganizationInput struct {
	InOrganization
	Body wire.OrganizationPatch
}

func (a *api) updateOrganization(ctx context.Context, c *call, in *updateOrganizationInput) (wire.Organization, error) {
	version, err := c.pinned(func() (int64, error) { return c.organization.Version, nil })
	if err != nil {
		return wire.Organization{}, err
	}
	b := in.Body
	if err := c.mayRename(&b); err != nil {
		return wire.Organization{}, err
	}
	o, err := a.s.Organizations.UpdateOrganization(ctx, c.actor(), c.organization.ID, tenant.OrganizationPatch{
		Name: b.Name, Description: b.Description, PlainUsers: b.PlainUsers, Version: version,
	})
	return showOrganization(o), err
}

// mayRename refuses another name to who is no operator. Names are unique on the
// whole server: who may choose one learns which others there are, and may wait
// for one that commands and scripts of other people mean. The name that is there
// may be sent, as forms do; it is left out, so that it undoes no other change.
func (c *call) mayRename(p *wire.OrganizationPatch) error {
	if p.Name == nil || c.who.May(access.RenameOrganization, c.organization.ID) {
		return nil
	}
	if *p.Name != c.organization.Name {
		return fault.New(fault.Forbidden, "only an operator of the server may rename an organization").WithCode("not_permitted").WithParam("name").
			WithRemedy("Ask an operator to rename it. Everything else can be changed without the name.")
	}
	p.Name = nil
	return nil
}

type deleteOrganizationInput struct {
	InOrganization
	Forced
}

func (a *api) deleteOrganization(ctx context.Context, c *call, in *deleteOrganizationInput) error {
	version, err := c.pinned(func() (int64, error) { return c.organization.Version, nil })
	if err != nil {
		return err
	}
	return a.s.Organizations.DeleteOrganization(ctx, c.actor(), c.organization.ID, version, in.Force)
}
