package cli

import (
	"context"
	"fmt"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

type adminRoleCmd struct {
	personNamed
	Role string `arg:"" enum:"owner,admin,developer,auditor" help:"owner, admin, developer or auditor."`
	listing
	trustOf
}

// Help is the text under the usage line.
func (adminRoleCmd) Help() string {
	return `An operator gives it to people of other organizations too, by login or id: they are members of both then. That ends their password, which an owner of the other organization may have chosen: create a link with which they choose a new one.

Roles of people who sign in with an OIDC provider follow its rules and cannot be changed here.

Example:

    adit admin role ann auditor --org research`
}

// Run gives the person the role.
func (c *adminRoleCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		was, err := c.findAnywhere(ctx, server, org)
		if err != nil {
			return err
		}
		m, err := server.UpdateMember(ctx, org, was.ID, wire.MemberPatch{Role: c.Role})
		if err != nil {
			return err
		}
		if c.json() {
			return printJSON(p.Stdout, m)
		}
		fmt.Fprintf(p.Stderr, "%s is %s now.\n", m.Name, c.Role)
		if was.Password && !m.Password {
			fmt.Fprintf(p.Stderr, "They were signed out, and their password no longer works: an owner of their other organization may have chosen it. Create a link for them: adit admin link %s --org %s\n", m.Login, org)
		}
		return nil
	})
}
