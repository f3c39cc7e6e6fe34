package tenant

import (
	"github.com/adit-hq/adit/internal/fault"

	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of texts.
const (
	maxDescription = 1000
	minReason      = 10
	maxReason      = 1000
	maxWhy         = 1000
)

var (
	namePattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	// An id is the prefix, an underscore and these digits. A name cannot have
	// the underscore, but the digits alone would be mistaken for an id by people.
	idDigits = regexp.MustCompile(`^[0-9a-f]{24}$`)
	// tagPattern is what AWS takes in tags (STS API reference, Tag).
	tagPattern = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)
)

func checkName(f *fault.Inputs, name string) {
	switch {
	case !namePattern.MatchString(name):
		f.Add("name", "a name must have 1 to 63 of a-z, 0-9 and -, and must not begin or end with -")
	case idDigits.MatchString(name):
		f.Add("name", "a name must not look like an id")
	}
}

func checkText(f *fault.Inputs, field, text string, most int) {
	switch {
	case utf8.RuneCountInString(text) > most:
		f.Add(field, "the %s must have at most %d characters", field, most)
	case !plain(text):
		f.Add(field, "the %s has unprintable characters, such as a line break", field)
	}
}

// plain reports whether a text is valid and has nothing that a terminal obeys.
func plain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

// tame makes a text of others, such as AWS's message, fit to be kept and shown,
// and cuts it to maxWhy characters.
func tame(text string) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	runes := 0
	for i := range text {
		if runes++; runes > maxWhy {
			return text[:i] + "…"
		}
	}
	return text
}

// The bounds of tags.
const (
	maxTags     = 20
	maxTagName  = 128
	maxTagValue = 256
)

func checkTags(f *fault.Inputs, tags map[string]string) {
	if len(tags) > maxTags {
		f.Add("tags", "there are %d tags; at most %d are allowed", len(tags), maxTags)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		if name == "" || utf8.RuneCountInString(name) > maxTagName || !tagPattern.MatchString(name) || strings.HasPrefix(strings.ToLower(name), "aws:") {
			f.Add("tags", "a tag's name must have 1 to %d letters, digits, spaces or _ . : / = + - @, as AWS requires, and must not begin with aws:", maxTagName)
		}
		if value := tags[name]; utf8.RuneCountInString(value) > maxTagValue || !tagPattern.MatchString(value) {
			f.Add("tags", "a tag's value must have at most %d letters, digits, spaces or _ . : / = + - @, as AWS requires", maxTagValue)
		}
	}
}
