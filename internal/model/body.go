package model

import (
	"bytes"
	"errors"
	"net/http"
	"strconv"
	"unicode/utf8"
)

// The bodies are megabytes of digits that pass through unchanged, so they are
// walked here, not decoded: a value is either spliced out or skipped.

var (
	errTruncated = errors.New("the body ends too early")
	// errEnough ends a walk that has found all it wants.
	errEnough = errors.New("enough")
)

// members calls visit for each member of the JSON object at the head of b, with
// the value and all that follows it; visit returns what follows the value.
// members returns what follows the object.
func members(b []byte, visit func(name string, value []byte) (rest []byte, err error)) ([]byte, error) {
	b = space(b)
	if !startsWith(b, '{') {
		return nil, errors.New("an object was expected in the body")
	}
	b = space(b[1:])
	for len(b) > 0 && b[0] != '}' {
		name, rest, err := readString(b)
		if err != nil {
			return nil, err
		}
		rest = space(rest)
		if !startsWith(rest, ':') {
			return nil, errors.New("a member of the body has no value")
		}
		rest, err = visit(string(name), space(rest[1:]))
		if err != nil {
			return nil, err
		}
		if b, err = next(rest, '}'); err != nil {
			return nil, err
		}
	}
	if len(b) == 0 {
		return nil, errTruncated
	}
	return b[1:], nil
}

// elements calls visit for each element of the JSON array at the head of b and
// returns what follows the array.
func elements(b []byte, visit func(value []byte) (rest []byte, err error)) ([]byte, error) {
	if !startsWith(b, '[') {
		return nil, errors.New("a list was expected in the body")
	}
	b = space(b[1:])
	for len(b) > 0 && b[0] != ']' {
		rest, err := visit(b)
		if err != nil {
			return nil, err
		}
		if b, err = next(rest, ']'); err != nil {
			return nil, err
		}
	}
	if len(b) == 0 {
		return nil, errTruncated
	}
	return b[1:], nil
}

// next passes the comma before another value, or stays at the closing bracket.
func next(b []byte, closing byte) ([]byte, error) {
	b = space(b)
	switch {
	case len(b) == 0:
		return nil, errTruncated
	case b[0] == closing:
		return b, nil
	case b[0] != ',':
		return nil, errors.New("a comma was expected in the body")
	}
	b = space(b[1:])
	if len(b) > 0 && b[0] == closing {
		return nil, errors.New("the body has a comma too many")
	}
	return b, nil
}

// skip returns what follows the JSON value at the head of b.
func skip(b []byte) ([]byte, error) {
	depth := 0
	for i := 0; i < len(b); {
		switch b[i] {
		case '"':
			_, rest, err := readString(b[i:])
			if err != nil {
				return nil, err
			}
			i = len(b) - len(rest)
		case '[', '{':
			depth++
			i++
		case ']', '}':
			if depth == 0 {
				return b[i:], nil
			}
			depth--
			i++
		case ',':
			if depth == 0 {
				return b[i:], nil
			}
			i++
			continue
		default:
			i++
			continue
		}
		if depth == 0 {
			return b[i:], nil
		}
	}
	return nil, errTruncated
}

// readString returns the raw inside of the JSON string at the head of b, with
// its escapes, and what follows it.
func readString(b []byte) (inside, rest []byte, err error) {
	if len(b) == 0 || b[0] != '"' {
		return nil, nil, errors.New("a string was expected in the body")
	}
	for end := 1; ; {
		quote := bytes.IndexByte(b[end:], '"')
		if quote < 0 {
			return nil, nil, errTruncated
		}
		end += quote
		backslashes := 0
		for b[end-1-backslashes] == '\\' {
			backslashes++
		}
		if backslashes%2 == 0 {
			return b[1:end], b[end+1:], nil
		}
		end++
	}
}

// readCount reads a whole number that is not negative.
func readCount(b []byte) (n int, rest []byte, err error) {
	digits := 0
	for digits < len(b) && b[digits] >= '0' && b[digits] <= '9' {
		digits++
	}
	n, err = strconv.Atoi(string(b[:digits]))
	if err != nil {
		return -1, nil, errors.New("the body's token count is no number")
	}
	return n, b[digits:], nil
}

// readMessage reads what Titan multimodal says when it could not embed
// (Bedrock user guide): null means that all is well.
func readMessage(b []byte) (rest []byte, err error) {
	if bytes.HasPrefix(b, []byte("null")) {
		return b[4:], nil
	}
	text, _, err := readString(b)
	if err != nil {
		return nil, err
	}
	return nil, &AnswerError{Message: string(text)}
}

// AnswerError is a failure that a model reports inside an answer of status 200.
type AnswerError struct {
	// Message is the model's own words, with JSON's escapes. They may quote the
	// text: they are for the caller, and must not reach a log.
	Message string
}

// Error leaves the model's words out, so that no log has them by way of a cause.
func (e *AnswerError) Error() string { return "the model answered that it could not embed the text" }

// headerTokens reads AWS's count of input tokens from the response header; -1 without one.
func headerTokens(h http.Header) int {
	n, err := strconv.Atoi(h.Get("X-Amzn-Bedrock-Input-Token-Count"))
	if err != nil || n < 0 {
		return -1
	}
	return n
}

func startsWith(b []byte, c byte) bool { return len(b) > 0 && b[0] == c }

func space(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\n' || b[0] == '\r' || b[0] == '\t') {
		b = b[1:]
	}
	return b
}

// QuotedSize is at most how many bytes a text takes in a body, quotes included.
func QuotedSize(s string) int {
	if len(s) < 4<<10 {
		return 6*len(s) + 2 // every byte escaped: near enough where texts are short
	}
	return len(appendString(nil, s))
}

// appendString appends s as a JSON string. Invalid UTF-8 becomes U+FFFD.
func appendString(dst []byte, s string) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(append(dst, s[start:i]...), "\uFFFD"...)
				start = i + 1
			}
			i += size
			continue
		}
		i++
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[start:i-1]...)
		start = i
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}
