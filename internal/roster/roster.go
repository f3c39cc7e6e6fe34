package roster

import (
	"cmp"
	"iter"
	"slices"

	"github.com/adit-hq/adit/internal/fault"
)

// Entry is what a thing goes by.
type Entry struct {
	// ID is unique among all organizations, Name in its own.
	ID, Organization, Name string
	// Gone things are tombstones: they are kept, and nobody finds them.
	Gone bool
}

// Roster is the things of all organizations at one moment. It is never changed,
// and nobody changes what it returns.
type Roster[T any] struct {
	byID map[string]*member[T]
	of   map[string][]*member[T] // by organization, in order of name
}

type member[T any] struct {
	Entry
	thing *T
}

// New makes a roster of the things that are not gone. They belong to it from then on.
func New[T any](things []T, as func(*T) Entry) *Roster[T] {
	r := &Roster[T]{byID: make(map[string]*member[T], len(things)), of: map[string][]*member[T]{}}
	members := make([]member[T], len(things))
	for i := range things {
		m := &members[i]
		if m.Entry, m.thing = as(&things[i]), &things[i]; !m.Gone {
			r.byID[m.ID] = m
			r.of[m.Organization] = append(r.of[m.Organization], m)
		}
	}
	for _, list := range r.of {
		slices.SortFunc(list, func(a, b *member[T]) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	}
	return r
}

// ByID returns the thing with the id, of whatever organization, or nil.
func (r *Roster[T]) ByID(id string) *T {
	if m := r.byID[id]; m != nil {
		return m.thing
	}
	return nil
}

// Find returns a thing of the organization by id or name, or nil. One of another
// organization is none. An id goes before a name that looks like it.
func (r *Roster[T]) Find(organization, idOrName string) *T {
	if m := r.byID[idOrName]; m != nil && m.Organization == organization {
		return m.thing
	}
	if m := r.named(organization, idOrName); m != nil {
		return m.thing
	}
	return nil
}

func (r *Roster[T]) named(organization, name string) *member[T] {
	list := r.of[organization]
	at, found := slices.BinarySearchFunc(list, name, func(m *member[T], name string) int { return cmp.Compare(m.Name, name) })
	if !found {
		return nil
	}
	return list[at]
}

// AddTaken adds a name that another thing of the organization than the one with
// the id has to the other faults of an input, so that it is not found one round
// later. Alone it is the store's to find, which knows best.
func (r *Roster[T]) AddTaken(f *fault.Inputs, organization, name, id string) {
	if len(*f) == 0 {
		return
	}
	if other := r.named(organization, name); other != nil && other.ID != id {
		f.Add("name", "the name is taken")
	}
}

// Len is how many things the organization has.
func (r *Roster[T]) Len(organization string) int { return len(r.of[organization]) }

// Of goes over the organization's things in order of name.
func (r *Roster[T]) Of(organization string) iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for _, m := range r.of[organization] {
			if !yield(m.thing) {
				return
			}
		}
	}
}

// All goes over the things of all organizations, those of one in order of name.
func (r *Roster[T]) All() iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for organization := range r.of {
			for thing := range r.Of(organization) {
				if !yield(thing) {
					return
				}
			}
		}
	}
}

// Values returns copies of the organization's things in order of name.
func (r *Roster[T]) Values(organization string) []T {
	values := make([]T, 0, r.Len(organization))
	for thing := range r.Of(organization) {
		values = append(values, *thing)
	}
	return values
}

// IDs returns the ids of the organization's things.
func (r *Roster[T]) IDs(organization string) []string {
	ids := make([]string, 0, r.Len(organization))
	for _, m := range r.of[organization] {
		ids = append(ids, m.ID)
	}
	return ids
}
