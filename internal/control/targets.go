package control

import (
	"context"
	"strings"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
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
	if id != "" && id == t.call.who.Key.ID {
		return t.call.who.Key.Name
	}
	read, find := t.finder(id)
	if find == nil || !t.call.who.May(read, t.call.organization.ID) {
		return ""
	}
	name, err := find()
	if err != nil {
		return ""
	}
	return name
}

// gone reports whether what the budget bounds is no more, so that nothing is
// spent of it however long it is kept. A person who left may come back.
func (t *targets) gone(id string) bool {
	_, find := t.finder(id)
	if find == nil {
		return false
	}
	_, err := find()
	return fault.KindOf(err) == fault.NotFound
}

// finder finds the name of what has that id, which to know takes a permission; nil for what has no name.
func (t *targets) finder(id string) (access.Permission, func() (string, error)) {
	organization := t.call.organization.ID
	prefix, _, _ := strings.Cut(id, "_")
	switch ident.Prefix(prefix) {
	case ident.Environment:
		return access.ReadEnvironment, func() (string, error) {
			e, err := t.api.s.Environments.Environment(organization, id)
			if err != nil || !t.call.reaches(e.ID) {
				return "", err
			}
			return e.Name, nil
		}
	case ident.Key:
		return access.ReadKey, func() (string, error) {
			k, err := t.api.s.Keys.Key(organization, id)
			return k.Name, err
		}
	case ident.Trust:
		return access.ReadTrust, func() (string, error) {
			i, err := t.api.s.Trusted.Issuer(organization, id)
			return i.Name, err
		}
	case ident.Person:
		return access.ReadMember, func() (string, error) { return t.people()[id], nil }
	default:
		return "", nil
	}
}
