package signin

import (
	"context"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
)

// People returns those who have a role in the organization with that id, by
// name; "" the operators, nil everyone.
func (r *Registry) People(ctx context.Context, organization *string) ([]Person, error) {
	return r.settings.Store.People(ctx, organization)
}

// Person returns one by id, or NotFound, "person_not_found".
func (r *Registry) Person(ctx context.Context, id string) (Person, error) {
	return r.settings.Store.Person(ctx, id)
}

// SetRole gives a local person a role in an organization (id or name), in place
// of the one they have there; with organization "" the role is operator. Their
// sessions end: whoever is signed in as them is not silently more than before. An
// operator may add a person whom the organization does not have yet, who is
// NotFound for all others. Who is added keeps no password, unless they are an
// operator: they come back by a link.
// The roles of a person of the OIDC provider follow the rules: Invalid, "role_by_rule".
// A version that is not 0 is the one to change; of another it is Invalid, "conflict".
func (r *Registry) SetRole(ctx context.Context, by By, person, organization string, role access.Role, version int64) (Person, error) {
	var f fault.Inputs
	resolved := r.resolved(&f, []Membership{{Organization: organization, Role: role}})
	if err := f.Err(); err != nil {
		return Person{}, err
	}
	m := resolved[0]
	return r.change(ctx, person, version, func(p Person, now time.Time) (Person, Ends, []audit.Event, error) {
		ends, who := Ends{All: true}, asking(by, p)
		had, member := p.role(m.Organization)
		if !sees(by, m.Organization) || !member && !operates(by) {
			return p, ends, nil, notFound()
		}
		if p.Issuer != "" {
			return p, ends, nil, fault.New(fault.Invalid, "the roles of somebody who signs in with another provider follow the server's rules").
				WithCode("role_by_rule").WithRemedy("Change the rule; it holds from the next sign-in on.")
		}
		if p.operator() && !operates(by) { // it would sign them out
			return p, ends, nil, notYours()
		}
		if !mayGive(by.Principal, m) || member && !mayGive(by.Principal, Membership{m.Organization, had}) {
			return p, ends, nil, notYours()
		}
		if had == m.Role {
			return p, ends, nil, nil
		}
		action, details := "member.update", map[string]string{
			"changed": "role", "old.role": string(had), "new.role": string(m.Role), "name": p.Called(),
		}
		var events []audit.Event
		if !member {
			action, details = "member.add", map[string]string{"role": string(m.Role), "name": p.Called()}
			var err error
			if p, ends, events, err = r.entrusted(ctx, who, p, now); err != nil {
				return p, ends, nil, err
			}
		}
		p.Roles = append(without(p.Roles, m.Organization), m)
		return p, ends, append(events, who.did(m.Organization, p.ID, action, now, details)), nil
	})
}

// RemoveRole takes a person's role in an organization away; everybody may take
// their own. With the last one the person is removed, and their sessions and links
// end. What a rule gave to a person of the OIDC provider comes back with the next
// sign-in, unless the rule goes too. A local operator stays while no other has a
// password and no operator's key is left: Invalid, "in_use". The version is as in
// SetRole.
func (r *Registry) RemoveRole(ctx context.Context, by By, person, organization string, version int64) error {
	if organization != "" {
		id, err := r.settings.Organizations.OrganizationID(organization)
		if err != nil {
			return err
		}
		organization = id
	}
	_, err := r.change(ctx, person, version, func(p Person, now time.Time) (Person, Ends, []audit.Event, error) {
		had, member := p.role(organization)
		if !member || by.Principal.Key.ID != p.ID && !sees(by, organization) {
			return p, Ends{}, nil, notFound()
		}
		if by.Principal.Key.ID != p.ID && !mayGive(by.Principal, Membership{organization, had}) {
			return p, Ends{}, nil, notYours()
		}
		who := asking(by, p)
		p.Roles = without(p.Roles, organization)
		if len(p.Roles) == 0 {
			p.Removed, p.Password = now, ""
		}
		details := map[string]string{"role": string(had), "name": p.Called()}
		return p, Ends{}, []audit.Event{who.did(organization, p.ID, "member.remove", now, details)}, nil
	})
	return err
}

// EndSessions ends the person's sessions with the ids, or all when none is
// named, and tells how many there were; with all, the links that the person made end too.
// Everybody may end their own; others' end who may give the role that the person
// has in the same organization, and operators' only operators.
func (r *Registry) EndSessions(ctx context.Context, by By, person string, ids []string) (int, error) {
	p, err := r.settings.Store.Person(ctx, person)
	if err != nil {
		return 0, err
	}
	if by.Principal.Key.ID != p.ID {
		had, member := p.role(by.Principal.Key.Organization)
		switch {
		case operates(by):
		case !member:
			return 0, notFound()
		case p.operator(), !mayGive(by.Principal, Membership{by.Principal.Key.Organization, had}):
			return 0, notYours()
		}
	}
	which := "all"
	if len(ids) > 0 {
		which = strings.Join(ids, ",")
	}
	who := asking(by, p)
	var events []audit.Event
	for _, organization := range whose(p.Roles) {
		events = append(events, who.did(organization, p.ID, "signin.out", r.moment(), map[string]string{"sessions": which}))
	}
	n, err := r.settings.Store.EndSessions(ctx, p.ID, ids, events...)
	if err == nil && len(ids) == 0 { // whoever was in these sessions may have made a way back in
		err = r.takeBackOf(ctx, who, []string{p.ID}, "signed_out")
	}
	return n, err
}

// operates reports whether an operator asks.
func operates(by By) bool {
	return mayGive(by.Principal, Membership{Role: access.Operator})
}

// sees reports whether who asks knows who is in the organization.
func sees(by By, organization string) bool {
	return operates(by) || by.Principal.Key.Organization == organization && organization != ""
}

func notFound() error {
	return fault.New(fault.NotFound, "there is no such person").WithCode("person_not_found")
}

func notYours() error {
	return fault.New(fault.Forbidden, "you may not change the roles of this person: nobody can grant or take more than they have").
		WithCode("role_not_yours").WithRemedy("Operators manage operators; owners and operators manage owners and admins.")
}
