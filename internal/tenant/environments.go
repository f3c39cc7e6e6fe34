package tenant

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
	"github.com/adit-hq/adit/internal/roster"
)

// CreateEnvironment makes a pending environment in the organization with that
// id. All faults of the input are told at once. The advice is for who asked:
// what is allowed but should be known.
func (r *Registry) CreateEnvironment(
	ctx context.Context, actor audit.Actor, organization string, in EnvironmentInput,
) (e Environment, advice []string, err error) {
	o, err := r.Organization(organization)
	if err != nil {
		return Environment{}, nil, err
	}
	var f fault.Inputs
	e, at := in.environment(&f)
	if e.check(&f, at); len(f) > 0 {
		r.now.Load().environments.AddTaken(&f, o.ID, e.Name, e.ID)
		return Environment{}, nil, f.Err()
	}
	now := r.moment()
	e.ID, e.Organization, e.OrganizationName, e.State = ident.New(ident.Environment), o.ID, o.Name, Pending
	e.Created, e.Updated, e.Version = now, now, 1
	events := []audit.Event{e.event(actor, "environment.create", now, e.described())}
	shared, advice := r.shared(&e, now)
	if err := r.settings.Store.CreateEnvironment(ctx, e, append(events, shared...)...); err != nil {
		return Environment{}, nil, err
	}
	r.desk.TakeOver(ctx)
	return e, advice, nil
}

// UpdateEnvironment changes what the patch names. Another role, region or first
// audience makes the environment pending again: what was seen of the old ones
// says nothing of the new.
func (r *Registry) UpdateEnvironment(
	ctx context.Context, actor audit.Actor, organization, idOrName string, p EnvironmentPatch,
) (e Environment, advice []string, err error) {
	find := func() (Environment, error) { return r.Environment(organization, idOrName) }
	e, err = r.changeEnvironment(ctx, find, p.Version, func(e *Environment, now time.Time) ([]audit.Event, error) {
		var f fault.Inputs
		old := *e
		next, at := p.apply(&f, old)
		if next.check(&f, at); len(f) > 0 {
			r.now.Load().environments.AddTaken(&f, old.Organization, next.Name, next.ID)
			return nil, f.Err()
		}
		details := audit.Changed(old.described(), next.described())
		if len(details) == 0 {
			return nil, nil
		}
		if next.RoleARN != old.RoleARN || next.Region != old.Region || next.Audiences[0] != old.Audiences[0] {
			next.restart()
		}
		events := []audit.Event{next.event(actor, "environment.update", now, details)}
		advice = nil
		if next.RoleARN != old.RoleARN {
			var shared []audit.Event
			shared, advice = r.shared(&next, now)
			events = append(events, shared...)
		}
		*e = next
		return events, nil
	})
	if err != nil {
		return Environment{}, nil, err
	}
	return e, advice, nil
}

// DeleteEnvironment leaves a tombstone: the id never comes again. An environment
// that something else names is deleted only when forced; otherwise it is a fault
// with the code "in_use" that lists what does. The version is as in [Registry.DeleteOrganization].
func (r *Registry) DeleteEnvironment(ctx context.Context, actor audit.Actor, organization, idOrName string, version int64, force bool) error {
	find := func() (Environment, error) { return r.Environment(organization, idOrName) }
	_, err := roster.Change(ctx, r.desk, "environment", version, read(find), func(e Environment) (Environment, bool, error) {
		uses := r.settings.Uses(e)
		if len(uses) > 0 && !force {
			return e, false, inUse("environment", e.Name, uses)
		}
		now := r.moment()
		d := Deletion{At: now, Force: force}
		return e, true, r.settings.Store.DeleteEnvironment(ctx, e, d, e.event(actor, "environment.delete", now, deleted(e.described(), uses)))
	})
	return err
}

// shared tells both sides when environments of two organizations have one role.
// That is allowed, as companies share accounts, but it may also be that somebody
// tries a role that is not theirs. Neither learns who the other is.
func (r *Registry) shared(e *Environment, now time.Time) (events []audit.Event, advice []string) {
	if e.RoleARN == "" {
		return nil, nil
	}
	for other := range r.now.Load().environments.All() {
		if other.RoleARN != e.RoleARN || other.Organization == e.Organization {
			continue
		}
		events = append(events, other.event(audit.System(), "role.shared", now, map[string]string{"role_arn": e.RoleARN}))
	}
	if len(events) == 0 {
		return nil, nil
	}
	events = append(events, e.event(audit.System(), "role.shared", now, map[string]string{"role_arn": e.RoleARN}))
	return events, []string{
		"Another organization on this server has an environment with the same role. Only the subjects of their tokens differ; " +
			"make sure that the role's trust policy names only subjects that you know.",
	}
}
