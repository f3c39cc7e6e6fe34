package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

type statusCmd struct {
	listing
	controlFlags
}

// Help is the text under the usage line.
func (statusCmd) Help() string {
	return `Shows the version, the database, the issuer with its signing keys and when its documents were last fetched, and the number of environments in each state. Operators only. If no server is running, it says so and shows what one would find.

Example:

    adit status --server https://adit.example.com`
}

// Run shows it.
func (c *statusCmd) Run(ctx context.Context, p *Process) error {
	return c.withOrAlone(ctx, p, func(server *client.Client, alone string) error {
		s, err := server.Status(ctx)
		if err != nil {
			return err
		}
		if c.json() {
			return printJSON(p.Stdout, statusOf(s, alone))
		}
		return printFields(p.Stdout, statusFields(s, alone))
	})
}

// shownStatus is a status that says whether there is a server.
type shownStatus struct {
	Running bool       `json:"running"`
	DataDir string     `json:"data_dir,omitempty"`
	Started *time.Time `json:"started,omitempty"` // in place of the status's own
	wire.Status
}

// statusOf leaves out the start of a server that is none: the command's own.
func statusOf(s wire.Status, alone string) shownStatus {
	if alone != "" {
		return shownStatus{DataDir: alone, Status: s}
	}
	return shownStatus{Running: true, Started: &s.Started, Status: s}
}

func statusFields(s wire.Status, alone string) []field {
	server, never := "running since "+at(s.Started), "not since the start"
	if alone != "" {
		server, never = "not running", ""
	}
	database := fmt.Sprintf("%s, revision %d", s.Database.Kind, s.Database.Revision)
	if s.Database.Problem != "" {
		database += fmt.Sprintf("\nDOWN for %d s: %s", s.Database.AgeSeconds, s.Database.Problem)
	}
	var keys, fetched, environments []string
	for _, k := range s.Issuer.Keys {
		keys = append(keys, k.KID+" "+k.State)
	}
	for _, what := range sortedKeys(stamps(s)) {
		fetched = append(fetched, what+" "+stamps(s)[what])
	}
	for _, state := range []string{"ready", "pending", "unsafe", "failing"} {
		if n := s.Environments[state]; n > 0 {
			environments = append(environments, fmt.Sprintf("%d %s", n, state))
		}
	}
	return []field{
		{"version", s.Version}, {"server", server}, {"data directory", alone}, {"database", database},
		{"issuer", cmp.Or(s.Issuer.URL, "none: start the server with --issuer-url URL")}, {"signing keys", strings.Join(keys, "\n")},
		{"last fetched", cmp.Or(strings.Join(fetched, "\n"), never)},
		{"organizations", fmt.Sprint(s.Organizations)}, {"environments", cmp.Or(strings.Join(environments, ", "), "none")},
	}
}

func stamps(s wire.Status) map[string]string {
	out := map[string]string{}
	for what, t := range s.Issuer.Fetched {
		if !t.IsZero() {
			out[what] = at(t)
		}
	}
	return out
}
