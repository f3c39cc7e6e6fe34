package vector

import "bytes"

// The states of a walk over numbers between commas. Each value is the place of
// the state's field in a row of [moves]; invalid is 0 so that what is not
// listed is invalid, and so that it is never left.
const (
	invalid  = 6 * iota
	before   // a number must come: at the start and after a comma
	minus    // after the sign
	zero     // after a leading 0, which no digit may follow
	integer  // in the digits before the point
	point    // after the point
	fraction // in the digits after the point
	exponent // after e or E
	expSign  // after the exponent's sign
	expDigit // in the exponent's digits
)

// moves is an automaton in which one step is one shift. The row of a byte holds
// a 6-bit field for every state, the state that the byte leads to; shifting the
// row right by the present state puts the next state into the low 6 bits. The
// rows do not depend on the state, so the processor loads them ahead, and
// megabytes of digits pass without a branch to predict.
//
//nolint:gochecknoglobals // a table that never changes, made once
var moves = rows()

func rows() (table [256]uint64) {
	on := func(bytes string, from, to uint64) {
		for _, c := range []byte(bytes) {
			table[c] |= to << from
		}
	}
	on(" \t\r\n", before, before)
	on("-", before, minus)
	for _, from := range []uint64{before, minus} {
		on("0", from, zero)
		on("123456789", from, integer)
	}
	const digits = "0123456789"
	on(digits, integer, integer)
	on(digits, point, fraction)
	on(digits, fraction, fraction)
	for _, from := range []uint64{exponent, expSign, expDigit} {
		on(digits, from, expDigit)
	}
	on("+-", exponent, expSign)
	on(".", zero, point)
	on(".", integer, point)
	for _, from := range []uint64{zero, integer, fraction} {
		on("eE", from, exponent)
	}
	for _, from := range []uint64{zero, integer, fraction, expDigit} {
		on(",", from, before)
	}
	return table
}

// isList reports whether b is JSON numbers between commas, each with white space
// before it at most. It may say no to white space after a number.
//
// A long list is cut at a comma and its halves are walked side by side: one
// walk waits for its own last step, two fill the processor.
func isList(b []byte) bool {
	middle := len(b) / 2
	cut := bytes.IndexByte(b[middle:], ',')
	if cut < 0 {
		return isNumberState(walk(b, before))
	}
	left, right := b[:middle+cut], b[middle+cut+1:]
	shared := min(len(left), len(right))
	first, second := walkTwo(left[:shared], right[:shared])
	return isNumberState(walk(left[shared:], first)) && isNumberState(walk(right[shared:], second))
}

func walk(b []byte, state uint64) uint64 {
	for _, c := range b {
		state = moves[c] >> (state & 63)
	}
	return state & 63
}

// walkTwo walks two texts of one length from the state before.
func walkTwo(a, b []byte) (uint64, uint64) {
	first, second := uint64(before), uint64(before)
	b = b[:len(a)]
	for i, c := range a {
		first = moves[c] >> (first & 63)
		second = moves[b[i]] >> (second & 63)
	}
	return first & 63, second & 63
}

// isNumberState reports whether a number may end in the state.
func isNumberState(state uint64) bool {
	return state == zero || state == integer || state == fraction || state == expDigit
}
