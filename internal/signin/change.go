package signin

import (
	"context"
	"slices"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
)

// tries is how often a change is made again when the person was changed meanwhile.
const tries = 4

// change applies an edit to a person as stored, and ends what it says.
// An edit without events changes nothing. Where a version is asked for, a
// person who was changed meanwhile stays as they are: what was seen is not what is there.
func (r *Registry) change(ctx context.Context, person string, version int64, edit func(Person, time.Time) (Person, Ends, []audit.Event, error)) (Person, error) {
	for try := 1; ; try++ {
		was, err := r.settings.Store.Person(ctx, person)
		if err != nil {
			return Person{}, err
		}
		now := r.moment()
		p, ends, events, err := edit(was, now) // which tells first whether who asks knows the person at all
		if err == nil && version != 0 && was.Version != version {
			err = meanwhile()
		}
		if err != nil || len(events) == 0 {
			return p, err
		}
		p.Updated = now
		err = r.settings.Store.UpdatePerson(ctx, p, ends, events...)
		if err == nil {
			p.Version++
			return p, nil
		}
		if version != 0 || try == tries || fault.From(err).Code != "conflict" {
			return Person{}, err
		}
	}
}

func meanwhile() error {
	return fault.New(fault.Invalid, "the person was changed meanwhile").WithCode("conflict").
		WithRemedy("Read it again and repeat the change.")
}

func without(roles []Membership, organization string) []Membership {
	return slices.DeleteFunc(slices.Clone(roles), func(m Membership) bool { return m.Organization == organization })
}
