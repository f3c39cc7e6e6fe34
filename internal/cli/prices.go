package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/price"
)

type pricesCmd struct {
	YAML bool `name:"yaml" help:"Print the table as a file for adit serve --prices."`
	listing
	controlFlags
}

// Help is the text under the usage line.
func (pricesCmd) Help() string {
	return `Costs are computed from AWS's list prices, as of the date that is printed with them. If you pay other prices, write those into a file and give it to adit serve --prices; the rest of the table stays in force.

Example:

    adit prices --yaml > prices.yaml`
}

// Run prints those of the server, and before there is one the built-in ones.
func (c *pricesCmd) Run(ctx context.Context, p *Process) error {
	err := c.with(ctx, p, func(server *client.Client) error {
		prices, err := server.Prices(ctx)
		if err != nil {
			return err
		}
		return c.print(p, prices)
	})
	if err != nil && fault.From(err).Code == noDataDir {
		return c.print(p, pricesOf(price.Builtin()))
	}
	return err
}

func (c *pricesCmd) print(p *Process, prices wire.Prices) error {
	switch {
	case c.YAML:
		_, err := fmt.Fprint(p.Stdout, pricesFile(prices))
		return err
	case c.json():
		return printJSON(p.Stdout, prices)
	}
	rows := make([][]string, len(prices.Items))
	for i, row := range prices.Items {
		rows[i] = []string{row.Model, cmp.Or(row.Region, "every"), "$" + row.USDPerMillionTokens, row.Source, row.Date}
	}
	if err := p.printTable(p.Stdout, []string{"MODEL", "REGION", "PER MILLION TOKENS", "SOURCE", "DATE"}, rows); err != nil {
		return err
	}
	fmt.Fprintf(p.Stderr, "\nBuilt-in prices as of %s.\n", prices.Date)
	return nil
}

// pricesOf is a table as the server shows it.
func pricesOf(t price.Table) wire.Prices {
	shown := wire.Prices{Date: t.Date()}
	for _, r := range t.Rows() {
		shown.Items = append(shown.Items, wire.Price{
			Model: r.Model, Region: r.Region, USDPerMillionTokens: price.FormatUSD(r.PerMillion), Source: r.Source, Date: r.Date,
		})
	}
	return shown
}

// pricesFile is the table as the server reads it. Rows of another date than the
// built-in prices, which are the operator's, keep theirs.
func pricesFile(prices wire.Prices) string {
	var b strings.Builder
	fmt.Fprintf(&b, "date: %q\nprices:\n", prices.Date)
	for _, row := range prices.Items {
		fmt.Fprintf(&b, "  - model: %q\n", row.Model)
		if row.Region != "" {
			fmt.Fprintf(&b, "    region: %q\n", row.Region)
		}
		fmt.Fprintf(&b, "    usd_per_million_tokens: %q\n", row.USDPerMillionTokens)
		if row.Date != "" && row.Date != prices.Date {
			fmt.Fprintf(&b, "    date: %q\n", row.Date)
		}
	}
	return b.String()
}
