package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

type usageCmd struct {
	By          []string `placeholder:"WHAT" help:"Group by hour, day, organization, environment, model, key, or tag:NAME for the value of a tag; separated by commas (default: environment,model)."`
	Environment string   `placeholder:"NAME" help:"Only this environment."`
	Model       string   `placeholder:"ID" help:"Only this model."`
	Key         string   `placeholder:"NAME" help:"Only this caller: an API key, or the id of a trusted issuer or person."`
	Own         bool     `help:"Only the requests of your own API key."`
	From        moment   `placeholder:"WHEN" help:"Start: 24h or 7d ago, or a date such as 2027-01-31 (default: 30d)."`
	To          moment   `placeholder:"WHEN" help:"End, exclusive, in the same format (default: now)."`
	listing
	orgFlag
	controlFlags
}

// Help is the text under the usage line.
func (usageCmd) Help() string {
	return `Reports requests, texts, tokens, errors, throttled requests, requests over budget and costs, by the hour in which requests were answered: --from counts from the start of its hour, and --to to the end of its hour. Hourly usage is kept for 100 days and daily usage for 800 (adit serve --keep-usage changes it). Tokens are counted by AWS; where AWS reports none, estimated tokens and their costs have their own columns. Costs use the prices at the time of the request. Operators see the whole server, or one organization with --org; a key that may not see its organization's usage sees its own.

Examples:

    adit usage --by day,key --from 7d
    adit usage --by tag:team`
}

// Run sums up.
func (c *usageCmd) Run(ctx context.Context, p *Process) error {
	if err := c.checkBy(); err != nil {
		return err
	}
	return c.with(ctx, p, func(server *client.Client) error {
		f, err := c.filter(ctx, server)
		if err != nil {
			return err
		}
		u, err := server.Usage(ctx, f)
		if err != nil {
			return err
		}
		if c.json() {
			return printJSON(p.Stdout, u)
		}
		if err := p.printUsage(u, f.Group, c.names(ctx, server, f)); err != nil {
			return err
		}
		if u.From.Before(u.DaysSince) {
			fmt.Fprintf(p.Stderr, "\nUsage before %s is no longer kept.\n", u.DaysSince.UTC().Format(time.DateOnly))
		}
		return nil
	})
}

// checkBy refuses what usage cannot be grouped by.
func (c *usageCmd) checkBy() error {
	for _, by := range c.By {
		name, tagged := strings.CutPrefix(by, "tag:")
		if tagged && name != "" || slices.Contains([]string{"hour", "day", "organization", "environment", "model", "key"}, by) {
			continue
		}
		return wrongUsage("usage cannot be grouped by %s: --by takes hour, day, organization, environment, model, key or tag:NAME", by)
	}
	return nil
}

func (c *usageCmd) filter(ctx context.Context, server *client.Client) (client.UsageFilter, error) {
	org, may, err := c.scope(ctx, server)
	if err != nil {
		return client.UsageFilter{}, err
	}
	now := time.Now()
	f := client.UsageFilter{
		Organization: org, Own: c.Own || org != "" && !may("usage.read"), Environment: c.Environment, Model: c.Model, Key: c.Key,
		From: c.From.ago(now), To: c.To.ago(now), Group: c.By,
	}
	if len(f.Group) == 0 {
		f.Group = []string{"environment", "model"}
	}
	if f.Environment == "" && f.Key == "" || f.Environment+f.Key != "" && org == "" {
		return f, onlyOf(f)
	}
	if f.Environment != "" && !strings.HasPrefix(f.Environment, "env_") { // an id may be a deleted one's
		e, err := server.Environment(ctx, org, f.Environment)
		if err != nil {
			return f, err
		}
		f.Environment = e.ID
	}
	if f.Key != "" && !isCaller(f.Key) {
		k, err := server.Key(ctx, org, f.Key)
		if err != nil {
			return f, err
		}
		f.Key = k.ID
	}
	return f, nil
}

// onlyOf refuses names where names are not unique: on the whole server.
func onlyOf(f client.UsageFilter) error {
	if f.Environment != "" && !strings.HasPrefix(f.Environment, "env_") || f.Key != "" && !isCaller(f.Key) {
		return wrongUsage("a name needs an organization: add --org NAME, or give the id instead of the name")
	}
	return nil
}

// isCaller reports whether a text is the id of one.
func isCaller(id string) bool {
	return strings.HasPrefix(id, "key_") || strings.HasPrefix(id, "tru_") || strings.HasPrefix(id, "usr_")
}

// printUsage prints a row for each sum, and one for all of them.
func (p *Process) printUsage(u wire.Usage, group []string, names map[string]string) error {
	head := make([]string, 0, len(group)+6)
	for _, g := range group {
		head = append(head, strings.ToUpper(g))
	}
	head = append(head, "REQUESTS", "TEXTS", "TOKENS", "ESTIMATED", "ERRORS", "THROTTLED", "OVER BUDGET", "COST", "EST. COST")
	var cells [][]string
	for _, s := range u.Items {
		row := make([]string, 0, len(head))
		for _, g := range group {
			row = append(row, groupCell(s, g, names))
		}
		cells = append(cells, append(row, countCells(s.Counts)...))
	}
	if len(u.Items) != 1 {
		row := slices.Concat([]string{"total"}, make([]string, len(group)-1), countCells(u.Total))
		cells = append(cells, row)
	}
	if err := p.printTable(p.Stdout, head, cells); err != nil || u.Total.Unpriced == 0 {
		return err
	}
	fmt.Fprintf(p.Stderr, "\nThe costs exclude %s of models without a known price. Add prices with adit serve --prices.\n", counted(u.Total.Unpriced, "token"))
	return nil
}

func groupCell(s wire.UsageSum, group string, names map[string]string) string {
	id := ""
	switch group {
	case "hour":
		return when(s.Hour, "-")
	case "day":
		if s.Day != nil {
			return s.Day.UTC().Format(time.DateOnly)
		}
	case "organization":
		id = s.Organization
	case "environment":
		if id = s.Environment; id == "" {
			return "spicepod.yaml"
		}
	case "model":
		return s.Model
	case "key":
		id = s.Key
	}
	if strings.HasPrefix(group, "tag:") {
		id = s.Tag
	}
	if name := names[id]; name != "" {
		return name
	}
	if id == "" {
		return "-"
	}
	return id
}

func countCells(c wire.Counts) []string {
	var out []string
	for _, n := range []int64{c.Requests, c.Texts, c.Tokens, c.Estimated, c.Errors, c.Throttles, c.OverBudget} {
		out = append(out, grouped(n))
	}
	return append(out, dollars(c.CostUSD), dollars(c.EstimatedCostUSD))
}
