package credential

import (
	"context"
	"errors"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// memory is how long a walk that found nothing is remembered, so that a burst
// of requests makes one walk.
const memory = 2 * time.Second

// flight is one search for credentials that any number of callers wait for.
type flight struct {
	done chan struct{}
	got  *state
	err  error
}

// failure is a walk that found nothing.
type failure struct {
	err   *fault.Error
	until time.Time
}

// errKept ends a flight that found nothing new while the old credentials are still accepted.
var errKept = errors.New("the old credentials are still in use")

// wait gives the credentials of the flight under way, or of a new one.
func (c *Chain) wait(ctx context.Context) (Credentials, error) {
	for {
		if err := ctx.Err(); err != nil {
			return Credentials{}, fault.From(err)
		}
		if s := c.current.Load(); s != nil && s.fresh(time.Now()) {
			return s.Credentials, nil
		}
		f, err := c.join()
		if err != nil {
			return Credentials{}, err
		}
		select {
		case <-ctx.Done():
			return Credentials{}, fault.From(ctx.Err())
		case <-f.done:
		}
		switch {
		case f.err == nil:
			return f.got.Credentials, nil
		case !errors.Is(f.err, errKept):
			return Credentials{}, copyFault(f.err)
		}
	}
}

// copyFault keeps callers from changing each other's fault.
func copyFault(err error) error {
	e := *fault.From(err)
	return &e
}

// join returns the flight under way or starts one.
func (c *Chain) join() (*flight, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return nil, shuttingDown()
	case c.flight != nil:
		return c.flight, nil
	case c.failure != nil && time.Now().Before(c.failure.until):
		return nil, copyFault(c.failure.err)
	}
	return c.takeOff(), nil
}

// takeOff starts a flight; c.mu is held.
func (c *Chain) takeOff() *flight {
	f := &flight{done: make(chan struct{})}
	c.flight = f
	c.stopTimer()
	c.work.Go(func() {
		defer close(f.done)
		f.got, f.err = c.search(c.ctx)
		c.land(f)
	})
	return f
}

// land ends a flight: what it found is served from now on.
func (c *Chain) land(f *flight) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flight = nil
	var none *fault.Error
	switch {
	case f.err == nil:
		c.failure, c.dropped, c.fails, c.asks = nil, nil, 0, 0
		c.serve(f.got)
	case errors.As(f.err, &none):
		c.failure = &failure{none, time.Now().Add(memory)}
	default:
		c.fails++
	}
	c.arm()
}

// serve makes the credentials current. An account that STS could not tell this
// time is remembered from the last; c.mu is held.
func (c *Chain) serve(s *state) {
	if s.Account == "" && s.Identity == c.winner.identity {
		s.Account, s.doubt = c.winner.account, ""
	}
	c.winner.static, c.winner.identity, c.winner.account = s.static, s.Identity, s.Account
	c.current.Store(s)
}

// search refreshes from the source that won last, and walks all sources when
// that one can no longer refresh.
func (c *Chain) search(ctx context.Context) (*state, error) {
	c.mu.Lock()
	winner, t := c.winner, trial{judge: c.judge, budget: c.budget, dropped: c.dropped}
	c.mu.Unlock()
	old := c.current.Load()
	var failed []Outcome
	if winner.source != nil && !winner.static && !old.lastStretch(time.Now()) {
		v, err := t.try(ctx, winner.source)
		if err == nil {
			c.log.Info("AWS credentials refreshed", "source", v.Source, "account", v.Account, "expires", expiry(v.Expires))
			return newState(v), nil
		}
		failed = append(failed, missed(winner.source, err))
		c.logRefreshFailure(ctx, failed[0], old)
		if old = c.current.Load(); old != nil && old.fresh(time.Now()) {
			return nil, errKept
		}
	}
	got, err := c.walk(ctx, t, failed)
	if old = c.current.Load(); err != nil && old != nil && old.fresh(time.Now()) {
		return nil, errKept
	}
	return got, err
}

func (c *Chain) logRefreshFailure(ctx context.Context, failed Outcome, old *state) {
	if ctx.Err() != nil {
		return
	}
	attributes := []any{"source", failed.Source, "reason", failed.Reason, "remedy", failed.Remedy}
	if old != nil {
		attributes = append(attributes, "old_ones_serve_until", expiry(old.Expires))
	}
	c.log.Warn("AWS credentials could not be refreshed", attributes...)
}
