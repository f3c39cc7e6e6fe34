package cli

import (
	"context"
	"net/http"

	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/price"
)

// priceOf is what a million tokens of a model cost in US dollars, by the server's
// table where it shows one. It is 0 where that is not known: the id hides its
// model, or the price depends on a region that the list of models does not tell.
func (c *embedClient) priceOf(ctx context.Context, bedrockID string) float64 {
	table := c.prices(ctx)
	row, known := table.Nearest(bedrockID, "")
	if !known {
		return 0
	}
	for _, r := range table.Rows() {
		if r.Model == row.Model && r.PerMillion != row.PerMillion {
			return 0
		}
	}
	return float64(row.PerMillion) / 1e9
}

// prices is the server's table, or the built-in one where the server has no
// control API or does not show it to this key.
func (c *embedClient) prices(ctx context.Context) price.Table {
	var shown wire.Prices
	if err := c.do(ctx, http.MethodGet, "/api/v1/prices", nil, &shown); err != nil || len(shown.Items) == 0 {
		return price.Builtin()
	}
	var rows []price.Row
	for _, r := range shown.Items {
		if amount, err := price.ParseUSD(r.USDPerMillionTokens); err == nil {
			rows = append(rows, price.Row{Model: r.Model, Region: r.Region, PerMillion: amount, Source: r.Source, Date: r.Date})
		}
	}
	return price.New(rows)
}
