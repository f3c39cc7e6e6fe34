package cli

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

type envCmd struct {
	Create      envCreateCmd      `cmd:"" help:"Create an environment: an AWS region and a role to assume."`
	List        envListCmd        `cmd:"" help:"List environments."`
	Show        envShowCmd        `cmd:"" help:"Show an environment, and what AWS must trust."`
	Update      envUpdateCmd      `cmd:"" help:"Change an environment."`
	Delete      envDeleteCmd      `cmd:"" help:"Delete an environment. Its id is never used again."`
	Models      envModelsCmd      `cmd:"" help:"List the Bedrock models of an environment's AWS account."`
	Enable      envEnableCmd      `cmd:"" help:"Allow callers to use models of an environment."`
	Disable     envDisableCmd     `cmd:"" help:"Stop callers from using models of an environment."`
	Accept      envAcceptCmd      `cmd:"" help:"Accept the risk of an environment whose role is unsafe."`
	Token       envTokenCmd       `cmd:"" help:"Print an OIDC token of an environment."`
	Credentials envCredentialsCmd `cmd:"" help:"Print temporary AWS credentials, for credential_process."`
	Exchange    envExchangeCmd    `cmd:"" help:"Exchange one token at AWS STS, and report the result."`
}

// envArg names an environment.
type envArg struct {
	Env string `arg:"" help:"Environment, by name or id."`
	orgFlag
	controlFlags
}

// on connects and finds out whose the environment is.
func (a envArg) on(ctx context.Context, p *Process, work func(server *client.Client, org string) error) error {
	return a.with(ctx, p, func(server *client.Client) error {
		org, err := a.in(ctx, server)
		if err != nil {
			return err
		}
		return work(server, org)
	})
}

type envListCmd struct {
	listing
	orgFlag
	controlFlags
}

// Help is the text under the usage line.
func (envListCmd) Help() string {
	return `States: pending, the role has not been verified; ready, the role admits this environment and nobody else; unsafe, the role admits other organizations too; failing, the last exchange failed.

Example:

    adit env list --org research`
}

// Run lists them.
func (c *envListCmd) Run(ctx context.Context, p *Process) error {
	return c.with(ctx, p, func(server *client.Client) error {
		org, err := c.in(ctx, server)
		if err != nil {
			return err
		}
		all, err := collected(server.Environments(ctx, org))
		if err != nil {
			return err
		}
		return listed(p, c.listing, all, []string{"NAME", "STATE", "REGION", "MODELS", "LAST EXCHANGE", "ROLE"}, func(e wire.Environment) []string {
			return []string{e.Name, stateOf(e), e.Region, strconv.Itoa(len(e.Models)), lastExchange(e), cmp.Or(e.RoleARN, "none yet")}
		})
	})
}

// stateOf is the state, and whether somebody answers for it.
func stateOf(e wire.Environment) string {
	if e.State == "unsafe" && e.Accepted != nil && e.Accepted.RoleARN == e.RoleARN {
		return "unsafe, accepted"
	}
	return e.State
}

func lastExchange(e wire.Environment) string {
	if e.Activity == nil || e.Activity.Exchanged == nil {
		return "never"
	}
	return at(*e.Activity.Exchanged) + " " + e.Activity.Outcome
}

type envShowCmd struct {
	listing
	envArg
}

// Help is the text under the usage line.
func (envShowCmd) Help() string {
	return `Includes the issuer, subject and audience that the role's trust policy must name.

Example:

    adit env show prod`
}

// Run shows it.
func (c *envShowCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		e, err := server.Environment(ctx, org, c.Env)
		if err != nil {
			return err
		}
		return p.printEnvironment(c.listing, e)
	})
}

type envDeleteCmd struct {
	Force bool `help:"Delete it even if API keys, trusted issuers or models refer to it."`
	yesFlag
	envArg
}

// Help is the text under the usage line.
func (envDeleteCmd) Help() string {
	return `Refuses, and lists them, if API keys, trusted issuers or models of spicepod.yaml refer to the environment. Once it is deleted, its callers are refused within a second. Nothing changes in AWS: run ` + "`adit aws remove`" + ` first.

Example:

    adit env delete staging --yes`
}

// Run deletes it.
func (c *envDeleteCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		e, err := server.Environment(ctx, org, c.Env)
		if err != nil {
			return err
		}
		if err := p.confirm(ctx, c.Yes, "Delete the environment %s (%s)?", e.Name, e.ID); err != nil {
			return err
		}
		if err := server.DeleteEnvironment(ctx, org, e.ID, c.Force); err != nil {
			return err
		}
		fmt.Fprintf(p.Stderr, "Environment %s deleted.\n", e.Name)
		return nil
	})
}

func (p *Process) printEnvironment(l listing, e wire.Environment) error {
	if l.json() {
		return printJSON(p.Stdout, e)
	}
	fields := []field{
		{"name", e.Name}, {"id", e.ID}, {"description", e.Description},
		{"state", strings.TrimSuffix(stateOf(e)+": "+e.Why, ": ")},
		{"provider", e.Provider}, {"region", e.Region}, {"role", cmp.Or(e.RoleARN, "none yet")},
		{"issuer", cmp.Or(e.Issuer, "none: the server has no --issuer-url")}, {"subject", e.Subject}, {"audiences", strings.Join(e.Audiences, ", ")},
		{"sessions", spell(time.Duration(e.SessionSeconds)*time.Second) + ", named after the " + e.SessionName}, {"session tags", yesNo(e.SessionTags)},
		{"models", cmp.Or(strings.Join(e.InvokeNames, "\n"), "none yet")}, {"limits", limits(e.Limits)}, {"tags", pairs(e.Tags)},
		{"last exchange", lastExchange(e)},
	}
	if e.Activity != nil {
		fields = append(fields, field{"AWS said", e.Activity.Why})
	}
	fields = append(fields, field{"probed", when(e.Probed, "")})
	if a := e.Accepted; a != nil {
		fields = append(fields, field{"accepted", fmt.Sprintf("by %s at %s, for %s: %s", a.By, at(a.At), a.RoleARN, a.Reason)})
	}
	return printFields(p.Stdout, append(fields, field{"created", at(e.Created)}, field{"updated", at(e.Updated)}))
}

// limits writes limits for people.
func limits(l wire.Limits) string {
	var parts []string
	if l.PerMinute > 0 {
		parts = append(parts, grouped(int64(l.PerMinute))+" calls a minute")
	}
	if l.Concurrent > 0 {
		parts = append(parts, grouped(int64(l.Concurrent))+" at once")
	}
	return cmp.Or(strings.Join(parts, ", "), "none")
}
