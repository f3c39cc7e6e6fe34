package studio

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"io"
	"net/url"
	"strings"
	"time"
)

// look is all templates.
type look struct{ all *template.Template }

// newLook reads the templates. now is what times are told from.
func newLook(now func() time.Time) (*look, error) {
	all, err := template.New("").Funcs(words(now)).Option("missingkey=error").ParseFS(files, "templates/*.html")
	if err != nil {
		return nil, err
	}
	return &look{all: all}, nil
}

// draw draws a template. Characters that turn the text around them about, or
// that nobody sees, are drawn as boxes, wherever in a page they stand: names
// that others chose cannot disguise themselves, not even in a command to be copied.
func (l *look) draw(w io.Writer, name string, data any) error {
	var b bytes.Buffer
	if err := l.all.ExecuteTemplate(&b, name, data); err != nil {
		return err
	}
	text := b.Bytes()
	if bytes.ContainsFunc(text, disguise) {
		text = bytes.Map(func(r rune) rune {
			if disguise(r) {
				return '\uFFFD'
			}
			return r
		}, text)
	}
	_, err := w.Write(text)
	return err
}

// typed is what was typed, as the value of a field: it must come back as it came,
// or sending the form again would send something else. As references, characters
// that draw would replace stay themselves. For U+0080 to U+009F HTML has none.
func typed(s string) template.HTML {
	var b strings.Builder
	for _, r := range s {
		switch {
		case disguise(r) && r != 0 && (r < 0x7f || r > 0x9f):
			fmt.Fprintf(&b, "&#x%x;", r)
		default:
			b.WriteString(html.EscapeString(string(r)))
		}
	}
	return template.HTML(b.String()) //nolint:gosec // escaped character by character
}

// disguise finds control characters, and those of bidirectional text that embed, override and isolate.
func disguise(r rune) bool {
	switch {
	case r == '\n' || r == '\t' || r == '\r':
		return false
	case r < ' ', r >= 0x7f && r <= 0x9f, r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069':
		return true
	}
	return false
}

// words are the functions that templates have.
func words(now func() time.Time) template.FuncMap {
	return template.FuncMap{
		"ago":      func(t any) template.HTML { return moment(t, now(), "ago") },
		"when":     func(t any) template.HTML { return moment(t, now(), "when") },
		"day":      func(t any) template.HTML { return moment(t, now(), "day") },
		"number":   thousands,
		"short":    short,
		"usd":      usd,
		"limit":    limitUSD,
		"plural":   plural,
		"seconds":  seconds,
		"say":      say,
		"prose":    prose,
		"clip":     clip,
		"sentence": sentence, "capital": capital,
		"url":     address,
		"withq":   withQuery,
		"field":   newField,
		"once":    once,
		"browser": browser,
		"typed":   typed,
		"copy":    newCopy,
		"state":   stateOf,
		"list":    func(items ...any) []any { return items },
		"pairs":   pairs,
		"sorted":  sortedPairs,
		"pager":   newPager,
		"empty":   newEmpty,
		"load":    newLoad,
		"add":     func(a, b int) int { return a + b },
		"sum":     sum, "percent": share, "costs": costs,
		"choose":     choose,
		"withreturn": func(to, back string) string { return to + "?" + url.Values{"return": {back}}.Encode() },
	}
}
