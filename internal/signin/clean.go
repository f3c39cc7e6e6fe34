package signin

import (
	"strings"
	"unicode"
)

// maxText is how long a text from outside is kept, in characters.
const maxText = 200

// clean returns a text from outside (a browser's name, a provider's claim) as
// it can be kept and shown: printable, and not without end. What turns the
// direction of writing is left out.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == unicode.ReplacementChar, unicode.IsPrint(r):
			return r
		case unicode.IsSpace(r):
			return ' '
		}
		return -1
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.TrimSpace(s)
	if runes := []rune(s); len(runes) > maxText {
		s = string(runes[:maxText-1]) + "…"
	}
	return s
}
