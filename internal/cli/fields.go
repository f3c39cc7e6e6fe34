package cli

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// field is a line of what a command shows of one thing.
type field struct{ name, value string }

// printFields prints names and values in two columns. Fields without a value
// are left out; a value of several lines goes on below itself.
func printFields(w io.Writer, fields []field) error {
	width := 0
	for _, f := range fields {
		if f.value != "" {
			width = max(width, utf8.RuneCountInString(f.name))
		}
	}
	var b strings.Builder
	for _, f := range fields {
		name := f.name
		for line := range strings.Lines(f.value) {
			fmt.Fprintf(&b, "%s%s  %s\n", name, strings.Repeat(" ", width-utf8.RuneCountInString(name)), strings.TrimRight(line, "\n"))
			name = ""
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// at writes a time for people: to the second, in UTC.
func at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

// when is at for a time that may be absent, and a word for that.
func when(t *time.Time, never string) string {
	if t == nil {
		return never
	}
	return at(*t)
}

// pairs writes tags as "a=1 b=2".
func pairs(tags map[string]string) string {
	parts := make([]string, 0, len(tags))
	for _, name := range sortedKeys(tags) {
		parts = append(parts, name+"="+tags[name])
	}
	return strings.Join(parts, " ")
}

// all is a list for people, where none means that there is no bound.
func all(names []string) string { return cmp.Or(strings.Join(names, ", "), "all") }

// yesNo is a bool for people.
func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// spell writes a duration as people do: 1h30m, not 1h30m0s.
func spell(d time.Duration) string {
	s := d.Round(time.Second).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// indented writes a text of several lines with its later lines moved in.
func indented(text string, by int) string {
	return strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n"+strings.Repeat(" ", by))
}
