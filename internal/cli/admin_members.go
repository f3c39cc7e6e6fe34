package cli

import (
	"cmp"
	"context"
	"fmt"

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
		if len(all) == 0 {
			fmt.Fprintln(p.Stderr, "Nobody has a role here yet."+operatorsHint(org, "Operators", "adit admin list"))
		}
		names := organizationNames(ctx, server, everyRole(all, func(m wire.Person) []wire.Membership { return m.Roles }))
		return listed(p, c.listing, all, []string{"LOGIN", "NAME", "ID", "ROLES", "SIGNS IN BY", "SIGNED IN"}, func(m wire.Person) []string {
			return []string{cmp.Or(m.Login, "-"), m.Name, m.ID, memberships(m.Roles, names), way(m), when(m.SignedIn, "never")}
		})
	})
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
		if err := p.confirm(ctx, c.Yes, "Remove %s (%s) from %s?", m.Name, memberships(m.Roles, organizationNames(ctx, server, m.Roles)), from); err != nil {
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
