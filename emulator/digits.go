package emulator

import (
	"bytes"
	"math"
	"strconv"
)

// appendDecimal writes the shortest decimal that is x again as a float32,
// without an exponent.
func appendDecimal(b []byte, x float32) []byte {
	return strconv.AppendFloat(b, float64(x), 'f', -1, 32)
}

// appendJava writes x as Java's Float.toString does: plain from 1e-3 to 1e7
// with a digit after the point, otherwise like "1.9264221E-4". This is how
// recorded Cohere answers look.
func appendJava(b []byte, x float32) []byte {
	start := len(b)
	abs := math.Abs(float64(x))
	if abs == 0 || (abs >= 1e-3 && abs < 1e7) {
		b = appendDecimal(b, x)
		if (abs == 0 || abs >= 1) && bytes.IndexByte(b[start:], '.') < 0 {
			b = append(b, '.', '0')
		}
		return b
	}
	b = strconv.AppendFloat(b, float64(x), 'e', -1, 32) // "1.9264221e-04"
	e := start + bytes.IndexByte(b[start:], 'e')
	exponent, _ := strconv.Atoi(string(b[e+1:]))
	b = b[:e]
	if bytes.IndexByte(b[start:], '.') < 0 {
		b = append(b, '.', '0')
	}
	return strconv.AppendInt(append(b, 'E'), int64(exponent), 10)
}

// appendVector writes a JSON array.
func appendVector(b []byte, v []float32, number func([]byte, float32) []byte) []byte {
	b = append(b, '[')
	for i, x := range v {
		if i > 0 {
			b = append(b, ',')
		}
		b = number(b, x)
	}
	return append(b, ']')
}

// appendInts writes a JSON array of integers.
func appendInts(b []byte, v []int) []byte {
	b = append(b, '[')
	for i, x := range v {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(x), 10)
	}
	return append(b, ']')
}
