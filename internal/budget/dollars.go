package budget

import (
	"strconv"
	"strings"
)

// dollars writes an amount of billionths of a US dollar, which is never
// negative, as a decimal: exactly, and without zeros at the end.
func dollars(n int64) string {
	const nano = 1_000_000_000
	whole, rest := n/nano, n%nano
	if rest == 0 {
		return strconv.FormatInt(whole, 10)
	}
	return strconv.FormatInt(whole, 10) + "." + strings.TrimRight(strconv.FormatInt(nano+rest, 10)[1:], "0")
}
