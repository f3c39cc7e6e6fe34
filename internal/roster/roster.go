package roster

import (
	"cmp"
	"iter"
	"slices"
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
	byID map[string]*T
	of   map[string][]*T // by organization, in order of name
	as   func(*T) Entry
}

// New makes a roster of the things that are not gone. They belong to it from then on.
func New[T any](things []T, as func(*T) Entry) *Roster[T] {
	r := &Roster[T]{byID: make(map[string]*T, len(things)), of: map[string][]*T{}, as: as}
	for i := range things {
		thing := &things[i]
		if e := as(thing); !e.Gone {
			r.byID[e.ID] = thing
			r.of[e.Organization] = append(r.of[e.Organization], thing)
		}
	}
	for _, list := range r.of {
		slices.SortFunc(list, func(a, b *T) int {
			x, y := as(a), as(b)
			return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID))
		})
	}
	return r
}

// ByID returns the thing with the id, of whatever organization, or nil.
func (r *Roster[T]) ByID(id string) *T { return r.byID[id] }

// Find returns a thing of the organization by id or name, or nil. One of another
// organization is none. An id goes before a name that looks like it.
func (r *Roster[T]) Find(organization, idOrName string) *T {
	if thing := r.byID[idOrName]; thing != nil && r.as(thing).Organization == organization {
		return thing
	}
	list := r.of[organization]
	at, found := slices.BinarySearchFunc(list, idOrName, func(thing *T, name string) int { return cmp.Compare(r.as(thing).Name, name) })
	if !found {
		return nil
	}
	return list[at]
}

// Of returns the organization's things in order of name.
func (r *Roster[T]) Of(organization string) []*T { return r.of[organization] }

// IDs returns the ids of the organization's things.
func (r *Roster[T]) IDs(organization string) []string {
	list := r.of[organization]
	ids := make([]string, len(list))
	for i, thing := range list {
		ids[i] = r.as(thing).ID
	}
	return ids
}

// All goes over the things of all organizations, those of one in order of name.
func (r *Roster[T]) All() iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for _, list := range r.of {
			for _, thing := range list {
				if !yield(thing) {
					return
				}
			}
		}
	}
}

// Values returns copies of the organization's things in order of name.
func (r *Roster[T]) Values(organization string) []T {
	list := r.of[organization]
	values := make([]T, len(list))
	for i, thing := range list {
		values[i] = *thing
	}
	return values
}
