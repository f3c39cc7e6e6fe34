package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

type adminListCmd struct {
	listing
	trustOf
}

// Help is the text under the usage line.
func (adminListCmd) Help() string {
	return `Lists the people who have a role in the organization.

Example:

    adit admin list --org research`
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

// personIn names a person.
type personIn struct {
	Person string `arg:"" help:"The person's login, name or id."`
	trustOf
}

// find looks the person up among the members.
func (c personIn) find(ctx context.Context, server *client.Client, org string) (wire.Person, error) {
	all, err := paged(func(l client.List) (wire.Page[wire.Person], error) { return server.MemberPage(ctx, org, l) })
	if err != nil {
		return wire.Person{}, err
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
		return wire.Person{}, wrongUsage("several members of the organization are called %s. Name one by the id that `adit admin list` shows.", c.Person)
	}
	return wire.Person{}, wrongUsage("no member of the organization is called %s. `adit admin list` shows them.", c.Person)
}

type adminRoleCmd struct {
	personIn
	Role string `arg:"" enum:"owner,admin,developer,auditor" help:"owner, admin, developer or auditor."`
	listing
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
	personIn
	yesFlag
}

// Help is the text under the usage line.
func (adminRemoveCmd) Help() string {
	return `Takes the person's role in the organization away. Who has no role left is signed out everywhere.

Example:

    adit admin remove ann --org research --yes`
}

// Run removes the person.
func (c *adminRemoveCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		m, err := c.find(ctx, server, org)
		if err != nil {
			return err
		}
		if err := p.confirm(ctx, c.Yes, "Remove %s (%s) from the organization?", m.Name, memberships(m.Roles)); err != nil {
			return err
		}
		if err := server.RemoveMember(ctx, org, m.ID); err != nil {
			return err
		}
		fmt.Fprintf(p.Stderr, "%s is removed.\n", m.Name)
		return nil
	})
}

type adminSignOutCmd struct{ personIn }

// Help is the text under the usage line.
func (adminSignOutCmd) Help() string {
	return `Ends all sessions of the person.

Example:

    adit admin sign-out ann --org research`
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
