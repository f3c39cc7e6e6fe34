package cli

import (
	"cmp"
	"context"
	"fmt"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

type adminCmd struct {
	Link    adminLinkCmd    `cmd:"" help:"Print a link that signs in to Studio once."`
	Links   adminLinksCmd   `cmd:"" help:"List the pending sign-in links."`
	Unlink  adminUnlinkCmd  `cmd:"" help:"Revoke a pending sign-in link."`
	List    adminListCmd    `cmd:"" help:"List the people who have a role."`
	Role    adminRoleCmd    `cmd:"" help:"Give a person another role."`
	Remove  adminRemoveCmd  `cmd:"" help:"Take a person's role away."`
	SignOut adminSignOutCmd `cmd:"" help:"End all sessions of a person."`
}

type adminLinkCmd struct {
	Login string `arg:"" optional:"" default:"admin" help:"Whose link it is (default: ${default}); a person is made if there is none of this login."`
	Role  string `placeholder:"ROLE" help:"Of a person who is made: operator, or with --org owner, admin, developer or auditor (default: operator; with --org admin)."`
	Quiet bool   `short:"q" help:"Print the link alone."`
	Org   string `placeholder:"NAME" setting:"ADIT_ORG" help:"Organization that the link is for, by name or id (default: none)." group:"Server:"`
	listing
	controlFlags
}

// Help is the text under the usage line.
func (adminLinkCmd) Help() string {
	return `The link opens Studio, works once, and within 10 minutes. Whoever opens it may choose a password there, or come by a link again the next time. It is the way in after the first start, for a password that was lost, and while an account is locked.

Without --org the link is for an operator, who sees all organizations.

Examples:

    adit admin link
    adit admin link ann --org research --role owner`
}

// Run prints a link.
func (c *adminLinkCmd) Run(ctx context.Context, p *Process) error {
	if err := c.wellPut(); err != nil {
		return err
	}
	return c.withOrAlone(ctx, p, func(server *client.Client, alone string) error {
		l, err := server.InviteMember(ctx, c.Org, wire.LinkInput{Login: c.Login, Role: c.Role})
		switch {
		case err != nil:
			return c.roleFirst(err)
		case alone != "":
			fmt.Fprintf(p.Stderr, "No server is running on %s: the link opens once `adit serve` runs on it, until %s.\n", alone, l.Expires.Local().Format("15:04 MST"))
		}
		switch {
		case c.json():
			return printJSON(p.Stdout, l)
		case c.Quiet:
			_, err := fmt.Fprintln(p.Stdout, l.URL)
			return err
		}
		_, err = fmt.Fprintf(p.Stdout, "Open this as %s, once, before %s:\n\n  %s\n", l.Login, l.Expires.Local().Format("15:04 MST"), l.URL)
		return err
	})
}

// wellPut refuses a role that there is not, or that is not one where it is asked for.
func (c *adminLinkCmd) wellPut() error {
	switch c.Role {
	case "":
	case "operator":
		if c.Org != "" {
			return wrongUsage("an operator administers the server, not the organization %s. Leave --org, or $ADIT_ORG, away.", c.Org)
		}
	case "owner", "admin", "developer", "auditor":
		if c.Org == "" {
			return wrongUsage("the role %s is one in an organization, and none is named. Add --org NAME.", c.Role)
		}
	default:
		return wrongUsage("people have no role %s. It is operator, or with --org NAME owner, admin, developer or auditor.", c.Role)
	}
	return nil
}

// roleFirst names the command that makes somebody a member who is one elsewhere.
func (c *adminLinkCmd) roleFirst(err error) error {
	f := fault.From(err)
	if f == nil || f.Code != "not_a_member" || c.Org == "" {
		return err
	}
	return fault.Wrap(err, f.Kind, "%s", f.Message).WithCode(f.Code).WithParam(f.Param).
		WithRemedy("As an operator, add the person first: `adit admin role %s %s --org %s`. Or choose another login.", c.Login, cmp.Or(c.Role, "admin"), c.Org)
}
