package audit

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The bounds of an event, in bytes. AWS's messages and names that people typed
// end up in it, so none may grow without end.
const (
	maxWord    = 256  // names, ids, the action, the outcome
	maxDetail  = 1024 // one value
	maxDetails = 64   // how many there may be
)

// redacted stands where a secret would have stood.
const redacted = "[redacted]"

// Clean returns the event as it is written: in UTC to the microsecond, without
// control characters and invalid UTF-8 (a terminal or a log would obey the
// former, PostgreSQL refuses the latter), bounded in length, and with what
// looks like a secret of Adit's taken out. The store calls it through
// [Chain.Append], so nothing passes it by. Cleaning twice changes nothing more.
func (e Event) Clean() Event {
	e.Time = e.Time.UTC().Truncate(time.Microsecond)
	for _, s := range []*string{
		&e.Organization, &e.Actor.Organization, &e.Actor.Key, &e.Actor.Name, &e.Actor.Address, &e.Action, &e.Target, &e.Outcome,
	} {
		*s = cleanText(*s, maxWord)
	}
	if len(e.Details) == 0 {
		e.Details = nil
		return e
	}
	names := slices.Sorted(maps.Keys(e.Details))
	details := make(map[string]string, min(len(names), maxDetails))
	for _, name := range names[:min(len(names), maxDetails)] {
		details[cleanText(name, maxWord)] = cleanText(e.Details[name], maxDetail)
	}
	e.Details = details
	return e
}

// cleanText makes s printable, takes secrets out, and cuts it to at most size bytes.
func cleanText(s string, size int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r): // such as the marks that turn the direction of writing
			return -1
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		}
		return r
	}, s)
	return cut(withoutSecrets(s), size)
}

// cut shortens s to at most size bytes, between runes, and marks it.
func cut(s string, size int) string {
	if len(s) <= size {
		return s
	}
	const mark = "…"
	end := size - len(mark)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + mark
}

// withoutSecrets replaces every word that has the shape of an API key, a signed
// token or a private key. It is a net under the rooms, which do not hand any in.
func withoutSecrets(s string) string {
	if i := strings.Index(s, "PRIVATE KEY-----"); i >= 0 {
		return redacted
	}
	if !strings.Contains(s, "adit_") && !strings.Contains(s, "eyJ") {
		return s
	}
	isPart := func(r rune) bool {
		return r == '_' || r == '-' || r == '.' || unicode.IsLetter(r) || unicode.IsDigit(r)
	}
	var b strings.Builder
	for s != "" {
		end := strings.IndexFunc(s, isPart)
		if end < 0 {
			end = len(s)
		}
		b.WriteString(s[:end])
		s = s[end:]
		end = strings.IndexFunc(s, func(r rune) bool { return !isPart(r) })
		if end < 0 {
			end = len(s)
		}
		if word := s[:end]; looksSecret(word) {
			b.WriteString(redacted)
		} else {
			b.WriteString(word)
		}
		s = s[end:]
	}
	return b.String()
}

// looksSecret knows API keys (adit_ID_SECRET) and compact tokens (three parts,
// the first a JSON object in base64).
func looksSecret(word string) bool {
	if _, rest, ok := strings.Cut(word, "adit_"); ok && strings.Count(rest, "_") >= 1 && len(rest) > 40 {
		return true
	}
	_, rest, ok := strings.Cut(word, "eyJ")
	return ok && strings.Count(rest, ".") >= 2
}
