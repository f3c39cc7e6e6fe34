package store

import (
	"context"
	"errors"
)

// errSilent is why a context of [Store.patient] ends.
var errSilent = errors.New("no answer for too long")

// patient bounds what nobody else has bounded, such as the work of a loop: a
// connection that fell silent is noticed by TCP after a quarter of an hour at
// best, and whoever waits for it keeps others waiting.
func (s *Store) patient(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, bounded := ctx.Deadline(); bounded {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, s.patience, errSilent)
}

// unhurried is for what may take as long as the database is large: a day.
func unhurried(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, day)
}
