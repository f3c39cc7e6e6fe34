package tenant

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
)

// tries is how often a change is made anew when another replica was faster.
const tries = 3

// changeEnvironment finds an environment, has it changed, and writes it if
// nobody else did meanwhile. No events mean that nothing changes. A version that
// is asked for is held against what is there.
func (r *Registry) changeEnvironment(
	ctx context.Context, find func() (Environment, error), version int64,
	do func(e *Environment, now time.Time) ([]audit.Event, error),
) (Environment, error) {
	e, wrote, err := r.writeEnvironment(ctx, find, version, do)
	if wrote {
		r.refresh(ctx)
	}
	return e, err
}

// writeEnvironment is changeEnvironment for who takes over several changes at
// once: it says whether it wrote one.
func (r *Registry) writeEnvironment(
	ctx context.Context, find func() (Environment, error), version int64,
	do func(e *Environment, now time.Time) ([]audit.Event, error),
) (e Environment, wrote bool, err error) {
	for try := 1; ; try++ {
		e, err := find()
		if err != nil {
			return Environment{}, false, err
		}
		if version != 0 && version != e.Version {
			return Environment{}, false, changedMeanwhile("environment", e.Version, version)
		}
		now := r.moment()
		events, err := do(&e, now)
		if err != nil || len(events) == 0 {
			return e, false, err
		}
		e.Updated = now
		if err = r.settings.Store.UpdateEnvironment(ctx, e, events...); err == nil {
			e.Version++
			return e, true, nil
		}
		if err := r.again(ctx, err, try); err != nil {
			return Environment{}, false, err
		}
	}
}

// again returns nil when a change should be made anew: another replica was
// faster, and what it wrote is in memory now.
func (r *Registry) again(ctx context.Context, err error, try int) error {
	if fault.From(err).Code != "conflict" || try == tries {
		return err
	}
	return r.settings.Refresh(ctx)
}

// refresh takes the change over at once. If it fails the change is made all the
// same, and is seen with the next poll.
func (r *Registry) refresh(ctx context.Context) {
	if err := r.settings.Refresh(ctx); err != nil {
		r.settings.Log.Warn("a change could not be read back at once", "error", err)
	}
}

func changedMeanwhile(what string, has, asked int64) error {
	return fault.New(fault.Invalid, "the %s was changed meanwhile: it has version %d, not %d", what, has, asked).
		WithCode("conflict").WithRemedy("Read it again and repeat the change.")
}

// moment is the time of a change, as databases keep it.
func (r *Registry) moment() time.Time { return whole(r.settings.Now()) }

func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
