package studio

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/adit-hq/adit/internal/control/wire"
)

// usageCost is money, what is known apart from what is guessed. Amounts that are zero are "".
type usageCost struct {
	Exact, Estimated string // decimals of US dollars
	Unpriced         int64
}

func costsOf(c wire.Counts) usageCost {
	out := usageCost{Unpriced: c.Unpriced}
	if nanoDollars(c.CostUSD) > 0 {
		out.Exact = c.CostUSD
	}
	if nanoDollars(c.EstimatedCostUSD) > 0 {
		out.Estimated = c.EstimatedCostUSD
	}
	return out
}

// Unknown reports whether nothing that was used has a price, which is not the same as costing nothing.
func (c usageCost) Unknown() bool { return c.Exact == "" && c.Estimated == "" && c.Unpriced > 0 }

// nanoCost is what counts cost, of reported and estimated tokens together, in billionths of a US dollar.
func nanoCost(c wire.Counts) int64 {
	return saturated(max(nanoDollars(c.CostUSD), 0), max(nanoDollars(c.EstimatedCostUSD), 0))
}

// decimalUSD is billionths of a dollar as the decimal that the API would write.
func decimalUSD(nano int64) string {
	if nano%1e9 == 0 {
		return strconv.FormatInt(nano/1e9, 10)
	}
	return strings.TrimRight(fmt.Sprintf("%d.%09d", nano/1e9, nano%1e9), "0")
}

// usageAmounts are the tokens and the money of a line of the table. Both are of
// all tokens, as they are everywhere on the page, with how much of it is estimated beside.
type usageAmounts struct {
	Tokens, EstimatedTokens int64
	Cost, EstimatedCost     string
	Unpriced                int64
}

// amountsOf are those of all lines of a table. An amount of a column has as many
// digits after its point as any other, so that the points stand one below the other.
func amountsOf(lines []wire.Counts) []usageAmounts {
	places, estimatedPlaces := 0, 0
	for _, c := range lines {
		places = max(places, placesOf(nanoCost(c)))
		estimatedPlaces = max(estimatedPlaces, placesOf(nanoDollars(c.EstimatedCostUSD)))
	}
	out := make([]usageAmounts, 0, len(lines))
	for _, c := range lines {
		a := usageAmounts{
			Tokens: saturated(c.Tokens, c.Estimated), EstimatedTokens: c.Estimated, Unpriced: c.Unpriced,
			Cost: amount(nanoCost(c), places), EstimatedCost: amount(nanoDollars(c.EstimatedCostUSD), estimatedPlaces),
		}
		if costsOf(c).Unknown() {
			a.Cost = "unknown"
		}
		out = append(out, a)
	}
	return out
}

// placesOf is how many digits after the point an amount needs to tell something,
// as [usd] has them: cents, and of less than a dollar or a cent more.
func placesOf(nano int64) int {
	switch {
	case nano <= 0:
		return 0
	case nano < 10_000_000:
		return len(strings.TrimRight(strconv.FormatInt(1e5+roundedTo(nano, 5), 10)[1:], "0"))
	case nano < 1_000_000_000 && roundedTo(nano, 3)%10 != 0:
		return 3
	}
	return 2
}

// roundedTo is an amount in units of so many digits after the point, one unit at least.
func roundedTo(nano int64, places int) int64 {
	return max(1, int64(math.Round(float64(nano)/math.Pow10(9-places))))
}

// amount writes billionths of a dollar with so many digits after the point.
func amount(nano int64, places int) string {
	switch {
	case nano <= 0:
		return "–"
	case nano < 10_000:
		return usd(decimalUSD(nano)) // less than the digits can tell
	}
	dollars, rest, _ := strings.Cut(strconv.FormatFloat(float64(nano)/1e9, 'f', places, 64), ".")
	n, _ := strconv.ParseInt(dollars, 10, 64) // it was just written so
	return "$" + thousands(n) + "." + rest
}
