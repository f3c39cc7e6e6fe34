package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

type statusCmd struct {
	listing
	controlFlags
}

// Help is the text under the usage line.
func (statusCmd) Help() string {
	return `Shows the version, the database, the issuer with its signing keys and when its documents were last fetched, and the number of environments in each state. Operators only. If no server is running, it shows what one would find.

Example:

    adit status --server https://adit.example.com`
}

// Run shows it.
func (c *statusCmd) Run(ctx context.Context, p *Process) error {
	return c.with(ctx, p, func(server *client.Client) error {
		s, err := server.Status(ctx)
		if err != nil {
			return err
		}
		if c.json() {
			return printJSON(p.Stdout, s)
		}
		return printFields(p.Stdout, statusFields(s))
	})
}

func statusFields(s wire.Status) []field {
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
		{"version", s.Version}, {"running since", at(s.Started)}, {"database", database},
		{"issuer", cmp.Or(s.Issuer.URL, "none: start the server with --issuer-url URL")}, {"signing keys", strings.Join(keys, "\n")},
		{"last fetched", cmp.Or(strings.Join(fetched, "\n"), "not since the start")},
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
