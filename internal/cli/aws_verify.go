package cli

import (
	"context"
	"fmt"

	"github.com/adit-hq/adit/internal/awssetup"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

type awsVerifyCmd struct {
	Settle bool `help:"Retry for up to a minute, for a role that was just created."`
	listing
	awsEnvironment
}

// Help is the text under the usage line.
func (awsVerifyCmd) Help() string {
	return `The server exchanges one token at AWS STS, then tries tokens that the role must refuse: another environment's and another organization's. Exit codes: 0 the role admits the environment and nobody else, 4 the role also admits other organizations, 5 AWS refuses the environment.

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
	fmt.Fprintf(p.Stdout, "AWS admits the environment %s, as %s in account %s.\n", v.Environment.Name, v.Exchange.SessionName, v.Exchange.Account)
	switch v.Probe.Verdict {
	case "refuses":
		fmt.Fprintln(p.Stdout, "The role refuses everybody else. The environment is "+stateOf(v.Environment)+".")
	case "wide":
		fmt.Fprintln(p.Stdout, "Warning: the role also admits other environments of the organization. The environment is "+stateOf(v.Environment)+". "+v.Probe.Why)
	case "unsafe":
		fmt.Fprintln(p.Stdout, "Warning: the role also admits other organizations. The environment is "+stateOf(v.Environment)+".")
	case "undecided":
		fmt.Fprintln(p.Stdout, "Warning: it is not known yet whether the role refuses everybody else. "+v.Probe.Why)
	}
}

// verdictOf is the error of a verification that did not go well.
func verdictOf(v wire.Verification) error {
	switch {
	case v.Exchange.Problem != nil:
		return client.Fault(*v.Exchange.Problem)
	case v.Probe.Verdict == "unsafe" && v.Environment.Accepted == nil:
		return exitWith(exitForbidden, "the role admits tokens of other organizations, so the environment %s is unsafe and blocked: the role's trust policy has no condition on the subject, or one that is too broad.\n"+
			"Run `adit aws setup %[1]s`, which adds the missing condition, or accept the risk with `adit env accept %[1]s --reason TEXT`.", v.Environment.Name)
	}
	return nil
}

type awsRemoveCmd struct {
	DryRun bool `name:"dry-run" help:"Print the plan and change nothing."`
	yesFlag
	RoleName string `name:"role-name" placeholder:"NAME" help:"Role, if it was named at setup (default: the environment's)."`
	listing
	accountFlags
	awsEnvironment
}

// Help is the text under the usage line.
func (awsRemoveCmd) Help() string {
	return `Removes what setup created, and nothing else: the role and the OIDC provider if they carry Adit's tags and nobody else uses them, or only the environment's statement in a role that is shared. The environment is left without a role, and its callers are refused.

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
		if err := p.confirm(ctx, c.Yes, "Change AWS account %s, and remove the role from the environment %s?", s.plan.Account, s.env.EnvironmentName); err != nil {
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
			fmt.Fprintf(shown, "  removed the role from the environment %s\n", s.env.EnvironmentName)
		}
	}
	if c.json() {
		return printJSON(p.Stdout, planAnswer{s.plan, s.plan.Summary(), change})
	}
	return nil
}
