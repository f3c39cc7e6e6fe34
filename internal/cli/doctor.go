package cli

import (
	"context"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/adit-hq/adit/internal/app"
	"github.com/adit-hq/adit/internal/spicepod"
)

// clockLimit is how far off a clock may be before the doctor says so. AWS
// refuses signatures that are 5 minutes off.
const clockLimit = 2 * time.Minute

type doctorCmd struct {
	configFlag
	Environment string `placeholder:"NAME" help:"Diagnose this environment of the server, instead of a file."`
	Invoke      bool   `help:"With --environment: also invoke each enabled model once, which AWS bills."`
	listing
	orgFlag
	controlFlags
}

// Help is the text under the usage line.
func (doctorCmd) Help() string {
	return `For a spicepod.yaml, tries every source of AWS credentials in Adit's order. It reports what each source returned or why it returned nothing, which one is used, its AWS account, and whether Bedrock's endpoint answers. It shows no secrets and invokes no model.

Exit codes: 0 every model has credentials, 5 a model has none, 6 an endpoint cannot be reached.

With --environment, the server checks each step of the keyless path: public URL and TLS, discovery document, published keys, clock, token, exchange at AWS STS, whether the role refuses everybody else, the identity that AWS sees, the model list, and access to each enabled model. Each step shows a verdict, what was found, and how to fix it.

Exit codes with --environment, by the first failed step: 0 none failed, 3 the server needs fixing, 5 AWS refuses, 6 something does not answer.

Examples:

    adit doctor --config spicepod.yaml
    adit doctor --environment prod --invoke`
}

// Run examines and reports.
func (c *doctorCmd) Run(ctx context.Context, p *Process) error {
	switch {
	case c.Environment != "":
		return c.examineEnvironment(ctx, p)
	case c.Invoke:
		return wrongUsage("--invoke requires --environment")
	}
	file, err := p.load(c.Config, c.json())
	if err != nil {
		return err
	}
	chained, environments := bySigner(file.Models)
	found, err := app.Inspect(ctx, app.Settings{Endpoints: c.endpoints(), Environ: p.Environ, Version: p.version()}, chained)
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if c.json() {
		err = printJSON(p.Stdout, doctorAnswer{file.Path, healthy(found) == nil, examinations(found), environments})
	} else {
		fmt.Fprintf(p.Stdout, "%s is valid and has %s for Adit.\n", file.Path, counted(int64(len(file.Models)), "model"))
		for _, one := range found {
			p.printInspection(p.Stdout, one)
		}
		for _, e := range environments {
			fmt.Fprintf(p.Stdout, "\n%s of the environment %s: %s\n  They use the environment's role, not this machine's credentials. Run `adit doctor --environment %s`.\n",
				counted(int64(len(e.Models)), "model"), e.Environment, list(e.Models), e.Environment)
		}
	}
	if err != nil {
		return err
	}
	return healthy(found)
}

// bySigner tells the models that credentials of this machine sign for from those
// of environments.
func bySigner(models []spicepod.Model) (chained []spicepod.Model, environments []environmentModels) {
	place := map[string]int{}
	for _, m := range models {
		name := m.AWS.Environment
		if name == "" {
			chained = append(chained, m)
			continue
		}
		i, known := place[name]
		if !known {
			i = len(environments)
			place[name], environments = i, append(environments, environmentModels{Environment: name})
		}
		environments[i].Models = append(environments[i].Models, m.Name)
	}
	return chained, environments
}

// healthy returns the silent exit of the worst that was found, or nil.
func healthy(found []app.Inspection) error {
	var worst error
	for _, one := range found {
		if one.Credentials.Winner == nil {
			return exitWith(exitRefused, "")
		}
		if one.Endpoint.Err != nil {
			worst = exitWith(exitTryLater, "")
		}
	}
	return worst
}

func (p *Process) printInspection(w io.Writer, one app.Inspection) {
	paint := p.painter(w)
	row := func(name, format string, args ...any) {
		fmt.Fprintf(w, "  %s  %s\n", paint(name), fmt.Sprintf(format, args...))
	}
	report := one.Credentials
	fmt.Fprintf(w, "\n%s in %s: %s\n", counted(int64(len(one.Models)), "model"), report.Region, list(one.Models))
	for _, s := range report.Sources {
		row(string(s.Verdict), "%s: %s", s.Title, s.Reason)
		// A source that nobody set up needs no remedy while another one serves.
		if s.Remedy != "" && (report.Winner == nil || s.Verdict == "invalid") {
			row("", "%s", s.Remedy)
		}
	}
	if win := report.Winner; win == nil {
		row("no credentials", "Calls to these models fail.")
	} else {
		row("key", "%s, %s", win.AccessKeyID, expiry(win.Expires))
		row("account", "%s", account(win.Account, win.ARN))
	}
	for _, warning := range append(report.Warnings, clockWarning(one.Endpoint)...) {
		row("warning", "%s", warning)
	}
	if err := one.Endpoint.Err; err != nil {
		row("no endpoint", "%s does not answer: %v. Check the network, a proxy, and aws_endpoint_url.", one.Endpoint.URL, err)
		return
	}
	row("endpoint", "%s answers", one.Endpoint.URL)
}

// clockWarning reports a clock that AWS will soon refuse, or refuses already.
func clockWarning(e app.Endpoint) []string {
	if e.ClockAhead == nil || time.Duration(math.Abs(float64(*e.ClockAhead))) < clockLimit {
		return nil
	}
	way, by := "ahead of", *e.ClockAhead
	if by < 0 {
		way, by = "behind", -by
	}
	return []string{fmt.Sprintf("this machine's clock is %v %s the endpoint's: set it, AWS refuses signatures that are 5 minutes off", by, way)}
}

func account(id, arn string) string {
	switch {
	case id == "":
		return "unknown"
	case arn == "":
		return id
	}
	return id + ", " + arn
}

func expiry(at *time.Time) string {
	if at == nil {
		return "does not expire"
	}
	return "expires at " + at.UTC().Format(time.RFC3339)
}
