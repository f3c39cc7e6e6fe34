package price

import (
	"strconv"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
)

// nano is how many billionths a dollar has.
const nano = 1_000_000_000

// MaxUSD is the greatest amount that [ParseUSD] reads, in dollars: sums of a few
// of them still fit into an int64 of billionths.
const MaxUSD = 1_000_000_000

// ParseUSD reads dollars such as "40" or "0.02" as billionths of a dollar,
// exactly. It takes digits, and after a point one to nine more; neither signs,
// currency, exponents nor marks between thousands. What it does not take is a
// fault of kind Invalid that does not repeat it.
func ParseUSD(text string) (int64, error) {
	whole, fraction, point := strings.Cut(text, ".")
	if !digits(whole) || point && !digits(fraction) {
		return 0, badUSD("this is not an amount of US dollars")
	}
	if len(fraction) > 9 {
		return 0, badUSD("an amount of US dollars can have at most nine decimal places")
	}
	dollars, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || dollars > MaxUSD {
		return 0, badUSD("an amount of US dollars can be at most %d", MaxUSD)
	}
	billionths, err := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
	if err != nil {
		return 0, badUSD("this is not an amount of US dollars")
	}
	if n := dollars*nano + billionths; n <= MaxUSD*nano {
		return n, nil
	}
	return 0, badUSD("an amount of US dollars can be at most %d", MaxUSD)
}

// digits reports whether there are some, and nothing else.
func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func badUSD(format string, args ...any) error {
	return fault.New(fault.Invalid, format, args...).WithCode("invalid_input").
		WithRemedy("Write a plain decimal number, such as 40 or 0.02.")
}

// FormatUSD returns billionths of a dollar as dollars, exactly and without
// zeros at the end: "40", "0.02", "-1.5". [ParseUSD] reads it again.
func FormatUSD(n int64) string {
	sign := ""
	u := uint64(n)
	if n < 0 {
		sign, u = "-", -u // right for the least int64 too
	}
	whole, rest := u/nano, u%nano
	text := sign + strconv.FormatUint(whole, 10)
	if rest == 0 {
		return text
	}
	fraction := strconv.FormatUint(nano+rest, 10)[1:] // with the zeros in front
	return text + "." + strings.TrimRight(fraction, "0")
}
