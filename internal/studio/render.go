package studio

import (
	"html/template"
	"io"
	"net/url"
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

func (l *look) draw(w io.Writer, name string, data any) error {
	return l.all.ExecuteTemplate(w, name, data)
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
		"plural":   plural,
		"seconds":  seconds,
		"say":      say,
		"clip":     clip,
		"sentence": sentence,
		"url":      address,
		"withq":    withQuery,
		"field":    newField,
		"copy":     newCopy,
		"state":    stateOf,
		"list":     func(items ...any) []any { return items },
		"pairs":    pairs,
		"sorted":   sortedPairs,
		"pager":    newPager,
		"empty":    newEmpty,
		"load":     newLoad,
		"add":      func(a, b int) int { return a + b },
		"sum":      sum, "percent": share, "costs": costs,
		"choose":     choose,
		"withreturn": func(to, back string) string { return to + "?" + url.Values{"return": {back}}.Encode() },
	}
}
