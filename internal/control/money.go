package control

import (
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/price"
)

// bound writes a bound of a budget, of which 0 is none.
func bound(billionths int64) string {
	if billionths == 0 {
		return ""
	}
	return price.FormatUSD(billionths)
}

// dollars reads an amount at a field of the body, in billionths of a US dollar;
// "" is none. What cannot be one is noted as a fault of the field.
func dollars(f *fault.Inputs, field, text string) int64 {
	if text == "" {
		return 0
	}
	n, err := price.ParseUSD(text)
	switch {
	case err != nil:
		f.Add(field, "%s; use a decimal such as 50 or 0.25", fault.From(err).Message)
	case n == 0: // which the rooms would take for no bound at all
		f.Add(field, "a bound must be more than 0; leave it empty for none")
	}
	return n
}
