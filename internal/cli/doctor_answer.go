package cli

import (
	"fmt"
	"io"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/adit-hq/adit/internal/app"
)

// doctorAnswer is what `adit doctor --output json` prints.
type doctorAnswer struct {
	File    string        `json:"file"`
	Healthy bool          `json:"healthy"`
	Checks  []examination `json:"checks"`
	// Environments have models whose calls their roles sign; `adit doctor --environment` examines them.
	Environments []environmentModels `json:"environments,omitempty"`
}

// environmentModels are the models of a file that name an environment.
type environmentModels struct {
	Environment string   `json:"environment"`
	Models      []string `json:"models"`
}

// examination is an [app.Inspection] for programs. Credentials print as credential.Report says.
type examination struct {
	Models      []string    `json:"models"`
	Credentials any         `json:"credentials"`
	Endpoint    endpointRow `json:"endpoint"`
	Warnings    []string    `json:"warnings"`
}

type endpointRow struct {
	URL       string `json:"url"`
	Reachable bool   `json:"reachable"`
	Reason    string `json:"reason,omitempty"`
	// ClockAhead is left out where the answer had no date.
	ClockAhead *float64 `json:"clock_ahead_seconds,omitempty"`
}

func examinations(found []app.Inspection) []examination {
	rows := []examination{}
	for _, one := range found {
		row := examination{
			Models: one.Models, Credentials: one.Credentials,
			Endpoint: endpointRow{URL: one.Endpoint.URL, Reachable: one.Endpoint.Err == nil},
			Warnings: append([]string{}, clockWarning(one.Endpoint)...),
		}
		if one.Endpoint.Err != nil {
			row.Endpoint.Reason = one.Endpoint.Err.Error()
		}
		if ahead := one.Endpoint.ClockAhead; ahead != nil {
			seconds := ahead.Seconds()
			row.Endpoint.ClockAhead = &seconds
		}
		rows = append(rows, row)
	}
	return rows
}

// verdictWidth is the longest verdict's.
const verdictWidth = len("valid-but-later")

// painter returns what pads the name of a row, which may be a verdict, and
// colours it on a terminal.
func (p *Process) painter(w io.Writer) func(string) string {
	if !p.coloured(w) {
		return func(verdict string) string { return fmt.Sprintf("%-*s", verdictWidth, verdict) }
	}
	return func(verdict string) string {
		style := lipgloss.NewStyle().Width(verdictWidth)
		switch verdict {
		case "won":
			style = style.Foreground(lipgloss.Green)
		case "invalid", "no credentials", "no endpoint":
			style = style.Foreground(lipgloss.Red)
		case "warning":
			style = style.Foreground(lipgloss.Yellow)
		default:
			style = style.Foreground(lipgloss.BrightBlack)
		}
		return style.Render(verdict)
	}
}

func list(names []string) string { return strings.Join(names, ", ") }
