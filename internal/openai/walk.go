package openai

import (
	"bytes"
	"iter"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// A body is checked once, by json.Valid, and then walked in place: a body of
// millions of members costs one pass over its bytes and no memory. All functions
// here take JSON that was found valid.

// membersOf yields the members of an object: the name as it is written, quotes
// included, and the value.
func membersOf(object []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for b := between(object[1:]); len(b) > 0 && b[0] == '"'; {
			name, rest := cut(b)
			value, rest := cut(between(rest))
			if !yield(name, value) {
				return
			}
			b = between(rest)
		}
	}
}

// elementsOf yields the elements of a list.
func elementsOf(list []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for b := between(list[1:]); len(b) > 0 && b[0] != ']'; {
			element, rest := cut(b)
			if !yield(element) {
				return
			}
			b = between(rest)
		}
	}
}

// between passes what stands between two values.
func between(b []byte) []byte {
	for len(b) > 0 && (b[0] <= ' ' || b[0] == ',' || b[0] == ':') {
		b = b[1:]
	}
	return b
}

// cut returns the value at the head of b, and what follows it.
func cut(b []byte) (value, rest []byte) {
	if len(b) == 0 {
		return nil, nil
	}
	end := 0
	switch b[0] {
	case '"':
		end = stringEnd(b)
	case '[', '{':
		end = bracketEnd(b)
	default:
		for end < len(b) && b[end] > ' ' && b[end] != ',' && b[end] != ']' && b[end] != '}' {
			end++
		}
	}
	return b[:end], b[end:]
}

// stringEnd returns how many bytes the string at the head of b takes.
func stringEnd(b []byte) int {
	for end := 1; ; end++ {
		quote := bytes.IndexByte(b[end:], '"')
		if quote < 0 {
			return len(b)
		}
		end += quote
		backslashes := 0
		for b[end-1-backslashes] == '\\' {
			backslashes++
		}
		if backslashes%2 == 0 {
			return end + 1
		}
	}
}

// bracketEnd returns how many bytes the list or object at the head of b takes.
func bracketEnd(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			i += stringEnd(b[i:]) - 1
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(b)
}

// unquote returns the text of a string. Half of a surrogate pair becomes U+FFFD.
func unquote(quoted []byte) string {
	inside := quoted[1 : len(quoted)-1]
	escape := bytes.IndexByte(inside, '\\')
	if escape < 0 {
		return string(inside)
	}
	text := make([]byte, 0, len(inside))
	for escape >= 0 {
		text = append(text, inside[:escape]...)
		text, inside = appendEscaped(text, inside[escape:])
		escape = bytes.IndexByte(inside, '\\')
	}
	return string(append(text, inside...))
}

// appendEscaped appends what the escape at the head of s means, and returns what
// follows the escape.
func appendEscaped(dst, s []byte) (text, rest []byte) {
	switch c := s[1]; c {
	case 'b':
		return append(dst, '\b'), s[2:]
	case 'f':
		return append(dst, '\f'), s[2:]
	case 'n':
		return append(dst, '\n'), s[2:]
	case 'r':
		return append(dst, '\r'), s[2:]
	case 't':
		return append(dst, '\t'), s[2:]
	case 'u':
		first := escaped(s)
		if pair := utf16.DecodeRune(first, escaped(s[6:])); pair != utf8.RuneError {
			return utf8.AppendRune(dst, pair), s[12:]
		}
		return utf8.AppendRune(dst, first), s[6:]
	default: // a quote, a slash, a backslash
		return append(dst, c), s[2:]
	}
}

// halfPair reports whether a string has an escape such as \ud83d without its
// other half: decoding makes a replacement character of it, and so another text.
func halfPair(quoted []byte) bool {
	for s := quoted; ; {
		at := bytes.IndexByte(s, '\\')
		if at < 0 {
			return false
		}
		s = s[at:]
		first := escaped(s)
		switch {
		case !utf16.IsSurrogate(first):
			s = s[2:] // past what is escaped: it may be a backslash
		case utf16.DecodeRune(first, escaped(s[6:])) == utf8.RuneError:
			return true
		default:
			s = s[12:]
		}
	}
}

// escaped returns the code unit of the \uXXXX at the head of s, or -1.
func escaped(s []byte) rune {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(s[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}

// kindOf names what a value is.
func kindOf(value []byte) string {
	if len(value) == 0 {
		return "nothing"
	}
	switch value[0] {
	case '"':
		return "a string"
	case '[':
		return "a list"
	case '{':
		return "an object"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	}
	return "a number"
}

func absent(value []byte) bool { return len(value) == 0 || value[0] == 'n' }
