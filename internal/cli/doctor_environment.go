package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

// environmentAnswer is what `adit doctor --environment --output json` prints.
type environmentAnswer struct {
	Environment string       `json:"environment"`
	Verdict     string       `json:"verdict"`
	Steps       []wire.Step  `json:"steps"`
	Summary     wire.Summary `json:"summary"`
}

// examineEnvironment has the server walk from its issuer to the models, and
// prints each step as it is made.
func (c *doctorCmd) examineEnvironment(ctx context.Context, p *Process) error {
	return c.with(ctx, p, func(server *client.Client) error {
		org, err := c.in(ctx, server)
		if err != nil {
			return err
		}
		answer := environmentAnswer{Environment: c.Environment, Steps: []wire.Step{}}
		if !c.json() {
			fmt.Fprintf(p.Stdout, "Environment %s\n\n", c.Environment)
		}
		for event, err := range server.Diagnose(ctx, org, c.Environment, wire.DiagnosisInput{Invoke: c.Invoke}) {
			if err != nil {
				return err
			}
			if event.Summary != nil {
				answer.Summary, answer.Verdict = *event.Summary, event.Summary.Verdict
			}
			if event.Step != nil {
				answer.Steps = append(answer.Steps, *event.Step)
				if !c.json() {
					p.printStep(p.Stdout, *event.Step)
				}
			}
		}
		if c.json() {
			if err := printJSON(p.Stdout, answer); err != nil {
				return err
			}
		} else {
			s := answer.Summary
			fmt.Fprintf(p.Stdout, "\n%d ok, %s, %d failed, %d skipped.\n", s.OK, counted(int64(s.Warnings), "warning"), s.Failed, s.Skipped)
		}
		return ailment(answer.Steps)
	})
}

// ailment is the silent exit of the first step that failed, or nil. What comes
// after it mostly fails for its sake.
func ailment(steps []wire.Step) error {
	i := slices.IndexFunc(steps, func(s wire.Step) bool { return s.Verdict == "failed" })
	switch {
	case i < 0:
		return nil
	case steps[i].Kind == "":
		return exitWith(exitRefused, "")
	}
	return exitWith(exitCode(client.Fault(wire.Problem{Kind: steps[i].Kind})), "")
}

// printStep prints a step with what was seen and what to do.
func (p *Process) printStep(w io.Writer, s wire.Step) {
	fmt.Fprintf(w, "  %s %s", p.mark(w, s.Verdict), spaced(s.Name))
	if s.Message != "" {
		fmt.Fprintf(w, ": %s", s.Message)
	}
	fmt.Fprintln(w)
	width := 0
	for _, f := range s.Facts {
		width = max(width, len(f.Name))
	}
	for _, f := range s.Facts {
		fmt.Fprintf(w, "      %-*s  %s\n", width, spaced(f.Name), indented(f.Value, 8+width))
	}
	if s.Remedy != "" && s.Verdict != "ok" {
		fmt.Fprintf(w, "      > %s\n", indented(s.Remedy, 8))
	}
}

// mark is the sign of a verdict: one character, coloured on a terminal.
func (p *Process) mark(w io.Writer, verdict string) string {
	sign, colour := "-", lipgloss.BrightBlack
	switch verdict {
	case "ok":
		sign, colour = "ok", lipgloss.Green
	case "warning":
		sign, colour = "! ", lipgloss.Yellow
	case "failed":
		sign, colour = "x ", lipgloss.Red
	}
	if len(sign) < 2 {
		sign += " "
	}
	if !p.coloured(w) {
		return sign
	}
	return lipgloss.NewStyle().Foreground(colour).Render(sign)
}

// spaced is a name for programs as people read it.
func spaced(name string) string { return strings.ReplaceAll(name, "_", " ") }
