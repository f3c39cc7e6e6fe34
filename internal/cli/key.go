package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

type keyCmd struct {
	Create keyCreateCmd `cmd:"" help:"Create an API key. Its secret is shown once."`
	List   keyListCmd   `cmd:"" help:"List API keys."`
	Show   keyShowCmd   `cmd:"" help:"Show an API key, without its secret."`
	Update keyUpdateCmd `cmd:"" help:"Change an API key's name, roles, scope, limits, tags or expiry."`
	Rotate keyRotateCmd `cmd:"" help:"Issue a new secret; the old one keeps working for a while."`
	Revoke keyRevokeCmd `cmd:"" aliases:"delete" help:"Revoke an API key immediately."`
}

// keysOf says whose API keys are meant.
type keysOf struct {
	Operators bool `help:"Keys of the server's operators, which belong to no organization."`
	orgFlag
	controlFlags
}

// on connects and finds out whose keys are meant; "" stands for the operators'.
func (k keysOf) on(ctx context.Context, p *Process, work func(server *client.Client, org string) error) error {
	if k.Operators && k.Org != "" && p.getenv("ADIT_ORG") != k.Org {
		return wrongUsage("--operators and --org cannot be combined")
	}
	return k.with(ctx, p, func(server *client.Client) error {
		if k.Operators {
			return work(server, "")
		}
		org, err := k.in(ctx, server)
		if err != nil {
			return err
		}
		return work(server, org)
	})
}

type keyListCmd struct {
	listing
	keysOf
}

// Help is the text under the usage line.
func (keyListCmd) Help() string {
	return `Example:

    adit key list --org research`
}

// Run lists them.
func (c *keyListCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		all, err := collected(server.Keys(ctx, org))
		if err != nil {
			return err
		}
		names := environmentNames(ctx, server, org)
		return listed(p, c.listing, all, []string{"NAME", "ID", "ROLES", "ENVIRONMENTS", "LAST USED", "EXPIRES"}, func(k wire.Key) []string {
			return []string{k.Name, k.ID, strings.Join(k.Roles, ","), named(k.Environments, names), when(k.LastUsed, "never"), when(k.Expires, "never")}
		})
	})
}

// environmentNames are the names of an organization's environments by id. They
// are for show: whoever may not read them sees ids.
func environmentNames(ctx context.Context, server *client.Client, org string) map[string]string {
	names := map[string]string{}
	if org == "" {
		return names
	}
	for e, err := range server.Environments(ctx, org) {
		if err != nil {
			break
		}
		names[e.ID] = e.Name
	}
	return names
}

// named is a list of ids by their names where they are known; "all" for none.
func named(ids []string, names map[string]string) string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = cmp.Or(names[id], id)
	}
	return cmp.Or(strings.Join(out, ","), "all")
}

type keyShowCmd struct {
	Key string `arg:"" help:"Its name or id."`
	listing
	keysOf
}

// Help is the text under the usage line.
func (keyShowCmd) Help() string {
	return `Example:

    adit key show search`
}

// Run shows it.
func (c *keyShowCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		k, err := server.Key(ctx, org, c.Key)
		if err != nil {
			return err
		}
		return p.printKey(c.listing, k, environmentNames(ctx, server, org))
	})
}

func (p *Process) printKey(l listing, k wire.Key, environments map[string]string) error {
	if l.json() {
		return printJSON(p.Stdout, k)
	}
	return printFields(p.Stdout, keyFields(k, environments))
}

// lastUsed names the field that a key's new secret says nothing of.
const lastUsed = "last used"

func keyFields(k wire.Key, environments map[string]string) []field {
	fields := []field{
		{"name", k.Name}, {"id", k.ID}, {"organization", cmp.Or(k.Organization, "none: an operator's key")},
		{"roles", strings.Join(k.Roles, ", ")}, {"environments", named(k.Environments, environments)}, {"models", all(k.Models)},
		{"limits", limits(k.Limits)}, {"tags", pairs(k.Tags)}, {"created", at(k.Created)}, {"expires", when(k.Expires, "never")},
		{lastUsed, when(k.LastUsed, "never")},
	}
	for _, old := range k.Secrets[min(1, len(k.Secrets)):] {
		fields = append(fields, field{"old secret", "works until " + when(old.Expires, "it is revoked")})
	}
	return fields
}

type keyRevokeCmd struct {
	Key string `arg:"" help:"Its name or id."`
	yesFlag
	keysOf
}

// Help is the text under the usage line.
func (keyRevokeCmd) Help() string {
	return `Every replica refuses the key within a second, and drops its AWS credentials. AWS credentials that somebody took with it stay valid until they expire, at most for the environment's session duration.

Example:

    adit key revoke search --yes`
}

// Run revokes it.
func (c *keyRevokeCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		k, err := server.Key(ctx, org, c.Key)
		if err != nil {
			return err
		}
		if err := p.confirm(ctx, c.Yes, "Revoke the API key %s (%s), last used %s?", k.Name, k.ID, when(k.LastUsed, "never")); err != nil {
			return err
		}
		if err := server.RevokeKey(ctx, org, k.ID); err != nil {
			return err
		}
		fmt.Fprintf(p.Stderr, "API key %s revoked.\n", k.Name)
		return nil
	})
}

type keyRotateCmd struct {
	Key     string         `arg:"" help:"Its name or id."`
	Overlap *time.Duration `placeholder:"DURATION" help:"How long the former secret goes on working; 0s for not at all (default: 24h)."`
	quietFlag
	listing
	keysOf
}

// Help is the text under the usage line.
func (keyRotateCmd) Help() string {
	return `Former secrets work until the overlap is over. Id, limits, tags and what AWS sees of the key stay.

Example:

    adit key rotate search --overlap 1h`
}

// Run rotates it.
func (c *keyRotateCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		var in wire.RotationInput
		if c.Overlap != nil {
			seconds := int(*c.Overlap / time.Second)
			in.OverlapSeconds = &seconds
		}
		k, err := server.RotateKey(ctx, org, c.Key, in)
		if err != nil {
			return err
		}
		if used, err := server.Key(ctx, org, k.Key.ID); err == nil { // the answer with the secret does not tell the last use
			k.Key.LastUsed = used.LastUsed
		}
		return p.printNewKey(c.listing, c.quietFlag, k, environmentNames(ctx, server, org))
	})
}
