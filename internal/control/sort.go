package control

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/control/wire"
)

// order is what the items of a list stand in. Two of one value stand in order of
// their ids, so that every item has one place.
type order[T any] struct {
	word    string // as the client says it, such as -created; part of the cursor
	value   func(T) string
	id      func(T) string
	reverse bool
}

// sorts are the orders of a list, by what they look at.
type sorts[T any] map[string]func(T) string

// by returns the order that a list's sort parameter names; the schema has let
// known ones through only. "" is that of names.
func (s sorts[T]) by(word string, id func(T) string) order[T] {
	word = cmp.Or(word, "name")
	name, reverse := strings.CutPrefix(word, "-")
	return order[T]{word: word, value: s[name], id: id, reverse: reverse}
}

// maxValue is by how many bytes of a value items are sorted; those that begin
// alike stand in order of their ids. A cursor holds them, and must stay short.
const maxValue = 256

// spot is where an item stands.
type spot struct{ value, id string }

func (o order[T]) spot(item T) spot {
	value := o.value(item)
	return spot{value[:min(len(value), maxValue)], o.id(item)}
}

// compare tells which of two items comes first.
func (o order[T]) compare(x, y spot) int {
	c := cmp.Or(cmp.Compare(x.value, y.value), cmp.Compare(x.id, y.id))
	if o.reverse {
		return -c
	}
	return c
}

// sortable writes a moment so that texts stand in the order of time; the zero
// one, of what never happened, comes first.
func sortable(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000000")
}

// placed is an item, by its index, with its spot.
type placed struct {
	at   spot
	item int
}

// pageOf cuts a page out of those items of a list that keep says to keep, in
// whatever order they come; filter are the words that keep goes by. It sorts the
// first few behind the cursor only, and copies nothing: a page of many thousands
// costs one look at each. The list, which may be everybody's, stays as it is.
func pageOf[A, B any](items []A, keep func(A) bool, p Paging, o order[A], show func(A) B, filter ...string) (wire.Page[B], error) {
	filter = append(filter, o.word)
	from, err := after(p.Cursor, filter...)
	if err != nil {
		return wire.Page[B]{}, err
	}
	var last spot
	last.id, last.value, _ = strings.Cut(from, "\x00") // no id has a NUL
	most := p.limit() + 1                              // one more tells that there is a next page
	first := make([]placed, 0, min(len(items), most)+1)
	compare := func(x placed, y spot) int { return o.compare(x.at, y) }
	for n, item := range items {
		if !keep(item) {
			continue
		}
		at := o.spot(item)
		if from != "" && o.compare(at, last) <= 0 || len(first) == most && o.compare(at, first[most-1].at) >= 0 {
			continue
		}
		i, _ := slices.BinarySearchFunc(first, at, compare)
		if first = slices.Insert(first, i, placed{at, n}); len(first) > most {
			first = first[:most]
		}
	}
	next := ""
	if len(first) == most {
		first = first[:most-1]
		end := first[most-2].at
		next = cursor(end.id+"\x00"+end.value, filter...)
	}
	page := wire.Page[B]{Items: make([]B, len(first)), Next: next}
	for i, f := range first {
		page.Items[i] = show(items[f.item])
	}
	return page, nil
}
