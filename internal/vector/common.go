package vector

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// common parses the shape that nearly all numbers of a vector have: one digit,
// a point, 1 to 15 digits, no exponent. It takes no branch on the sign or on
// the count of digits, which no processor can predict. It returns the index
// after the number, or false for any other shape, where rounding is unsure, and
// near the end of b.
func common(b []byte, at int) (value float32, end int, ok bool) {
	const window = 3 + 8 + 8 + 1 // sign, digit, point, two words, what follows
	if len(b)-at < window {
		return 0, at, false
	}
	b = b[at : at+window]
	sign := 0
	if b[0] == '-' {
		sign = 1
	}
	first := uint64(b[sign] - '0')
	if first > 9 || b[sign+1] != '.' {
		return 0, at, false
	}
	head, n := eightDigits(binary.LittleEndian.Uint64(b[sign+2:]))
	tail, more := eightDigits(binary.LittleEndian.Uint64(b[sign+10:]))
	full := n >> 3 // the second word counts only where the first is full
	more &= -full
	tail &= -uint64(full)
	next := b[sign+2+n+more]
	if n == 0 || more == 8 || next|0x20 == 'e' {
		return 0, at, false
	}
	value, ok = nearest(first*1e16+head*1e8+tail, -16)
	pattern := math.Float32bits(value) | uint32(sign)<<31
	return math.Float32frombits(pattern), at + sign + 2 + n + more, ok
}

// eightDigits reads the digits that word, eight bytes of text, begins with. It
// returns how many there are, and the number that they make when zeros fill them up to
// eight: "12,34567" gives 12000000 and 2.
func eightDigits(word uint64) (uint64, int) {
	const each = 0x0101010101010101
	word ^= '0' * each
	// The high bit of every byte over 9, exact up to the first such byte.
	over := (word + (0x7f-9)*each | word) & (0x80 * each)
	// All bits below that byte.
	word &= over&-over>>7 - 1
	// Join neighbours: pairs, fours, all. The first digit is in the lowest byte.
	word = (word*10 + word>>8) & 0x00ff00ff00ff00ff
	word = (word*100 + word>>16) & 0x0000ffff0000ffff
	word = (word*10000 + word>>32) & 0xffffffff
	return word, bits.TrailingZeros64(over) >> 3
}
