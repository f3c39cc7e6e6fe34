package cli

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

// quietFlag is for scripts that want a secret and nothing else.
type quietFlag struct {
	Quiet bool `short:"q" help:"Print only the secret."`
}

type keyCreateCmd struct {
	Name       string            `arg:"" help:"Name, unique among the organization's keys."`
	Role       []string          `placeholder:"ROLE" help:"invoke, credentials, developer, auditor, admin, owner, or with --operators operator; may be repeated (default: invoke)."`
	Env        []string          `placeholder:"NAME" help:"Environment that the key may use; may be repeated (default: all)."`
	Model      []string          `placeholder:"NAME" help:"Model that the key may use; may be repeated (default: all)."`
	RPM        int               `placeholder:"N" help:"Limit to N calls to Bedrock per minute (default: no limit of its own)."`
	Concurrent int               `placeholder:"N" help:"Limit to N concurrent calls to Bedrock (default: no limit of its own)."`
	Tag        map[string]string `placeholder:"KEY=VALUE" help:"Tag such as team=search; sent to AWS by environments with session tags; may be repeated."`
	Expires    moment            `placeholder:"WHEN" help:"Expiry: 90d, 720h, or a date such as 2027-01-31 (default: never)."`
	quietFlag
	listing
	keysOf
}

// Help is the text under the usage line.
func (keyCreateCmd) Help() string {
	return `The secret is printed once and cannot be shown again. With --quiet nothing else is printed, for a secret store or a variable.

Roles: invoke calls models. credentials gets AWS credentials. developer calls models and sees environments, models and its own usage. auditor reads everything and changes nothing. admin manages environments and keys. owner can do everything in the organization, including creating admins.

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
	fields := keyFields(k.Key, environments)
	if k.Key.LastUsed == nil { // it may be unknown here
		fields = slices.DeleteFunc(fields, func(f field) bool { return f.name == lastUsed })
	}
	if err := printFields(p.Stdout, append(fields, field{"secret", k.Secret})); err != nil {
		return err
	}
	fmt.Fprintln(p.Stderr, "\nCopy the secret now: it is not stored and cannot be shown again.")
	return nil
}

type keyUpdateCmd struct {
	Key          string            `arg:"" help:"Its name or id."`
	NewName      *string           `name:"name" placeholder:"NAME" help:"New name."`
	Role         []string          `placeholder:"ROLE" help:"Role, replacing the current ones; may be repeated."`
	Env          []string          `placeholder:"NAME" help:"Environment, replacing the current ones; * for all; may be repeated."`
	Model        []string          `placeholder:"NAME" help:"Model, replacing the current ones; * for all; may be repeated."`
	RPM          *int              `placeholder:"N" help:"Limit to N calls to Bedrock per minute; 0 for no limit of its own."`
	Concurrent   *int              `placeholder:"N" help:"Limit to N concurrent calls to Bedrock; 0 for no limit of its own."`
	Tag          map[string]string `xor:"tags" placeholder:"KEY=VALUE" help:"Tag, replacing the current ones; may be repeated."`
	NoTags       bool              `xor:"tags" help:"Remove all tags."`
	Expires      moment            `xor:"expiry" placeholder:"WHEN" help:"Expiry: 90d, 720h, or a date such as 2027-01-31."`
	NeverExpires bool              `xor:"expiry" help:"Remove the expiry."`
	listing
	keysOf
}

// Help is the text under the usage line.
func (keyUpdateCmd) Help() string {
	return `Changes only what is given, on every replica within a second.

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
