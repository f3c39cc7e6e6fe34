package vector

import (
	"bytes"
	"errors"
	"fmt"
)

// Text is one vector as the text of a JSON array of numbers, such as
// "[0.1,-2E-4]", brackets included. Text that came from [Scan] is valid JSON
// and may be written into a JSON document as it is.
type Text []byte

// errSyntax is a text that is no JSON array of numbers.
var errSyntax = errors.New("not a JSON array of numbers")

// Scan takes the JSON array of numbers at the head of b, after white space. It
// returns the array's text, which shares memory with b, the number of its
// elements, and what follows the closing bracket. An empty array has n = 0.
//
// Elements follow the grammar of JSON numbers strictly (RFC 8259, section 6),
// but their size is not looked at: 1e999 passes. The error names the byte of b
// that does not belong there.
func Scan(b []byte) (t Text, n int, rest []byte, err error) {
	start := skipSpace(b, 0)
	if start == len(b) || b[start] != '[' {
		return nil, 0, b, syntaxAt(start)
	}
	length := bytes.IndexByte(b[start:], ']')
	if length < 0 {
		return nil, 0, b, syntaxAt(firstFault(b, start))
	}
	end := start + length
	inner := trimSpace(b[start+1 : end])
	t, rest = Text(b[start:end+1]), b[end+1:]
	switch {
	case len(inner) == 0:
		return t, 0, rest, nil
	case !isList(inner):
		// Not wrong yet: white space before a comma is left to the slow walk.
		if at := firstFault(b, start); at != end+1 {
			return nil, 0, b, syntaxAt(at)
		}
	}
	return t, bytes.Count(inner, []byte{','}) + 1, rest, nil
}

func syntaxAt(at int) error { return fmt.Errorf("%w: byte %d", errSyntax, at) }

// firstFault walks the array that opens at b[at] and returns where it stops
// being one, or the index after its closing bracket.
func firstFault(b []byte, at int) int {
	at = skipSpace(b, at+1)
	if at < len(b) && b[at] == ']' {
		return at + 1
	}
	for {
		end, ok := numberEnd(b, skipSpace(b, at))
		if !ok {
			return end
		}
		at = skipSpace(b, end)
		if at < len(b) && b[at] == ']' {
			return at + 1
		}
		if at == len(b) || b[at] != ',' {
			return at
		}
		at++
	}
}

// numberEnd returns the index after the JSON number at b[at], or the index of
// the byte that spoils it and false.
func numberEnd(b []byte, at int) (int, bool) {
	if at < len(b) && b[at] == '-' {
		at++
	}
	first := at
	if at = skipDigits(b, at); at == first {
		return at, false
	}
	if b[first] == '0' && at > first+1 {
		return first + 1, false
	}
	if at < len(b) && b[at] == '.' {
		at++
		point := at
		if at = skipDigits(b, at); at == point {
			return at, false
		}
	}
	if at < len(b) && b[at]|0x20 == 'e' {
		at++
		if at < len(b) && (b[at] == '+' || b[at] == '-') {
			at++
		}
		exponent := at
		if at = skipDigits(b, at); at == exponent {
			return at, false
		}
	}
	return at, true
}

func skipDigits(b []byte, at int) int {
	for at < len(b) && b[at]-'0' <= 9 {
		at++
	}
	return at
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

func skipSpace(b []byte, at int) int {
	for at < len(b) && isSpace(b[at]) {
		at++
	}
	return at
}

func trimSpace(b []byte) []byte {
	b = b[skipSpace(b, 0):]
	for len(b) > 0 && isSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}
