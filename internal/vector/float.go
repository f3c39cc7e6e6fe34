package vector

import (
	"errors"
	"math"
	"strconv"
)

// errNumber is a text that is no JSON number; errRange is a number that rounds
// beyond the largest float32.
var (
	errNumber = errors.New("not a JSON number")
	errRange  = errors.New("number out of the range of float32")
)

// number parses the JSON number at b[at] and returns the index after it: the
// nearest float32, bit for bit what strconv.ParseFloat(s, 32) returns. What JSON
// does not know as a number (spaces, "+1", ".5", "Inf", hexadecimal, underscores)
// is an error, and so is a number beyond float32's range. Too small a number
// becomes zero.
func number(b []byte, at int) (float32, int, error) {
	if value, end, ok := common(b, at); ok {
		return value, end, nil
	}
	start := at
	negative := at < len(b) && b[at] == '-'
	if negative {
		at++
	}
	first := at
	mantissa, at := digits(b, at, 0)
	if at == first || b[first] == '0' && at > first+1 {
		return 0, at, errNumber
	}
	count, scale := at-first, 0
	if at < len(b) && b[at] == '.' {
		at++
		begin := at
		mantissa, at = digits(b, at, mantissa)
		if at == begin {
			return 0, at, errNumber
		}
		scale = begin - at
		count -= scale
	}
	if at < len(b) && b[at]|0x20 == 'e' {
		shift, end, ok := power(b, at+1)
		if !ok {
			return 0, end, errNumber
		}
		scale, at = scale+shift, end
	}
	if count <= mantissaDigits || count-leadingZeros(b[first:at]) <= mantissaDigits {
		if value, ok := nearest(mantissa, scale); ok {
			if negative {
				value = -value
			}
			return value, at, nil
		}
	}
	value, err := strconv.ParseFloat(string(b[start:at]), 32)
	if err != nil {
		return 0, at, errRange
	}
	return float32(value), at, nil
}

// mantissaDigits is how many decimal digits a uint64 always holds.
const mantissaDigits = 19

// nearest returns the float32 nearest to mantissa × 10^scale, or false where
// the quick way cannot be sure of it.
//
// The product in float64 has three roundings: the mantissa, the power of ten,
// and the product itself. Together they move it by less than 4 units in its last
// place. Rounding it to float32 then goes wrong only when a point midway
// between two float32 lies within those units, that is, when the 29 bits that
// float32 lacks are nearly 1 and 28 zeros; and outside the range of normal float32,
// where it lacks more bits.
func nearest(mantissa uint64, scale int) (float32, bool) {
	if mantissa == 0 {
		return 0, true
	}
	if scale < -maxScale || scale > maxScale {
		return 0, false
	}
	const (
		lost   = 1<<29 - 1
		midway = 1 << 28
		margin = 8
	)
	product := float64(mantissa) * powers[scale+maxScale]
	tail := math.Float64bits(product) & lost
	unsure := tail-(midway-margin) <= 2*margin || product < 0x1p-126 || product > math.MaxFloat32
	return float32(product), !unsure
}

// digits reads decimal digits from b[at] on, appends them to the decimal number
// mantissa, and returns that, modulo 2^64, with the index after the last one.
func digits(b []byte, at int, mantissa uint64) (uint64, int) {
	for at < len(b) && b[at]-'0' <= 9 {
		mantissa = mantissa*10 + uint64(b[at]-'0')
		at++
	}
	return mantissa, at
}

// power reads the digits of an exponent, with or without a sign, from b[at] on.
// Beyond a million they no longer count.
func power(b []byte, at int) (shift, end int, ok bool) {
	sign := 1
	if at < len(b) && (b[at] == '+' || b[at] == '-') {
		if b[at] == '-' {
			sign = -1
		}
		at++
	}
	begin := at
	for ; at < len(b) && b[at]-'0' <= 9; at++ {
		if shift < 1_000_000 {
			shift = shift*10 + int(b[at]-'0')
		}
	}
	return sign * shift, at, at > begin
}

// leadingZeros counts the zeros before the first digit that is not one.
func leadingZeros(b []byte) (n int) {
	for _, c := range b {
		switch c {
		case '0':
			n++
		case '.':
		default:
			return n
		}
	}
	return n
}
