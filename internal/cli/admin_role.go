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
	return `An operator gives it to people of other organizations too, by login or id: they are members of both then.

Roles of people who sign in with an OIDC provider follow its rules and cannot be changed here.

Example:

    adit admin role ann auditor --org research`
}

// Run gives the person the role.
func (c *adminRoleCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		m, err := c.findAnywhere(ctx, server, org)
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
