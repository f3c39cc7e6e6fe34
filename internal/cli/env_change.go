package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/ident"
)

type envCreateCmd struct {
	Name        string            `arg:"" help:"Name, unique in the organization: a-z, 0-9 and hyphens."`
	Description string            `placeholder:"TEXT" help:"Description."`
	Region      string            `required:"" placeholder:"REGION" help:"AWS region of its models, such as eu-central-1."`
	RoleARN     string            `name:"role-arn" placeholder:"ARN" help:"IAM role to assume, if it exists already; otherwise adit aws setup creates one."`
	Audience    []string          `placeholder:"AUDIENCE" help:"Audience of its tokens; the first one is used for AWS; may be repeated (default: bedrock)."`
	Session     time.Duration     `placeholder:"DURATION" help:"Lifetime of its AWS credentials, 15m to 12h (default: 1h)."`
	Model       []string          `placeholder:"ID" help:"Bedrock model to enable for callers; may be repeated."`
	SessionName string            `enum:",environment,key,user" default:"" placeholder:"WHOM" help:"Name role sessions after the environment, key or user (default: key)."`
	SessionTags bool              `help:"Send organization, environment, key and the key's tags to AWS as session tags."`
	RPM         int               `placeholder:"N" help:"Limit to N calls to Bedrock per minute (default: no limit of its own)."`
	Concurrent  int               `placeholder:"N" help:"Limit to N concurrent calls to Bedrock (default: no limit of its own)."`
	Tag         map[string]string `placeholder:"KEY=VALUE" help:"Tag; may be repeated."`
	listing
	orgFlag
	controlFlags
}

// Help is the text under the usage line.
func (envCreateCmd) Help() string {
	return `An environment binds an organization to one AWS role in one region. It can be created before the role exists.

Examples:

    adit env create prod --region eu-central-1
    adit env create prod --region eu-central-1 --role-arn arn:aws:iam::111122223333:role/adit-prod --tag team=search`
}

// Run makes the environment and says what comes next.
func (c *envCreateCmd) Run(ctx context.Context, p *Process) error {
	return c.with(ctx, p, func(server *client.Client) error {
		org, err := c.in(ctx, server)
		if err != nil {
			return err
		}
		in := wire.EnvironmentInput{
			Name: c.Name, Description: c.Description, Region: c.Region, RoleARN: c.RoleARN, Audiences: c.Audience,
			SessionSeconds: int(c.Session / time.Second), Models: c.Model, SessionName: c.SessionName, SessionTags: c.SessionTags, Tags: c.Tag,
		}
		if c.RPM != 0 || c.Concurrent != 0 {
			in.Limits = &wire.Limits{PerMinute: c.RPM, Concurrent: c.Concurrent}
		}
		e, err := server.CreateEnvironment(ctx, org, in)
		if err != nil {
			return err
		}
		if err := p.printEnvironment(c.listing, e); err != nil {
			return err
		}
		p.advise(e.Advice)
		next := "adit aws setup " + c.named(e.Name)
		if e.RoleARN != "" {
			next = "adit aws verify " + c.named(e.Name)
		}
		if e.Issuer == "" {
			next = "restart the server with --issuer-url https://HOST, which AWS must be able to reach. Then: " + next
		}
		fmt.Fprintf(p.Stderr, "\nNext: %s\n", next)
		return nil
	})
}

// named names an environment of the organization to a command.
func (f orgFlag) named(environment string) string { return ident.Argument(environment, f.Org) }

// advise prints what is allowed but should be known.
func (p *Process) advise(advice []string) {
	for _, a := range advice {
		fmt.Fprintln(p.Stderr, "Note: "+a)
	}
}

type envUpdateCmd struct {
	envArg
	NewName     *string           `name:"name" placeholder:"NAME" help:"New name. The id, and so what AWS trusts, stays the same."`
	Description *string           `placeholder:"TEXT" help:"Description."`
	Region      *string           `placeholder:"REGION" help:"AWS region of its models."`
	RoleARN     *string           `name:"role-arn" placeholder:"ARN" help:"IAM role to assume; empty for none."`
	Audience    []string          `placeholder:"AUDIENCE" help:"Audience, replacing the current ones; may be repeated."`
	Session     *time.Duration    `placeholder:"DURATION" help:"Lifetime of its AWS credentials, 15m to 12h."`
	SessionName *string           `enum:"environment,key,user" placeholder:"WHOM" help:"Name role sessions after the environment, key or user."`
	SessionTags *bool             `negatable:"" help:"Send organization, environment, key and the key's tags to AWS as session tags, or stop."`
	RPM         *int              `placeholder:"N" help:"Limit to N calls to Bedrock per minute; 0 for no limit of its own."`
	Concurrent  *int              `placeholder:"N" help:"Limit to N concurrent calls to Bedrock; 0 for no limit of its own."`
	Tag         map[string]string `xor:"tags" placeholder:"KEY=VALUE" help:"Tag, replacing the current ones; may be repeated."`
	NoTags      bool              `xor:"tags" help:"Remove all tags."`
	listing
}

// Help is the text under the usage line.
func (envUpdateCmd) Help() string {
	return `Changes only what is given. Cached AWS credentials are dropped on every replica within a second, and a new role is probed before its first use. To change models, use ` + "`adit env enable`" + ` and ` + "`disable`" + `.

Example:

    adit env update prod --role-arn arn:aws:iam::111122223333:role/adit-prod`
}

func (c *envUpdateCmd) patch(e wire.Environment) wire.EnvironmentPatch {
	patch := wire.EnvironmentPatch{
		Name: c.NewName, Description: c.Description, Region: c.Region, RoleARN: c.RoleARN, SessionName: c.SessionName, SessionTags: c.SessionTags,
		Limits: changedLimits(e.Limits, c.RPM, c.Concurrent), Tags: changedTags(c.Tag, c.NoTags),
	}
	if c.Audience != nil {
		patch.Audiences = &c.Audience
	}
	if c.Session != nil {
		seconds := int(*c.Session / time.Second)
		patch.SessionSeconds = &seconds
	}
	return patch
}

// changedLimits are the limits that a thing has, with those that are given; nil
// when none is.
func changedLimits(has wire.Limits, rpm, concurrent *int) *wire.Limits {
	if rpm == nil && concurrent == nil {
		return nil
	}
	if rpm != nil {
		has.PerMinute = *rpm
	}
	if concurrent != nil {
		has.Concurrent = *concurrent
	}
	return &has
}

// changedTags are the tags that are given; nil when nothing was said of them.
func changedTags(tags map[string]string, none bool) *map[string]string {
	switch {
	case none:
		return &map[string]string{}
	case tags == nil:
		return nil
	}
	return &tags
}

// Run changes it.
func (c *envUpdateCmd) Run(ctx context.Context, p *Process) error {
	if c.patch(wire.Environment{}) == (wire.EnvironmentPatch{}) {
		return nothingNamed("adit env update")
	}
	return c.on(ctx, p, func(server *client.Client, org string) error {
		e, err := server.Environment(ctx, org, c.Env)
		if err != nil {
			return err
		}
		if e, err = server.UpdateEnvironment(ctx, org, e.ID, c.patch(e)); err != nil {
			return err
		}
		p.advise(e.Advice)
		return p.printEnvironment(c.listing, e)
	})
}
