package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/adit-hq/adit/internal/awssetup"
	"github.com/adit-hq/adit/internal/control/client"
)

type awsCmd struct {
	Setup  awsSetupCmd  `cmd:"" help:"Set up an AWS account to trust an environment, or print the setup."`
	Verify awsVerifyCmd `cmd:"" help:"Verify that AWS trusts an environment, and nobody else."`
	Remove awsRemoveCmd `cmd:"" help:"Remove what setup created in AWS."`
}

// awsEnvironment names the environment, in either of two ways.
type awsEnvironment struct {
	Env         string `arg:"" optional:"" help:"Environment, by name or id."`
	Environment string `placeholder:"NAME" help:"Same as the argument."`
	orgFlag
	controlFlags
}

// on connects and finds out which environment is meant.
func (a awsEnvironment) on(ctx context.Context, p *Process, work func(server *client.Client, org, env string) error) error {
	env := cmp.Or(a.Env, a.Environment)
	switch {
	case env == "":
		return wrongUsage("name the environment, such as prod. `adit env list` lists them.")
	case a.Env != "" && a.Environment != "" && a.Env != a.Environment:
		return wrongUsage("two environments are named, %s and %s. Name one.", a.Env, a.Environment)
	}
	return a.with(ctx, p, func(server *client.Client) error {
		org, err := a.in(ctx, server)
		if err != nil {
			return err
		}
		return work(server, org, env)
	})
}

// accountFlags say how the administrator reaches the account.
type accountFlags struct {
	Profile string `placeholder:"NAME" help:"Profile of your AWS configuration (default: AWS's default credential chain)." group:"AWS account:"`
	Account string `placeholder:"ID" help:"Stop unless the credentials belong to this account." group:"AWS account:"`
}

// open returns the account. The credentials are the administrator's own, found
// as AWS's tools find them; Adit keeps nothing of them.
func (f accountFlags) open(ctx context.Context, region, endpoint string) (awssetup.AWS, error) {
	return awssetup.Open(ctx, awssetup.Access{Region: region, Profile: f.Profile, EndpointURL: endpoint})
}

// planAnswer is what `adit aws setup` and `remove` print with --output json.
type planAnswer struct {
	*awssetup.Plan
	Summary string `json:"summary"`
	Applied bool   `json:"applied"`
}

// printPlan prints what would be done, with every difference.
func (p *Process) printPlan(w io.Writer, plan *awssetup.Plan) {
	paint := p.diffPainter(w)
	fmt.Fprintf(w, "AWS account %s\n\n", plan.Account)
	for _, s := range plan.Steps {
		line := fmt.Sprintf("  %-7s %s %s", s.Action, s.Kind, s.Name)
		if s.Why != "" {
			line += ": " + s.Why
		}
		fmt.Fprintln(w, line)
		for _, d := range s.Differences {
			fmt.Fprintf(w, "          %s\n", d.What)
			for _, l := range d.Lines {
				fmt.Fprintln(w, paint(l.Mark, "          "+l.Mark+" "+l.Text))
			}
		}
	}
	fmt.Fprintln(w)
	p.warnOfPlan(w, plan)
	fmt.Fprintf(w, "Plan: %s.\n", plan.Summary())
}

func (p *Process) warnOfPlan(w io.Writer, plan *awssetup.Plan) {
	for _, warning := range plan.Warnings {
		fmt.Fprintln(w, "Warning: "+warning)
	}
	if len(plan.Warnings) > 0 {
		fmt.Fprintln(w)
	}
}

// diffPainter colours lines that come and go, on a terminal.
func (p *Process) diffPainter(w io.Writer) func(mark, line string) string {
	green, red := lipgloss.NewStyle().Foreground(lipgloss.Green), lipgloss.NewStyle().Foreground(lipgloss.Red)
	coloured := p.coloured(w)
	return func(mark, line string) string {
		line = strings.TrimRight(line, " ")
		switch {
		case coloured && mark == "+":
			return green.Render(line)
		case coloured && mark == "-":
			return red.Render(line)
		}
		return line
	}
}

// apply does what the plan says and tells each step.
func (p *Process) apply(ctx context.Context, w io.Writer, plan *awssetup.Plan) error {
	done := map[awssetup.Action]string{
		awssetup.Create: "created", awssetup.Change: "changed", awssetup.Remove: "removed",
	}
	return plan.Apply(ctx, func(s awssetup.Step) {
		fmt.Fprintf(w, "  %s %s %s\n", done[s.Action], s.Kind, s.Name)
	})
}
