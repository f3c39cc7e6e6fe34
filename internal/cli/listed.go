package cli

import (
	"iter"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

// collected gathers a list that comes page by page. It is never nil, so that an
// empty one is [] in JSON.
func collected[T any](items iter.Seq2[T, error]) ([]T, error) {
	out := []T{}
	for item, err := range items {
		if err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	return out, nil
}

// listed prints a list as JSON or as a table with a row for each item.
func listed[T any](p *Process, l listing, items []T, head []string, row func(T) []string) error {
	if l.json() {
		return printJSON(p.Stdout, items)
	}
	cells := make([][]string, len(items))
	for i, item := range items {
		cells[i] = row(item)
	}
	return p.printTable(p.Stdout, head, cells)
}

// nothingNamed is the error of an update that changes nothing.
func nothingNamed(command string) error {
	return wrongUsage("nothing to change. Run `%s --help` for the flags.", command)
}

// paged gathers a list that is asked for page by page.
func paged[T any](page func(client.List) (wire.Page[T], error)) ([]T, error) {
	out, l := []T{}, client.List{Limit: 200}
	for {
		part, err := page(l)
		if err != nil {
			return nil, err
		}
		if out = append(out, part.Items...); part.Next == "" {
			return out, nil
		}
		l.Cursor = part.Next
	}
}
