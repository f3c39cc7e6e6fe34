package tenant

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/roster"
)

// changeEnvironment finds an environment, has it changed, and writes it if
// nobody else did meanwhile. No events mean that nothing changes. A version that
// is asked for is held against what is there.
func (r *Registry) changeEnvironment(
	ctx context.Context, find func() (Environment, error), version int64,
	do func(e *Environment, now time.Time) ([]audit.Event, error),
) (Environment, error) {
	e, wrote, err := r.writeEnvironment(ctx, find, version, do)
	if wrote {
		r.desk.TakeOver(ctx)
	}
	return e, err
}

// writeEnvironment is changeEnvironment for who takes over several changes at
// once: it says whether it wrote one.
func (r *Registry) writeEnvironment(
	ctx context.Context, find func() (Environment, error), version int64,
	do func(e *Environment, now time.Time) ([]audit.Event, error),
) (e Environment, wrote bool, err error) {
	return roster.Write(ctx, r.desk, "environment", version, read(find), func(e Environment) (Environment, bool, error) {
		now := r.moment()
		events, err := do(&e, now)
		if err != nil || len(events) == 0 {
			return e, false, err
		}
		e.Updated = now
		err = r.settings.Store.UpdateEnvironment(ctx, e, events...)
		e.Version++
		return e, true, err
	})
}

// read is how an environment that is found is read for a change.
func read(find func() (Environment, error)) func() (Environment, int64, error) {
	return func() (Environment, int64, error) {
		e, err := find()
		return e, e.Version, err
	}
}

// readOrganization is how an organization is read for a change.
func (r *Registry) readOrganization(idOrName string) func() (Organization, int64, error) {
	return func() (Organization, int64, error) {
		o, err := r.Organization(idOrName)
		return o, o.Version, err
	}
}

// moment is the time of a change, as databases keep it.
func (r *Registry) moment() time.Time { return whole(r.settings.Now()) }

func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
