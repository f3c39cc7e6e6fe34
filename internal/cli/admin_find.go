package cli

import (
	"context"
	"errors"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

// personNamed names a person.
type personNamed struct {
	Person string `arg:"" help:"The person's login, name or id."`
}

// find looks the person up among those of an organization, or the operators.
func (c personNamed) find(ctx context.Context, server *client.Client, org string) (wire.Person, error) {
	all, err := peopleIn(ctx, server, org, "")
	if err != nil {
		return wire.Person{}, err
	}
	who, list := "members of the organization", "adit admin list"
	if org == "" {
		who, list = "operators", "adit admin list --operators"
	}
	var found []wire.Person
	for _, m := range all {
		if m.ID == c.Person || m.Login == c.Person && m.Login != "" {
			return m, nil
		}
		if m.Name == c.Person {
			found = append(found, m)
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	if len(found) > 1 {
		return wire.Person{}, wrongUsage("several %s are called %s. Name one by the id that `%s` shows.", who, c.Person, list)
	}
	return wire.Person{}, &nobodyCalled{wrongUsage("none of the %s is called %s. `%s` shows them.", who, c.Person, list)}
}

// nobodyCalled is the error of a person who is not among those looked at.
type nobodyCalled struct{ error }

// Unwrap returns what the person reads.
func (n *nobodyCalled) Unwrap() error { return n.error }

// findAnywhere is find, and for an operator goes on: the person may be another
// operator, or a member of another organization. A name is not enough there,
// since several people may have it.
func (c personNamed) findAnywhere(ctx context.Context, server *client.Client, org string) (wire.Person, error) {
	m, err := c.find(ctx, server, org)
	if nobody := (*nobodyCalled)(nil); !errors.As(err, &nobody) {
		return m, err
	}
	who, asked := server.WhoAmI(ctx)
	if asked != nil || who.Organization != "" {
		return wire.Person{}, errors.Join(asked, err)
	}
	organizations, asked := collected(server.Organizations(ctx))
	if asked != nil {
		return wire.Person{}, asked
	}
	for _, o := range append(organizations, wire.Organization{}) { // the last one stands for the operators
		all, err := peopleIn(ctx, server, o.ID, c.Person)
		if err != nil {
			return wire.Person{}, err
		}
		for _, m := range all {
			if m.ID == c.Person || m.Login == c.Person {
				return m, nil
			}
		}
	}
	return wire.Person{}, wrongUsage("nobody on this server has the login or id %s. `adit admin link %s --org %s` invites somebody.", c.Person, c.Person, org)
}

// peopleIn are the members of an organization, or with "" the operators, of whom
// something holds the text.
func peopleIn(ctx context.Context, server *client.Client, org, text string) ([]wire.Person, error) {
	return paged(func(l client.List) (wire.Page[wire.Person], error) {
		l.Search = text
		return server.MemberPage(ctx, org, l)
	})
}
