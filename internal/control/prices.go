package control

import (
	"context"

	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/price"
)

// Prices is the table by which costs are counted.
type Prices interface {
	// Date is of when the built-in prices are.
	Date() string
	// Rows returns all, in order of model and region.
	Rows() []price.Row
}

func (a *api) priceRoutes() []route {
	return []route{{"GET", "/prices", "list-prices", "List the prices that costs are calculated with", "", ofSelf, 0, on(a.listPrices)}}
}

func (a *api) listPrices(context.Context, *call, *struct{}) (wire.Prices, error) {
	rows := a.s.Prices.Rows()
	out := wire.Prices{Date: a.s.Prices.Date(), Items: make([]wire.Price, len(rows))}
	for i, r := range rows {
		out.Items[i] = wire.Price{
			Model: r.Model, Region: r.Region, USDPerMillionTokens: price.FormatUSD(r.PerMillion), Source: r.Source, Date: r.Date,
		}
	}
	return out, nil
}
