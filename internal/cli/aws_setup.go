package cli

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/adit-hq/adit/internal/awssetup"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

type awsSetupCmd struct {
	DryRun bool `name:"dry-run" help:"Print the plan and change nothing."`
	yesFlag
	Format string `enum:",cli,terraform,cloudformation,console" default:"" placeholder:"FORMAT" help:"Do not access AWS: print an AWS CLI script, a Terraform module, a CloudFormation template or steps for the AWS console (cli, terraform, cloudformation, console)."`
	Out    string `placeholder:"FILE" help:"Write the output of --format to this file (default: standard output)."`
	listing
	setupFlags
	accountFlags
	awsEnvironment
}

// setupFlags are an administrator's wishes.
type setupFlags struct {
	RoleName    string            `name:"role-name" placeholder:"NAME" help:"Role to create or extend (default: the environment's, or one named after it)." group:"Resources to create:"`
	Path        string            `placeholder:"PATH" help:"Path of the role (default: /)." group:"Resources to create:"`
	Boundary    string            `name:"permissions-boundary" placeholder:"ARN" help:"Permissions boundary of the role." group:"Resources to create:"`
	MaxSession  time.Duration     `name:"max-session" placeholder:"DURATION" help:"Maximum session duration of the role, 1h to 12h (default: the environment's, at least 1h)." group:"Resources to create:"`
	Tag         map[string]string `placeholder:"KEY=VALUE" help:"Tag of the OIDC provider and the role; may be repeated." group:"Resources to create:"`
	Models      []string          `placeholder:"ID" help:"Models that the role may invoke, separated by commas (default: every embedding model of the region, and those enabled)." group:"Resources to create:"`
	FullAccess  bool              `name:"full-access" help:"Also attach AmazonBedrockFullAccess." group:"Resources to create:"`
	Marketplace bool              `help:"Allow the role to accept AWS Marketplace agreements for the account." group:"Resources to create:"`
}

func (f setupFlags) options(account string) *wire.SetupOptions {
	return &wire.SetupOptions{
		RoleName: f.RoleName, Path: f.Path, Boundary: f.Boundary, MaxSessionSeconds: int(f.MaxSession / time.Second), Tags: f.Tag,
		Models: f.Models, FullAccess: f.FullAccess, Marketplace: f.Marketplace, Account: account,
	}
}

// Help is the text under the usage line.
func (awsSetupCmd) Help() string {
	return `Creates an OIDC provider for the server's issuer, a role that only this environment can assume, and a policy that allows invoking and listing embedding models. It reads the account with your own AWS credentials, prints a plan with every difference, asks, applies it, stores the role in the environment, and waits until AWS admits the environment and refuses everybody else.

It is safe to run again: it changes only what differs, and completes an interrupted run. With --format it does not access AWS, and prints the same setup for somebody else to apply.

Examples:

    adit aws setup prod --profile admin
    adit aws setup prod --format terraform --account 111122223333 --out adit.tf`
}

// Run sets the account up, or prints how to.
func (c *awsSetupCmd) Run(ctx context.Context, p *Process) error {
	if c.Out != "" && c.Format == "" {
		return wrongUsage("--out belongs to --format")
	}
	return c.on(ctx, p, func(server *client.Client, org, env string) error {
		options := c.options(c.Account)
		s, err := server.Setup(ctx, org, env, wire.SetupInput{Format: c.Format, Options: options})
		switch {
		case err != nil:
			return err
		case c.Format != "":
			return c.printDocument(p, s)
		case s.Facts.Issuer == "":
			return fault.New(fault.Config, "the server has no public URL for AWS to trust").WithCode("no_issuer").
				WithRemedy("Start it with --issuer-url https://HOST.")
		}
		account, err := c.open(ctx, s.Facts.Region, c.All)
		if err != nil {
			return err
		}
		plan, err := awssetup.NewPlan(ctx, s.Facts.Facts(), options.Options(), account)
		if err != nil {
			return err
		}
		return c.carryOut(ctx, p, setup{server: server, org: org, env: s.Facts, plan: plan})
	})
}

func (c *awsSetupCmd) printDocument(p *Process, s wire.Setup) error {
	if c.json() {
		return printJSON(p.Stdout, s)
	}
	if c.Out == "" {
		_, err := fmt.Fprint(p.Stdout, s.Document)
		return err
	}
	if err := os.WriteFile(c.Out, []byte(s.Document), 0o644); err != nil { //nolint:gosec // it holds no secret, and others are to carry it out
		return fault.Wrap(err, fault.Config, "the document cannot be written: %v", err).WithRemedy("Check --out.")
	}
	fmt.Fprintf(p.Stderr, "Wrote %s. Once it is applied, run: adit env update %s --role-arn ARN, then adit aws verify %[2]s\n", c.Out, c.named(s.Facts.EnvironmentName))
	return nil
}

// setup is a plan and the environment that it is for.
type setup struct {
	server *client.Client
	org    string
	env    wire.SetupFacts
	plan   *awssetup.Plan
}

// carryOut shows the plan, asks, applies it, and lets the server see for itself.
func (c *awsSetupCmd) carryOut(ctx context.Context, p *Process, s setup) error {
	shown := p.Stdout
	if c.json() {
		shown = p.Stderr
	}
	p.printPlan(shown, s.plan)
	stored := s.env.RoleARN == s.plan.RoleARN
	switch {
	case c.DryRun:
		return c.answer(p, s.plan, false, nil)
	case !s.plan.Empty():
		if err := p.confirm(ctx, c.Yes, "Change AWS account %s?", s.plan.Account); err != nil {
			return err
		}
		if err := p.apply(ctx, shown, s.plan); err != nil {
			return err
		}
	case !stored:
		if err := p.confirm(ctx, c.Yes, "Store the role %s in the environment %s?", s.plan.RoleARN, s.env.EnvironmentName); err != nil {
			return err
		}
	}
	if !stored {
		if _, err := s.server.UpdateEnvironment(ctx, s.org, s.env.EnvironmentID, wire.EnvironmentPatch{RoleARN: &s.plan.RoleARN}); err != nil {
			return err
		}
		fmt.Fprintf(shown, "  stored the role %s in the environment %s\n", s.plan.RoleARN, s.env.EnvironmentName)
	}
	fmt.Fprintln(shown, "\nVerifying with AWS; a new role takes a few seconds to take effect.")
	v, err := s.server.Verify(ctx, s.org, s.env.EnvironmentID, wire.ExchangeInput{Settle: true})
	if err != nil {
		return err
	}
	if err := c.answer(p, s.plan, !s.plan.Empty(), &v); err != nil {
		return err
	}
	if !c.json() {
		p.printVerdict(v)
	}
	if err := verdictOf(v); err != nil {
		return err
	}
	p.nextSteps(v.Environment, c.orgFlag)
	return nil
}

// setupAnswer is what `adit aws setup --output json` prints.
type setupAnswer struct {
	planAnswer
	Verification *wire.Verification `json:"verification,omitempty"`
}

func (c *awsSetupCmd) answer(p *Process, plan *awssetup.Plan, applied bool, v *wire.Verification) error {
	if !c.json() {
		return nil
	}
	return printJSON(p.Stdout, setupAnswer{planAnswer{plan, plan.Summary(), applied}, v})
}

// nextSteps says what can be done now.
func (p *Process) nextSteps(e wire.Environment, org orgFlag) {
	if len(e.Models) == 0 {
		fmt.Fprintf(p.Stderr, "\nNext: adit env models %s, then adit env enable %[1]s MODEL and adit key create NAME --env %[2]s\n", org.named(e.Name), e.Name)
		return
	}
	fmt.Fprintf(p.Stderr, "\nNext: adit key create NAME --env %s; callers then ask for the model %s\n", org.named(e.Name), e.InvokeNames[0])
}
