package control

import (
	"context"
	"strings"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/ident"
)

// targets names what budgets bound, as far as the caller may know the names.
type targets struct {
	api    *api
	call   *call
	people func() map[string]string // names of members by id
}

func (a *api) targets(ctx context.Context, c *call) *targets {
	var names map[string]string
	return &targets{a, c, func() map[string]string {
		if names == nil { // once for all budgets of people: these are read from the database
			names = map[string]string{}
			all, err := a.s.People.People(ctx, &c.organization.ID)
			if err != nil {
				return names // a budget without its target's name is still one
			}
			for _, p := range all {
				names[p.ID] = p.Called()
			}
		}
		return names
	}}
}

// name is what people call the thing with that id; "" when it is gone, or not
// for the caller to know.
func (t *targets) name(id string) string {
	organization := t.call.organization.ID
	if id != "" && id == t.call.who.Key.ID {
		return t.call.who.Key.Name
	}
	prefix, _, _ := strings.Cut(id, "_")
	var read access.Permission
	var find func() (string, error)
	switch ident.Prefix(prefix) {
	case ident.Environment:
		read, find = access.ReadEnvironment, func() (string, error) {
			e, err := t.api.s.Environments.Environment(organization, id)
			if err != nil || !t.call.reaches(e.ID) {
				return "", err
			}
			return e.Name, nil
		}
	case ident.Key:
		read, find = access.ReadKey, func() (string, error) {
			k, err := t.api.s.Keys.Key(organization, id)
			return k.Name, err
		}
	case ident.Trust:
		read, find = access.ReadTrust, func() (string, error) {
			i, err := t.api.s.Trusted.Issuer(organization, id)
			return i.Name, err
		}
	case ident.Person:
		read, find = access.ReadMember, func() (string, error) { return t.people()[id], nil }
	default:
		return ""
	}
	if !t.call.who.May(read, organization) {
		return ""
	}
	name, err := find()
	if err != nil {
		return ""
	}
	return name
}
