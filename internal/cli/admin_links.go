package cli

import (
	"context"
	"fmt"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

type adminLinksCmd struct {
	listing
	peopleOf
}

// Help is the text under the usage line.
func (adminLinksCmd) Help() string {
	return `Lists the links that work and were not used yet: to roles in the organization, or to that of an operator. What opens them is kept nowhere and not shown.

Examples:

    adit admin links --org research
    adit admin links --operators -o json`
}

// Run lists them.
func (c *adminLinksCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		all, err := paged(func(l client.List) (wire.Page[wire.PendingLink], error) { return server.LinkPage(ctx, org, l) })
		if err != nil {
			return err
		}
		if len(all) == 0 {
			fmt.Fprintln(p.Stderr, "No link is pending."+operatorsHint(org, "Links for operators", "adit admin links"))
		}
		names := organizationNames(ctx, server, everyRole(all, func(l wire.PendingLink) []wire.Membership { return l.Roles }))
		return listed(p, c.listing, all, []string{"LOGIN", "ROLES", "MADE BY", "MADE", "EXPIRES"}, func(l wire.PendingLink) []string {
			return []string{l.Login, memberships(l.Roles, names), madeBy(l), at(l.Created), at(l.Expires)}
		})
	})
}

func madeBy(l wire.PendingLink) string {
	if l.MadeBy.Name != "" {
		return l.MadeBy.Name
	}
	return l.MadeBy.ID
}

type adminUnlinkCmd struct {
	Login string `arg:"" help:"Whose link it is."`
	peopleOf
}

// Help is the text under the usage line.
func (adminUnlinkCmd) Help() string {
	return `Takes a link back that was not used yet: from then on it opens nothing. A session that it began already is ended by adit admin sign-out.

Examples:

    adit admin unlink ann --org research
    adit admin unlink admin --operators`
}

// Run takes the link back.
func (c *adminUnlinkCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		err := server.RevokeLink(ctx, org, c.Login)
		if f := fault.From(err); f != nil && f.Code == "link_not_found" {
			return fault.Wrap(err, f.Kind, "%s", f.Message).WithCode(f.Code).WithRemedy("`%s` lists the pending ones.", c.command("adit admin links", org))
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(p.Stderr, "The link of %s does not work any more.\n", c.Login)
		return nil
	})
}
