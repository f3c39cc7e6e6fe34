package cli

import (
	"cmp"
	"context"
	"fmt"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

type trustCmd struct {
	Create trustCreateCmd `cmd:"" help:"Accept an issuer's tokens in place of API keys."`
	List   trustListCmd   `cmd:"" help:"List trusted issuers."`
	Show   trustShowCmd   `cmd:"" help:"Show a trusted issuer."`
	Update trustUpdateCmd `cmd:"" help:"Change a trusted issuer's name, subject, scope, limits or tags."`
	Revoke trustRevokeCmd `cmd:"" aliases:"delete" help:"Stop accepting an issuer's tokens."`
}

// trustOf says whose trusted issuers are meant.
type trustOf struct {
	orgFlag
	controlFlags
}

// on connects and finds the organization.
func (t trustOf) on(ctx context.Context, p *Process, work func(server *client.Client, org string) error) error {
	return t.with(ctx, p, func(server *client.Client) error {
		org, err := t.in(ctx, server)
		if err != nil {
			return err
		}
		return work(server, org)
	})
}

type trustCreateCmd struct {
	Name       string            `arg:"" help:"Name, unique among the organization's trusted issuers."`
	IssuerURL  string            `name:"issuer" required:"" placeholder:"URL" help:"Issuer, exactly as in the iss claim of its tokens."`
	Subject    string            `required:"" placeholder:"PATTERN" help:"Pattern that the whole sub claim must match; * matches anything but : and /."`
	Env        []string          `placeholder:"NAME" help:"Environment that callers may use; may be repeated (default: all)."`
	Model      []string          `placeholder:"NAME" help:"Model that callers may use; may be repeated (default: all)."`
	RPM        int               `placeholder:"N" help:"Limit all callers together to N calls to Bedrock per minute (default: no limit of their own)."`
	Concurrent int               `placeholder:"N" help:"Limit all callers together to N concurrent calls to Bedrock (default: no limit of their own)."`
	Tag        map[string]string `placeholder:"KEY=VALUE" help:"Tag such as team=search; may be repeated."`
	listing
	trustOf
}

// Help is the text under the usage line.
func (trustCreateCmd) Help() string {
	return `A Kubernetes service account or a GitHub Actions job then calls /v1 with the token that its platform gives it, and needs no API key. The token must be requested for the audience that this command prints, which names the organization.

Examples:

    adit trust create ci --issuer https://token.actions.githubusercontent.com --subject 'repo:acme/search:ref:refs/heads/main' --env prod
    adit trust create workers --issuer https://oidc.eks.eu-central-1.amazonaws.com/id/1A2B3C --subject 'system:serviceaccount:search:*'`
}

// Run makes it.
func (c *trustCreateCmd) Run(ctx context.Context, p *Process) error {
	in := wire.TrustedIssuerInput{Name: c.Name, IssuerURL: c.IssuerURL, Subject: c.Subject, Environments: c.Env, Models: c.Model, Tags: c.Tag}
	if c.RPM != 0 || c.Concurrent != 0 {
		in.Limits = &wire.Limits{PerMinute: c.RPM, Concurrent: c.Concurrent}
	}
	return c.on(ctx, p, func(server *client.Client, org string) error {
		t, err := server.TrustIssuer(ctx, org, in)
		if err != nil {
			return err
		}
		return p.printTrusted(c.listing, t, environmentNames(ctx, server, org))
	})
}

type trustListCmd struct {
	listing
	trustOf
}

// Help is the text under the usage line.
func (trustListCmd) Help() string {
	return `Example:

    adit trust list --org research`
}

// Run lists them.
func (c *trustListCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		all, err := paged(func(l client.List) (wire.Page[wire.TrustedIssuer], error) {
			return server.TrustedIssuerPage(ctx, org, l)
		})
		if err != nil {
			return err
		}
		return listed(p, c.listing, all, []string{"NAME", "ID", "ISSUER", "SUBJECT", "LAST USED"}, func(t wire.TrustedIssuer) []string {
			return []string{t.Name, t.ID, t.IssuerURL, t.Subject, when(t.LastUsed, "never")}
		})
	})
}

type trustShowCmd struct {
	Name string `arg:"" help:"Its name or id."`
	listing
	trustOf
}

// Help is the text under the usage line.
func (trustShowCmd) Help() string {
	return `Example:

    adit trust show ci`
}

// Run shows it.
func (c *trustShowCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		t, err := server.TrustedIssuer(ctx, org, c.Name)
		if err != nil {
			return err
		}
		return p.printTrusted(c.listing, t, environmentNames(ctx, server, org))
	})
}

func (p *Process) printTrusted(l listing, t wire.TrustedIssuer, environments map[string]string) error {
	if l.json() {
		return printJSON(p.Stdout, t)
	}
	return printFields(p.Stdout, []field{
		{"name", t.Name}, {"id", t.ID}, {"issuer", t.IssuerURL}, {"subject", t.Subject}, {"audience", t.Audience},
		{"environments", named(t.Environments, environments)}, {"models", all(t.Models)}, {"limits", limits(t.Limits)}, {"tags", pairs(t.Tags)},
		{"created", at(t.Created)}, {"last used", when(t.LastUsed, "never")}, {"problem", cmp.Or(t.Problem, "")},
	})
}

type trustUpdateCmd struct {
	Name       string            `arg:"" help:"Its name or id."`
	NewName    *string           `name:"name" placeholder:"NAME" help:"New name."`
	Subject    *string           `placeholder:"PATTERN" help:"New pattern that the whole sub claim must match."`
	Env        []string          `placeholder:"NAME" help:"Environment, replacing the current ones; * for all; may be repeated."`
	Model      []string          `placeholder:"NAME" help:"Model, replacing the current ones; * for all; may be repeated."`
	RPM        *int              `placeholder:"N" help:"Limit all callers together to N calls to Bedrock per minute; 0 for no limit of their own."`
	Concurrent *int              `placeholder:"N" help:"Limit all callers together to N concurrent calls to Bedrock; 0 for no limit of their own."`
	Tag        map[string]string `xor:"tags" placeholder:"KEY=VALUE" help:"Tag, replacing the current ones; may be repeated."`
	NoTags     bool              `xor:"tags" help:"Remove all tags."`
	listing
	trustOf
}

// Help is the text under the usage line.
func (trustUpdateCmd) Help() string {
	return `Changes only what is given. The issuer's URL cannot be changed: create another trusted issuer.

Example:

    adit trust update ci --subject 'repo:acme/*:environment:production'`
}

func (c *trustUpdateCmd) patch(t wire.TrustedIssuer) wire.TrustedIssuerPatch {
	patch := wire.TrustedIssuerPatch{
		Name: c.NewName, Subject: c.Subject, Limits: changedLimits(t.Limits, c.RPM, c.Concurrent), Tags: changedTags(c.Tag, c.NoTags),
	}
	if c.Env != nil {
		patch.Environments = &c.Env
	}
	if c.Model != nil {
		patch.Models = &c.Model
	}
	return patch
}

// Run changes it.
func (c *trustUpdateCmd) Run(ctx context.Context, p *Process) error {
	if c.patch(wire.TrustedIssuer{}) == (wire.TrustedIssuerPatch{}) {
		return nothingNamed("adit trust update")
	}
	return c.on(ctx, p, func(server *client.Client, org string) error {
		t, err := server.TrustedIssuer(ctx, org, c.Name)
		if err != nil {
			return err
		}
		if t, err = server.UpdateTrustedIssuer(ctx, org, t.ID, c.patch(t)); err != nil {
			return err
		}
		return p.printTrusted(c.listing, t, environmentNames(ctx, server, org))
	})
}

type trustRevokeCmd struct {
	Name string `arg:"" help:"Its name or id."`
	yesFlag
	trustOf
}

// Help is the text under the usage line.
func (trustRevokeCmd) Help() string {
	return `Every replica refuses its tokens within a second.

Example:

    adit trust revoke ci --yes`
}

// Run revokes it.
func (c *trustRevokeCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		t, err := server.TrustedIssuer(ctx, org, c.Name)
		if err != nil {
			return err
		}
		if err := p.confirm(ctx, c.Yes, "Stop trusting %s (%s), last used %s?", t.Name, t.IssuerURL, when(t.LastUsed, "never")); err != nil {
			return err
		}
		if err := server.DistrustIssuer(ctx, org, t.ID); err != nil {
			return err
		}
		fmt.Fprintf(p.Stderr, "Trusted issuer %s revoked.\n", t.Name)
		return nil
	})
}
