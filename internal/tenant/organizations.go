package tenant

import (
	"context"
	"strings"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
	"github.com/adit-hq/adit/internal/roster"
)

// CreateOrganization makes an organization with a fresh id. A name that is taken
// is a fault with the code "name_taken".
func (r *Registry) CreateOrganization(ctx context.Context, actor audit.Actor, in OrganizationInput) (Organization, error) {
	if err := r.settings.Fresh(); err != nil {
		return Organization{}, err
	}
	now := r.moment()
	o := Organization{
		ID: ident.New(ident.Organization), Name: in.Name, Description: in.Description, PlainUsers: in.PlainUsers,
		Created: now, Updated: now, Version: 1,
	}
	var f fault.Inputs
	if o.check(&f); len(f) > 0 {
		return Organization{}, f.Err()
	}
	if err := r.settings.Store.CreateOrganization(ctx, o, o.event(actor, "organization.create", now, o.described())); err != nil {
		return Organization{}, err
	}
	r.desk.TakeOver(ctx)
	return o, nil
}

// UpdateOrganization changes what the patch names.
func (r *Registry) UpdateOrganization(ctx context.Context, actor audit.Actor, idOrName string, p OrganizationPatch) (Organization, error) {
	return roster.Change(ctx, r.desk, "organization", p.Version, r.readOrganization(idOrName), func(old Organization) (Organization, bool, error) {
		o, now := old, r.moment()
		set(&o.Name, p.Name)
		set(&o.Description, p.Description)
		set(&o.PlainUsers, p.PlainUsers)
		var f fault.Inputs
		if o.check(&f); len(f) > 0 {
			return old, false, f.Err()
		}
		details := audit.Changed(old.described(), o.described())
		if len(details) == 0 {
			return old, false, nil
		}
		o.Updated = now
		err := r.settings.Store.UpdateOrganization(ctx, o, o.event(actor, "organization.update", now, details))
		o.Version++
		return o, true, err
	})
}

// DeleteOrganization leaves a tombstone: the id never comes again, so nobody
// inherits what AWS accounts trust. An organization with environments, or one
// that something else names, is deleted only when forced, and with it all it
// has; otherwise it is a fault with the code "in_use" that lists them. A version
// that is asked for, not 0, is held against what is there when it is written, and
// so is what it has: what another replica made meanwhile is in use like the rest.
func (r *Registry) DeleteOrganization(ctx context.Context, actor audit.Actor, idOrName string, version int64, force bool) error {
	_, err := roster.Change(ctx, r.desk, "organization", version, r.readOrganization(idOrName), func(o Organization) (Organization, bool, error) {
		environments, err := r.Environments(o.ID)
		if err != nil {
			return o, false, err
		}
		uses := r.settings.OrganizationUses(o)
		for _, e := range environments {
			uses = append(uses, "environment "+e.Name)
		}
		if len(uses) > 0 && !force {
			return o, false, inUse("organization", o.Name, uses)
		}
		now := r.moment()
		d := Deletion{At: now, Force: force}
		events := []audit.Event{o.event(actor, "organization.delete", now, deleted(o.described(), uses))}
		for _, e := range environments {
			d.Seen = append(d.Seen, e.ID)
			events = append(events, e.event(actor, "environment.delete", now, deleted(e.described(), nil)))
		}
		return o, true, r.settings.Store.DeleteOrganization(ctx, o, d, events...)
	})
	return err
}

// deleted adds what still named a thing that was deleted by force.
func deleted(details map[string]string, uses []string) map[string]string {
	if len(uses) > 0 {
		details["forced"], details["uses"] = "true", strings.Join(uses, ", ")
	}
	return details
}

func inUse(what, name string, uses []string) error {
	const most = 20
	list := strings.Join(uses[:min(len(uses), most)], ", ")
	if len(uses) > most {
		list += ", and more"
	}
	return fault.New(fault.Invalid, "the %s %s is still in use by: %s", what, name, list).
		WithCode("in_use").WithRemedy("Change or remove those first, or use force: they then fail with a not-found error.")
}
