package emulator

import (
	"errors"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// text reads a string; the opening quote is at r.i.
func (r *jsonReader) text() (string, error) {
	r.i++
	start := r.i
	for r.i < len(r.b) && r.b[r.i] != '"' && r.b[r.i] != '\\' && r.b[r.i] >= 0x20 {
		r.i++
	}
	out := r.b[start:r.i:r.i]
	for r.i < len(r.b) && r.b[r.i] != '"' {
		var err error
		switch c := r.b[r.i]; {
		case c == '\\':
			out, err = r.escape(out)
		case c < 0x20:
			err = r.unexpected("an escaped control character")
		default:
			out = append(out, c)
			r.i++
		}
		if err != nil {
			return "", err
		}
	}
	if r.i == len(r.b) {
		return "", r.unexpected(`"`)
	}
	r.i++
	if !utf8.Valid(out) {
		return "", errors.New("a text is not UTF-8")
	}
	return string(out), nil
}

func (r *jsonReader) escape(out []byte) ([]byte, error) {
	r.i++
	if r.i == len(r.b) {
		return nil, r.unexpected("an escape")
	}
	c := r.b[r.i]
	r.i++
	switch c {
	case '"', '\\', '/':
		return append(out, c), nil
	case 'b':
		return append(out, '\b'), nil
	case 'f':
		return append(out, '\f'), nil
	case 'n':
		return append(out, '\n'), nil
	case 'r':
		return append(out, '\r'), nil
	case 't':
		return append(out, '\t'), nil
	case 'u':
		first, err := r.hex4()
		if err != nil || !utf16.IsSurrogate(first) {
			return utf8.AppendRune(out, first), err
		}
		if len(r.b)-r.i < 6 || r.b[r.i] != '\\' || r.b[r.i+1] != 'u' {
			return nil, r.unexpected("the second half of a surrogate pair")
		}
		r.i += 2
		second, err := r.hex4()
		pair := utf16.DecodeRune(first, second)
		if err == nil && pair == utf8.RuneError {
			err = r.unexpected("a surrogate pair")
		}
		return utf8.AppendRune(out, pair), err
	}
	return nil, r.unexpected("an escape")
}

func (r *jsonReader) hex4() (rune, error) {
	if len(r.b)-r.i < 4 {
		return 0, r.unexpected("four hexadecimal digits")
	}
	n, err := strconv.ParseUint(string(r.b[r.i:r.i+4]), 16, 16)
	if err != nil {
		return 0, r.unexpected("four hexadecimal digits")
	}
	r.i += 4
	return rune(n), nil
}

// appendJSONString quotes s. Bytes that are not UTF-8 become U+FFFD.
func appendJSONString(b []byte, s string) []byte {
	const digits = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		size, replacement := 1, ""
		if c >= utf8.RuneSelf {
			var r rune
			if r, size = utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
			replacement = "\ufffd"
		}
		b = append(b, s[start:i]...)
		switch {
		case replacement != "":
			b = append(b, replacement...)
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		default:
			b = append(b, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
		i += size
		start = i
	}
	return append(append(b, s[start:]...), '"')
}
