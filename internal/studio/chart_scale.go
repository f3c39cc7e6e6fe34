package studio

import (
	"math"
	"strconv"
	"strings"
)

// axis returns the round numbers at which a scale has its lines, the first 0 and
// the last not below most: at most five of them, 1, 2 or 5 and zeros apart.
func axis(most int64) []int64 {
	if most <= 0 {
		return []int64{0, 1}
	}
	step := stepFor(most)
	marks := []int64{0}
	for at := step; ; at += step {
		marks = append(marks, at)
		if at >= most || at > math.MaxInt64-step {
			return marks
		}
	}
}

// stepFor is the smallest round step of which four reach most.
func stepFor(most int64) int64 {
	for power := int64(1); ; power *= 10 {
		for _, digit := range []int64{1, 2, 5} {
			step := digit * power
			if most/4 < step && (most/4 < step-1 || most <= 4*step) {
				return step
			}
		}
		if power > math.MaxInt64/50 {
			return 5 * power / 10 * 10
		}
	}
}

// chartCount writes a number as an axis has room for: 950, 1.2k, 35M.
func chartCount(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	f := float64(n)
	for _, unit := range []string{"k", "M", "B", "T"} {
		f /= 1000
		if f < 999.5 || unit == "T" {
			return significant(f) + unit
		}
	}
	return strconv.FormatInt(n, 10)
}

// chartDollars writes billionths of a US dollar as an axis that ends at most has
// room for, in one unit for all of it: 150 µ$, $0.002, $1.5, $35k.
func chartDollars(nano, most int64) string {
	f := float64(nano) / 1e9
	switch {
	case most < 500_000: // zeros after a point are hard to count
		return significant(f*1e6) + " µ$"
	case f >= 1000:
		return "$" + chartCount(int64(math.Round(f)))
	}
	return "$" + significant(f)
}

// significant writes a positive number with the two or three digits that matter.
func significant(f float64) string {
	places := 0
	switch {
	case f >= 100 || f == 0:
	case f >= 10:
		places = 1
	case f >= 1:
		places = 2
	default:
		places = min(1-int(math.Floor(math.Log10(f))), 9)
	}
	s := strconv.FormatFloat(f, 'f', places, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// exactCount writes a number with its thousands apart: 1,234,567.
func exactCount(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	var b strings.Builder
	for i, digit := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	return sign + b.String()
}

// exactDollars writes billionths of a US dollar with cents at least, and with
// all digits there are.
func exactDollars(nano int64) string {
	sign := ""
	if nano < 0 {
		sign = "-"
	}
	whole, rest := nano/1e9, nano%1e9
	if whole < 0 {
		whole = -whole
	}
	if rest < 0 {
		rest = -rest
	}
	digits := strconv.FormatInt(1e9+rest, 10)[1:]
	for len(digits) > 2 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	return sign + "$" + exactCount(whole) + "." + digits
}

// nanoDollars reads a decimal of the API, such as 0.000123, as billionths of a
// US dollar. What is no such decimal is 0: it is only drawn.
func nanoDollars(text string) int64 {
	whole, rest, _ := strings.Cut(text, ".")
	if len(rest) > 9 {
		rest = rest[:9]
	}
	n, err := strconv.ParseInt(whole+rest+strings.Repeat("0", 9-len(rest)), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
