package signin

import (
	"context"
	"slices"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
)

// admitted returns the person whom the provider vouches for, made or brought up
// to date. They are known by issuer and subject for ever; an e-mail address makes
// nobody somebody who is there already. The rules are looked at each time: whom
// none fits any more loses all roles and sessions.
func (r *Registry) admitted(ctx context.Context, p *Provider, c claims, o Origin) (Person, error) {
	roles, err := r.given(p.rules, c)
	if err != nil {
		return Person{}, err
	}
	for try := 1; ; try++ {
		person, err := r.settings.Store.PersonBySubject(ctx, p.issuer, c.Subject)
		known := err == nil
		if err := unless(err, fault.NotFound); err != nil {
			return Person{}, err
		}
		switch {
		case len(roles) == 0 && !known:
			err = nil // and nobody to take anything from
		case len(roles) == 0:
			err = r.turnedAway(ctx, person, o)
		case known:
			person, err = r.updated(ctx, person, c, roles, o)
		default:
			person, err = r.newcomer(ctx, p, c, roles, o)
		}
		if code := fault.From(err); err != nil && try < tries && (code.Code == "conflict" || code.Code == "name_taken") {
			continue // they sign in twice at once
		}
		if err == nil && len(roles) == 0 {
			err = r.uninvited(ctx, p, c, person, known, o)
		}
		return person, err
	}
}

// uninvited notes that somebody was refused whom no rule fits.
func (r *Registry) uninvited(ctx context.Context, p *Provider, c claims, person Person, known bool, o Origin) error {
	details := map[string]string{"issuer": p.issuer}
	if !known {
		details["subject"] = c.Subject
	}
	r.missed(ctx, person, known, o, "signin.failed", "not_invited", details)
	return notInvited(p, c)
}

// newcomer makes the person.
func (r *Registry) newcomer(ctx context.Context, p *Provider, c claims, roles []Membership, o Origin) (Person, error) {
	now := r.moment()
	person := Person{
		ID: ident.New(ident.Person), Issuer: p.issuer, Subject: c.Subject, Name: c.called(), Email: clean(c.Email),
		Roles: roles, Created: now, Updated: now, Version: 1,
	}
	return person, r.settings.Store.CreatePerson(ctx, person, changedRoles(person, nil, o, now)...)
}

// updated takes over what the provider and the rules say now.
func (r *Registry) updated(ctx context.Context, person Person, c claims, roles []Membership, o Origin) (Person, error) {
	next := person
	next.Name, next.Email, next.Roles, next.Updated = c.called(), clean(c.Email), roles, r.moment()
	events := changedRoles(next, person.Roles, o, next.Updated)
	if len(events) == 0 && next.Name == person.Name && next.Email == person.Email {
		return person, nil
	}
	if err := r.settings.Store.UpdatePerson(ctx, next, Ends{}, events...); err != nil {
		return Person{}, err
	}
	next.Version++
	return next, nil
}

// turnedAway takes all roles from the person and ends their sessions. They
// stay known, so that they are the same person if a rule fits them again.
func (r *Registry) turnedAway(ctx context.Context, person Person, o Origin) error {
	if len(person.Roles) == 0 { // and no session that opens anything
		return nil
	}
	next := person
	next.Roles, next.Updated = nil, r.moment()
	return r.settings.Store.UpdatePerson(ctx, next, Ends{All: true}, changedRoles(next, person.Roles, o, next.Updated)...)
}

// changedRoles returns an event for each organization in which the rules give
// the person another role than they had. The server itself does it.
func changedRoles(p Person, had []Membership, o Origin, at time.Time) []audit.Event {
	actor := audit.System()
	actor.Address = o.Address
	var events []audit.Event
	event := func(organization, action string, details map[string]string) {
		details["name"], details["by"] = p.Called(), "rule"
		events = append(events, audit.Event{
			Time: at, Organization: organization, Actor: actor, Action: action, Target: p.ID, Outcome: "ok", Details: details,
		})
	}
	old := Person{Roles: had}
	for _, m := range p.Roles {
		before, was := old.role(m.Organization)
		switch {
		case !was:
			event(m.Organization, "member.add", map[string]string{"role": string(m.Role)})
		case before != m.Role:
			event(m.Organization, "member.update", map[string]string{"changed": "role", "old.role": string(before), "new.role": string(m.Role)})
		}
	}
	for _, m := range had {
		if !slices.ContainsFunc(p.Roles, func(now Membership) bool { return now.Organization == m.Organization }) {
			event(m.Organization, "member.remove", map[string]string{"role": string(m.Role)})
		}
	}
	return events
}

// notInvited says what to ask for, in the words of a rule: by an address only
// where the provider can tell whose it is now.
func notInvited(p *Provider, c claims) error {
	rule := Rule{Kind: BySubject, Value: clean(c.Subject)}
	if bool(c.Verified) && c.Email != "" && (c.Hosted != "" || !c.ofGoogle()) {
		rule = Rule{Kind: ByEmail, Value: clean(c.Email)}
	}
	return fault.New(fault.Forbidden, "%s knows you, but no rule of this server lets you in", p.name).
		WithCode("not_invited").
		WithRemedy("Ask an administrator of this server for a rule that begins with %s:%s, or for one of your group or domain.", rule.Kind, rule.Value)
}
