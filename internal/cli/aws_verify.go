package cli

import (
	"context"
	"fmt"

	"github.com/adit-hq/adit/internal/awssetup"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

type awsVerifyCmd struct {
	Settle bool `help:"The role is new: ask for up to a minute until AWS knows it."`
	listing
	awsEnvironment
}

// Help is the text under the usage line.
func (awsVerifyCmd) Help() string {
	return `Has the server exchange one token at AWS, and then try tokens that the role must refuse: another environment's and another organization's. It exits with 0 when AWS lets in the environment and nobody else, with 5 when AWS refuses it, and with 4 when the role lets others in too.

Example:

    adit aws verify prod`
}

// Run verifies.
func (c *awsVerifyCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org, env string) error {
		v, err := server.Verify(ctx, org, env, wire.ExchangeInput{Settle: c.Settle})
		if err != nil {
			return err
		}
		if c.json() {
			if err := printJSON(p.Stdout, v); err != nil {
				return err
			}
			return verdictOf(v)
		}
		if err := printFields(p.Stdout, exchangeFields(v.Exchange)); err != nil {
			return err
		}
		fmt.Fprintln(p.Stdout)
		p.printVerdict(v)
		return verdictOf(v)
	})
}

// printVerdict says in a line or two whether AWS trusts the environment alone.
func (p *Process) printVerdict(v wire.Verification) {
	if v.Exchange.Problem != nil {
		return // verdictOf tells it
	}
	fmt.Fprintf(p.Stdout, "AWS lets the environment %s in, as %s in account %s.\n", v.Environment.Name, v.Exchange.SessionName, v.Exchange.Account)
	switch v.Probe.Verdict {
	case "refuses":
		fmt.Fprintln(p.Stdout, "The role refuses everybody else. The environment is "+stateOf(v.Environment)+".")
	case "wide":
		fmt.Fprintln(p.Stdout, "Warning: the role lets in other environments of the organization too. The environment is "+stateOf(v.Environment)+". "+v.Probe.Why)
	case "unsafe":
		fmt.Fprintln(p.Stdout, "Warning: the role lets in other organizations. The environment is "+stateOf(v.Environment)+".")
	case "undecided":
		fmt.Fprintln(p.Stdout, "Warning: whether the role refuses everybody else is not known yet. "+v.Probe.Why)
	}
}

// verdictOf is the error of a verification that did not go well.
func verdictOf(v wire.Verification) error {
	switch {
	case v.Exchange.Problem != nil:
		return client.Fault(*v.Exchange.Problem)
	case v.Probe.Verdict == "unsafe" && v.Environment.Accepted == nil:
		return exitWith(exitForbidden, "the role lets in tokens of other organizations, so the environment %s is unsafe and not used: its trust policy has no condition on the subject, or one that is too wide.\n"+
			"Run `adit aws setup %[1]s`, which adds the missing condition, or answer for it with `adit env accept %[1]s --reason TEXT`.", v.Environment.Name)
	}
	return nil
}

type awsRemoveCmd struct {
	DryRun bool `name:"dry-run" help:"Print the plan and change nothing."`
	yesFlag
	RoleName string `name:"role-name" placeholder:"NAME" help:"The role, where it was named at setup (default: the environment's)."`
	listing
	accountFlags
	awsEnvironment
}

// Help is the text under the usage line.
func (awsRemoveCmd) Help() string {
	return `Undoes what setup did in the account, and only that: the role and the OIDC provider go where they carry Adit's tags and nobody else uses them; from a role of others only the environment's part goes. Then the environment has no role any more, and its callers are refused.

Example:

    adit aws remove prod --profile admin`
}

// Run undoes the setup.
func (c *awsRemoveCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org, env string) error {
		s, err := server.Setup(ctx, org, env, wire.SetupInput{})
		if err != nil {
			return err
		}
		account, err := c.open(ctx, s.Facts.Region, c.All)
		if err != nil {
			return err
		}
		plan, err := awssetup.NewRemoval(ctx, s.Facts.Facts(), awssetup.Options{RoleName: c.RoleName, Account: c.Account}, account)
		if err != nil {
			return err
		}
		return c.carryOut(ctx, p, setup{server: server, org: org, env: s.Facts, plan: plan})
	})
}

func (c *awsRemoveCmd) carryOut(ctx context.Context, p *Process, s setup) error {
	shown := p.Stdout
	if c.json() {
		shown = p.Stderr
	}
	p.printPlan(shown, s.plan)
	change := !c.DryRun && (!s.plan.Empty() || s.env.RoleARN != "")
	if change {
		if err := p.confirm(ctx, c.Yes, "Change AWS account %s, and take the role from the environment %s?", s.plan.Account, s.env.EnvironmentName); err != nil {
			return err
		}
		if err := p.apply(ctx, shown, s.plan); err != nil {
			return err
		}
		if s.env.RoleARN != "" {
			none := ""
			if _, err := s.server.UpdateEnvironment(ctx, s.org, s.env.EnvironmentID, wire.EnvironmentPatch{RoleARN: &none}); err != nil {
				return err
			}
			fmt.Fprintf(shown, "  took the role from the environment %s\n", s.env.EnvironmentName)
		}
	}
	if c.json() {
		return printJSON(p.Stdout, planAnswer{s.plan, s.plan.Summary(), change})
	}
	return nil
}
