package store

import (
	"fmt"
	"slices"
	"strings"
)

// where gathers conditions and their values.
type where struct {
	conditions []string
	args       []any
}

// add appends a condition with a %s for each of its values.
func (w *where) add(condition string, args ...any) {
	names := make([]any, len(args))
	for i := range args {
		names[i] = fmt.Sprintf("$%d", len(w.args)+i+1)
	}
	w.conditions = append(w.conditions, fmt.Sprintf(condition, names...))
	w.args = append(w.args, args...)
}

func (w where) text() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}

// also is a copy with one condition more; it shares no memory with the former.
func (w where) also(condition string, args ...any) where {
	w.conditions, w.args = slices.Clone(w.conditions), slices.Clone(w.args)
	w.add(condition, args...)
	return w
}
