package trust

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
	"github.com/adit-hq/adit/internal/roster"
)

// Create makes a rule. All faults of the input are told at once. Who may not give
// the role invoke in the organization gets a fault of kind Forbidden, "role_not_yours".
func (r *Registry) Create(ctx context.Context, by access.By, in Input) (Issuer, error) {
	if err := r.settings.Fresh(); err != nil {
		return Issuer{}, err
	}
	organization, err := r.settings.Tenants.OrganizationID(in.Organization)
	if err != nil {
		return Issuer{}, err
	}
	now := r.moment()
	i := Issuer{
		ID: ident.New(ident.Trust), Organization: organization, Name: in.Name, URL: in.URL, Subject: in.Subject,
		Environments: slices.Clone(in.Environments), Models: slices.Clone(in.Models), Limits: in.Limits, Tags: maps.Clone(in.Tags),
		Created: now, Updated: now, Version: 1,
	}
	if err := mayTrust(by, organization); err != nil {
		return Issuer{}, err
	}
	if err := r.check(&i, Issuer{}); err != nil {
		return Issuer{}, err
	}
	if r.now.Load().Len(organization) >= maxIssuers {
		return Issuer{}, fault.New(fault.Invalid, "the organization already has %d trusted issuers, the maximum", maxIssuers).
			WithCode("too_many").WithRemedy("Revoke one that is not used, or cover several with one pattern that contains *.")
	}
	if err := r.settings.Store.CreateTrust(ctx, i, event(by, "trust.create", i, now, described(i))); err != nil {
		return Issuer{}, err
	}
	r.desk.TakeOver(ctx)
	return i, nil
}

// Update changes a rule; it holds for the next request.
func (r *Registry) Update(ctx context.Context, by access.By, organization, idOrName string, p Patch) (Issuer, error) {
	return r.change(ctx, by, organization, idOrName, p.Version, func(old Issuer, now time.Time) (Issuer, []audit.Event, error) {
		i := p.apply(old)
		i.Updated = now
		if err := r.check(&i, old); err != nil {
			return i, nil, err
		}
		details := audit.Changed(described(old), described(i))
		if len(details) == 0 {
			return old, nil, nil
		}
		return i, []audit.Event{event(by, "trust.update", i, now, details)}, nil
	})
}

// Revoke ends a rule at once and for ever: tokens that only it let in are refused
// from then on, however long they live. A version that is asked for, not 0, is
// held against what is there when it is written.
func (r *Registry) Revoke(ctx context.Context, by access.By, organization, idOrName string, version int64) error {
	_, err := r.change(ctx, by, organization, idOrName, version, func(i Issuer, now time.Time) (Issuer, []audit.Event, error) {
		i.Revoked, i.Updated = now, now
		return i, []audit.Event{event(by, "trust.revoke", i, now, map[string]string{"name": i.Name, "issuer_url": i.URL})}, nil
	})
	return err
}

// mayTrust returns a fault unless who asks may change what the organization
// trusts, and could make keys for its callers.
func mayTrust(by access.By, organization string) error {
	p := by.Principal
	gives := slices.ContainsFunc(p.Key.Roles, func(r access.Role) bool { return r.MayGive(access.Invoke) })
	if gives && p.May(access.WriteTrust, organization) {
		return nil
	}
	return fault.New(fault.Forbidden, "you may not give callers access to this organization: nobody can grant more than they have").
		WithCode("role_not_yours").WithRemedy("Owners and admins of the organization, and operators, manage what it trusts.")
}

// change reads a rule, has it changed, and writes it if nobody else did meanwhile.
// No events mean that nothing changes.
func (r *Registry) change(
	ctx context.Context, by access.By, organization, idOrName string, version int64,
	do func(Issuer, time.Time) (Issuer, []audit.Event, error),
) (Issuer, error) {
	read := func() (Issuer, int64, error) {
		i, err := r.Issuer(organization, idOrName)
		if err == nil {
			err = mayTrust(by, i.Organization)
		}
		return i, i.Version, err
	}
	return roster.Change(ctx, r.desk, "trusted issuer", version, read, func(old Issuer) (Issuer, bool, error) {
		i, events, err := do(old, r.moment())
		if err != nil || len(events) == 0 {
			return i, false, err
		}
		err = r.settings.Store.UpdateTrust(ctx, i, events...)
		i.Version = old.Version + 1
		return i, true, err
	})
}

// moment is the time of a change, as databases keep it.
func (r *Registry) moment() time.Time { return r.settings.Now().UTC().Truncate(time.Microsecond) }
