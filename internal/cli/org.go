package cli

import (
	"context"
	"fmt"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

type orgCmd struct {
	Create orgCreateCmd `cmd:"" help:"Create an organization."`
	List   orgListCmd   `cmd:"" help:"List organizations."`
	Show   orgShowCmd   `cmd:"" help:"Show an organization."`
	Update orgUpdateCmd `cmd:"" help:"Change an organization."`
	Delete orgDeleteCmd `cmd:"" help:"Delete an organization. Its id is never used again."`
}

type orgCreateCmd struct {
	Name        string `arg:"" help:"Name, unique on the server: a-z, 0-9 and hyphens."`
	Description string `placeholder:"TEXT" help:"Description."`
	PlainUsers  bool   `help:"Send user names to AWS in plain text (default: hashed)."`
	listing
	controlFlags
}

// Help is the text under the usage line.
func (orgCreateCmd) Help() string {
	return `An organization is a tenant: it has its own environments and API keys, and cannot see those of others.

Example:

    adit org create research --description "The research team"`
}

// Run makes the organization.
func (c *orgCreateCmd) Run(ctx context.Context, p *Process) error {
	return c.with(ctx, p, func(server *client.Client) error {
		o, err := server.CreateOrganization(ctx, wire.OrganizationInput{Name: c.Name, Description: c.Description, PlainUsers: c.PlainUsers})
		if err != nil {
			return err
		}
		return p.printOrganization(c.listing, o)
	})
}

type orgListCmd struct {
	listing
	controlFlags
}

// Help is the text under the usage line.
func (orgListCmd) Help() string {
	return `Operators see all organizations; any other API key sees its own.

Example:

    adit org list`
}

// Run lists them.
func (c *orgListCmd) Run(ctx context.Context, p *Process) error {
	return c.with(ctx, p, func(server *client.Client) error {
		all, err := collected(server.Organizations(ctx))
		if err != nil {
			return err
		}
		return listed(p, c.listing, all, []string{"NAME", "ID", "CREATED", "DESCRIPTION"}, func(o wire.Organization) []string {
			return []string{o.Name, o.ID, at(o.Created), o.Description}
		})
	})
}

type orgShowCmd struct {
	Name string `arg:"" help:"Its name or id."`
	listing
	controlFlags
}

// Help is the text under the usage line.
func (orgShowCmd) Help() string {
	return `Example:

    adit org show default`
}

// Run shows it.
func (c *orgShowCmd) Run(ctx context.Context, p *Process) error {
	return c.with(ctx, p, func(server *client.Client) error {
		o, err := server.Organization(ctx, c.Name)
		if err != nil {
			return err
		}
		return p.printOrganization(c.listing, o)
	})
}

type orgUpdateCmd struct {
	Name        string  `arg:"" help:"Its name or id."`
	NewName     *string `name:"name" placeholder:"NAME" help:"New name. The id, and so what AWS trusts, stays the same."`
	Description *string `placeholder:"TEXT" help:"Description."`
	PlainUsers  *bool   `negatable:"" help:"Send user names to AWS in plain text, or hash them."`
	listing
	controlFlags
}

// Help is the text under the usage line.
func (orgUpdateCmd) Help() string {
	return `Changes only what is given.

Example:

    adit org update research --name science`
}

// Run changes it.
func (c *orgUpdateCmd) Run(ctx context.Context, p *Process) error {
	patch := wire.OrganizationPatch{Name: c.NewName, Description: c.Description, PlainUsers: c.PlainUsers}
	if patch == (wire.OrganizationPatch{}) {
		return nothingNamed("adit org update")
	}
	return c.with(ctx, p, func(server *client.Client) error {
		o, err := server.UpdateOrganization(ctx, c.Name, patch)
		if err != nil {
			return err
		}
		return p.printOrganization(c.listing, o)
	})
}

type orgDeleteCmd struct {
	Name  string `arg:"" help:"Its name or id."`
	Force bool   `help:"Delete it even if it has environments, API keys or trusted issuers: they are deleted too, like its budgets and memberships."`
	yesFlag
	controlFlags
}

// Help is the text under the usage line.
func (orgDeleteCmd) Help() string {
	return `Refuses, and lists them, if the organization has environments, API keys or trusted issuers. With --force they are deleted too, and their callers are refused within a second. In either case its budgets are deleted, and its members lose their roles in it. Nothing changes in AWS: run ` + "`adit aws remove`" + ` for its environments first.

Example:

    adit org delete research --yes`
}

// Run deletes it.
func (c *orgDeleteCmd) Run(ctx context.Context, p *Process) error {
	return c.with(ctx, p, func(server *client.Client) error {
		o, err := server.Organization(ctx, c.Name)
		if err != nil {
			return err
		}
		if err := p.confirm(ctx, c.Yes, "Delete the organization %s (%s)?", o.Name, o.ID); err != nil {
			return err
		}
		if err := server.DeleteOrganization(ctx, o.ID, c.Force); err != nil {
			return err
		}
		fmt.Fprintf(p.Stderr, "Organization %s deleted.\n", o.Name)
		return nil
	})
}

func (p *Process) printOrganization(l listing, o wire.Organization) error {
	if l.json() {
		return printJSON(p.Stdout, o)
	}
	users := "hashed"
	if o.PlainUsers {
		users = "plain text"
	}
	return printFields(p.Stdout, []field{
		{"name", o.Name}, {"id", o.ID}, {"description", o.Description}, {"user names in AWS", users},
		{"created", at(o.Created)}, {"updated", at(o.Updated)},
	})
}
