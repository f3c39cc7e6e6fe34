package control

import (
	"slices"
	"strings"
)

// Searched chooses items of a list by a text.
type Searched struct {
	Search string `query:"search" maxLength:"200" doc:"Only items whose name, id or similar contains this, ignoring case"`
}

// finds reports whether one of the fields holds the text that is looked for.
func (s Searched) finds(fields ...string) bool {
	if s.Search == "" {
		return true
	}
	text := strings.ToLower(s.Search)
	return slices.ContainsFunc(fields, func(f string) bool { return strings.Contains(strings.ToLower(f), text) })
}

// chosen returns the items that keep says to keep, in their order, and leaves
// the list, which may be everybody's, as it is.
func chosen[T any](items []T, keep func(T) bool) []T {
	out := make([]T, 0, min(len(items), maxPage))
	for _, item := range items {
		if keep(item) {
			out = append(out, item)
		}
	}
	return out
}

// everything is what a list shows that nothing is left out of.
func everything[T any](T) bool { return true }

// either reports whether a filter that may be left out lets a value through.
func either(filter, value string) bool { return filter == "" || filter == value }

// tagTexts writes tags as people look for them: team=search.
func tagTexts(tags map[string]string) []string {
	texts := make([]string, 0, len(tags)+2)
	for name, value := range tags {
		texts = append(texts, name+"="+value)
	}
	return texts
}
