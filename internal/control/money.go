package control

import (
	"strconv"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
)

// nano is a US dollar in billionths, which is how the rooms count money.
const nano = 1_000_000_000

// usd writes billionths of a US dollar as a decimal: "0", "0.00002", "41.5".
func usd(n int64) string {
	sign := ""
	if n < 0 {
		sign = "-"
	}
	whole, rest := n/nano, n%nano
	if whole < 0 || rest < 0 { // by parts: the least int64 has no positive
		whole, rest = -whole, -rest
	}
	digits := strconv.FormatInt(rest, 10)
	digits = strings.TrimRight(strings.Repeat("0", 9-len(digits))+digits, "0")
	if digits == "" {
		return sign + strconv.FormatInt(whole, 10)
	}
	return sign + strconv.FormatInt(whole, 10) + "." + digits
}

// bound is usd for a bound of a budget, of which 0 is none.
func bound(n int64) string {
	if n == 0 {
		return ""
	}
	return usd(n)
}

// nanos reads a decimal of US dollars at a field of the body; "" is 0. What
// cannot be one is noted as a fault of the field.
func nanos(f *fault.Inputs, field, text string) int64 {
	if text == "" {
		return 0
	}
	whole, rest, dotted := strings.Cut(text, ".")
	dollars, ok := digits(whole, 9)
	cents, fits := int64(0), true
	if dotted {
		cents, fits = digits(rest, 9)
	}
	if !ok || !fits {
		f.Add(field, "an amount is US dollars as a decimal such as 50 or 0.25, below a billion, with at most nine digits after the point")
		return 0
	}
	for range 9 - len(rest) {
		cents *= 10
	}
	return dollars*nano + cents
}

// digits reads 1 to most decimal digits.
func digits(s string, most int) (n int64, ok bool) {
	if s == "" || len(s) > most || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}
