package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

// quietFlag is for scripts that want a secret and nothing else.
type quietFlag struct {
	Quiet bool `short:"q" help:"Print the secret alone."`
}

type keyCreateCmd struct {
	Name       string            `arg:"" help:"Unique among the organization's keys; AWS sees it in the session's name."`
	Role       []string          `placeholder:"ROLE" help:"invoke, credentials, developer, auditor, admin, owner, or with --operators operator; may be repeated (default: invoke)."`
	Env        []string          `placeholder:"NAME" help:"Environment that it may use; may be repeated (default: all)."`
	Model      []string          `placeholder:"NAME" help:"Model that it may ask for; may be repeated (default: all)."`
	RPM        int               `placeholder:"N" help:"Let it make N requests in any minute (default: no limit of its own)."`
	Concurrent int               `placeholder:"N" help:"Let it make N requests at once (default: no limit of its own)."`
	Tag        map[string]string `placeholder:"KEY=VALUE" help:"Tag such as team=search; AWS sees it where the environment asks for session tags; may be repeated."`
	Expires    moment            `placeholder:"WHEN" help:"When it ends: 90d, 720h, or a date such as 2027-01-31 (default: never)."`
	quietFlag
	listing
	keysOf
}

// Help is the text under the usage line.
func (keyCreateCmd) Help() string {
	return `The key's secret is printed once and cannot be shown again. With --quiet it stands alone on standard output, for a secret store or a variable.

Roles: invoke calls models. credentials takes AWS credentials. developer sees environments, models and its own usage, and calls models. auditor reads everything and changes nothing. admin changes environments and keys. owner may do all of that and make administrators.

Examples:

    adit key create search --env prod --rpm 600 --tag team=search --expires 90d
    adit key create ci --role credentials --env prod --quiet > ci.key`
}

// Run makes the key.
func (c *keyCreateCmd) Run(ctx context.Context, p *Process) error {
	expires, err := c.Expires.ahead(time.Now())
	if err != nil {
		return err
	}
	in := wire.KeyInput{Name: c.Name, Roles: c.Role, Environments: c.Env, Models: c.Model, Tags: c.Tag, Expires: expires}
	if c.Operators && len(c.Role) == 0 {
		in.Roles = []string{"operator"}
	}
	if c.RPM != 0 || c.Concurrent != 0 {
		in.Limits = &wire.Limits{PerMinute: c.RPM, Concurrent: c.Concurrent}
	}
	return c.on(ctx, p, func(server *client.Client, org string) error {
		k, err := server.CreateKey(ctx, org, in)
		if err != nil {
			return err
		}
		return p.printNewKey(c.listing, c.quietFlag, k, environmentNames(ctx, server, org))
	})
}

// printNewKey shows a new secret, which nothing can show again.
func (p *Process) printNewKey(l listing, quiet quietFlag, k wire.NewKey, environments map[string]string) error {
	switch {
	case quiet.Quiet:
		_, err := fmt.Fprintln(p.Stdout, k.Secret)
		return err
	case l.json():
		return printJSON(p.Stdout, k)
	}
	if err := printFields(p.Stdout, append(keyFields(k.Key, environments), field{"secret", k.Secret})); err != nil {
		return err
	}
	fmt.Fprintln(p.Stderr, "\nCopy the secret now: it is not kept, and cannot be shown again.")
	return nil
}

type keyUpdateCmd struct {
	Key          string            `arg:"" help:"Its name or id."`
	NewName      *string           `name:"name" placeholder:"NAME" help:"Call it this."`
	Role         []string          `placeholder:"ROLE" help:"Roles, in place of those it has; may be repeated."`
	Env          []string          `placeholder:"NAME" help:"Environments, in place of those it has; * for all; may be repeated."`
	Model        []string          `placeholder:"NAME" help:"Models, in place of those it has; * for all; may be repeated."`
	RPM          *int              `placeholder:"N" help:"Let it make N requests in any minute; 0 for no limit of its own."`
	Concurrent   *int              `placeholder:"N" help:"Let it make N requests at once; 0 for no limit of its own."`
	Tag          map[string]string `xor:"tags" placeholder:"KEY=VALUE" help:"Tags, in place of those it has; may be repeated."`
	NoTags       bool              `xor:"tags" help:"Take all tags away."`
	Expires      moment            `xor:"expiry" placeholder:"WHEN" help:"When it ends: 90d, 720h, or a date such as 2027-01-31."`
	NeverExpires bool              `xor:"expiry" help:"Let it never end."`
	listing
	keysOf
}

// Help is the text under the usage line.
func (keyUpdateCmd) Help() string {
	return `Changes what is named and leaves the rest as it is. It holds on every replica within a second.

Example:

    adit key update search --rpm 1200 --env prod --env staging`
}

func (c *keyUpdateCmd) patch(k wire.Key, expires *time.Time) wire.KeyPatch {
	patch := wire.KeyPatch{
		Name: c.NewName, Limits: changedLimits(k.Limits, c.RPM, c.Concurrent), Tags: changedTags(c.Tag, c.NoTags),
		Expires: expires, NeverExpires: c.NeverExpires,
	}
	for _, list := range []struct {
		given []string
		to    **[]string
	}{{c.Role, &patch.Roles}, {c.Env, &patch.Environments}, {c.Model, &patch.Models}} {
		if list.given != nil {
			*list.to = &list.given
		}
	}
	return patch
}

// Run changes it.
func (c *keyUpdateCmd) Run(ctx context.Context, p *Process) error {
	expires, err := c.Expires.ahead(time.Now())
	if err != nil {
		return err
	}
	if c.patch(wire.Key{}, expires) == (wire.KeyPatch{}) {
		return nothingNamed("adit key update")
	}
	return c.on(ctx, p, func(server *client.Client, org string) error {
		k, err := server.Key(ctx, org, c.Key)
		if err != nil {
			return err
		}
		if k, err = server.UpdateKey(ctx, org, k.ID, c.patch(k, expires)); err != nil {
			return err
		}
		return p.printKey(c.listing, k, environmentNames(ctx, server, org))
	})
}
