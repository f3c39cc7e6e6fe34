package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

// peopleOf says whose people are meant.
type peopleOf struct {
	Operators bool `help:"The server's operators, who belong to no organization."`
	orgFlag
	controlFlags
}

// on connects and finds out whose people are meant; "" stands for the operators.
func (o peopleOf) on(ctx context.Context, p *Process, work func(server *client.Client, org string) error) error {
	return keysOf(o).on(ctx, p, work)
}

type adminListCmd struct {
	listing
	peopleOf
}

// Help is the text under the usage line.
func (adminListCmd) Help() string {
	return `Lists the people who have a role in the organization, or those who are operators.

Examples:

    adit admin list --org research
    adit admin list --operators`
}

// Run lists them.
func (c *adminListCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		all, err := paged(func(l client.List) (wire.Page[wire.Person], error) { return server.MemberPage(ctx, org, l) })
		if err != nil {
			return err
		}
		return listed(p, c.listing, all, []string{"NAME", "ID", "ROLES", "SIGNS IN BY", "SIGNED IN"}, func(m wire.Person) []string {
			return []string{m.Name, m.ID, memberships(m.Roles), way(m), when(m.SignedIn, "never")}
		})
	})
}

func memberships(roles []wire.Membership) string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = r.Role
		if r.Organization != "" {
			out[i] += "@" + r.Organization
		}
	}
	return strings.Join(out, ",")
}

// way is how a person signs in.
func way(m wire.Person) string {
	switch {
	case m.Issuer != "":
		return m.Issuer
	case m.Password:
		return "password"
	}
	return "links"
}

// personNamed names a person.
type personNamed struct {
	Person string `arg:"" help:"The person's login, name or id."`
}

// find looks the person up among those of an organization, or the operators.
func (c personNamed) find(ctx context.Context, server *client.Client, org string) (wire.Person, error) {
	all, err := paged(func(l client.List) (wire.Page[wire.Person], error) { return server.MemberPage(ctx, org, l) })
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
	return wire.Person{}, wrongUsage("none of the %s is called %s. `%s` shows them.", who, c.Person, list)
}

type adminRoleCmd struct {
	personNamed
	Role string `arg:"" enum:"owner,admin,developer,auditor" help:"owner, admin, developer or auditor."`
	listing
	trustOf
}

// Help is the text under the usage line.
func (adminRoleCmd) Help() string {
	return `Roles of people who sign in with an OIDC provider follow its rules and cannot be changed here.

Example:

    adit admin role ann auditor --org research`
}

// Run gives the person the role.
func (c *adminRoleCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		m, err := c.find(ctx, server, org)
		if err != nil {
			return err
		}
		if m, err = server.UpdateMember(ctx, org, m.ID, wire.MemberPatch{Role: c.Role}); err != nil {
			return err
		}
		if c.json() {
			return printJSON(p.Stdout, m)
		}
		fmt.Fprintf(p.Stderr, "%s is %s now.\n", m.Name, c.Role)
		return nil
	})
}

type adminRemoveCmd struct {
	personNamed
	yesFlag
	peopleOf
}

// Help is the text under the usage line.
func (adminRemoveCmd) Help() string {
	return `Takes the person's role in the organization away, or the role operator. Who has no role left is signed out everywhere.

Examples:

    adit admin remove ann --org research --yes
    adit admin remove bob --operators --yes`
}

// Run removes the person.
func (c *adminRemoveCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		m, err := c.find(ctx, server, org)
		if err != nil {
			return err
		}
		from := "the organization"
		if org == "" {
			from = "the operators"
		}
		if err := p.confirm(ctx, c.Yes, "Remove %s (%s) from %s?", m.Name, memberships(m.Roles), from); err != nil {
			return err
		}
		if err := server.RemoveMember(ctx, org, m.ID); err != nil {
			return err
		}
		fmt.Fprintf(p.Stderr, "%s is removed.\n", m.Name)
		return nil
	})
}

type adminSignOutCmd struct {
	personNamed
	peopleOf
}

// Help is the text under the usage line.
func (adminSignOutCmd) Help() string {
	return `Ends all sessions of the person.

Examples:

    adit admin sign-out ann --org research
    adit admin sign-out bob --operators`
}

// Run ends them.
func (c *adminSignOutCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		m, err := c.find(ctx, server, org)
		if err != nil {
			return err
		}
		if err := server.SignOutMember(ctx, org, m.ID); err != nil {
			return err
		}
		fmt.Fprintf(p.Stderr, "%s is signed out everywhere.\n", m.Name)
		return nil
	})
}
