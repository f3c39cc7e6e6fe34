package roster

import (
	"context"
	"log/slog"

	"github.com/adit-hq/adit/internal/fault"
)

// Desk is where changes are made. Refresh is needed.
type Desk struct {
	// Refresh reads the configuration in force anew.
	Refresh func(ctx context.Context) error
	Log     *slog.Logger
}

// Attempt is one try of a change: it writes what the thing as it was read becomes,
// and returns that. Not wrote means that nothing changes.
type Attempt[T any] func(was T) (is T, wrote bool, err error)

// tries is how often a change is made anew when another replica was faster.
const tries = 3

// Change reads a thing, has it changed and written, and takes the change over at
// once. If another replica was faster, which the write says by a fault with the
// code "conflict", all of it is done anew. A version that is asked for, not 0, is
// held against the one that is read: another is Invalid, "conflict".
//
// What is the thing in words, such as "API key".
func Change[T any](ctx context.Context, d Desk, what string, version int64, read func() (T, int64, error), attempt Attempt[T]) (T, error) {
	is, wrote, err := Write(ctx, d, what, version, read, attempt)
	if wrote {
		d.TakeOver(ctx)
	}
	return is, err
}

// Write is [Change] for who takes over several changes at once: it tells whether it wrote one.
func Write[T any](ctx context.Context, d Desk, what string, version int64, read func() (T, int64, error), attempt Attempt[T]) (is T, wrote bool, err error) {
	var none T
	for try := 1; ; try++ {
		was, has, err := read()
		if err != nil {
			return none, false, err
		}
		if version != 0 && version != has {
			return none, false, fault.New(fault.Invalid, "the %s was changed meanwhile: it has version %d, not %d", what, has, version).
				WithCode("conflict").WithRemedy("Read it again and repeat the change.")
		}
		is, wrote, err := attempt(was)
		if err == nil {
			return is, wrote, nil
		}
		if fault.From(err).Code != "conflict" || try == tries {
			return none, false, err
		}
		if err := d.Refresh(ctx); err != nil {
			return none, false, err
		}
	}
}

// TakeOver has a change that was written read at once. If that fails the change
// is made all the same, and is seen with the next poll.
func (d Desk) TakeOver(ctx context.Context) {
	if err := d.Refresh(ctx); err != nil {
		d.Log.Warn("a change could not be read back at once", "error", err)
	}
}
