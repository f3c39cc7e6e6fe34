package federation

import (
	"context"
	"errors"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// flightBudget bounds one flight with all its tries.
const flightBudget = 45 * time.Second

// flight is one exchange that any number of callers wait for. err may be read
// once done is closed.
type flight struct {
	done   chan struct{}
	cancel context.CancelFunc
	err    error // nil: ask again, whatever came
}

// errGone ends a flight whose environment or session is no longer wanted.
var errGone = errors.New("the environment changed")

// wait returns nil when it is worth asking memory again.
func (w *flight) wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fault.From(err)
	}
	select {
	case <-ctx.Done():
		return fault.From(ctx.Err())
	case <-w.done:
	}
	if w.err == nil {
		return nil
	}
	e := *fault.From(w.err)
	return &e
}

// takeOff starts the entry's flight; f.mu is held.
func (f *Federation) takeOff(e *entry) {
	ctx, cancel := context.WithTimeout(e.place.ctx, flightBudget)
	fl := &flight{done: make(chan struct{}), cancel: cancel}
	e.flight = fl
	e.stopTimer()
	f.work.Go(func() {
		defer cancel()
		got, err := f.fly(ctx, e)
		f.land(e, fl, got, err)
		close(fl.done)
	})
}

// fly gets new credentials for the entry, if it is still wanted and nothing
// speaks against asking AWS.
func (f *Federation) fly(ctx context.Context, e *entry) (exchanged, error) {
	p := e.place
	env, err := f.settings.Environment(p.mark.environment)
	if err == nil {
		err = usable(&env)
	}
	switch {
	case err != nil && f.keepsServing(err):
		return exchanged{}, err
	case err != nil, markOf(&env) != p.mark:
		f.mu.Lock()
		f.drop(p)
		f.mu.Unlock()
		return exchanged{}, errGone
	}
	x, err := f.newRun(&env, e.session)
	if err != nil {
		return exchanged{}, err
	}
	x.place = p
	if err := f.probed(ctx, p, &env); err != nil {
		return exchanged{}, err
	}
	first, err := f.pass(ctx, e)
	if err != nil {
		return exchanged{}, err
	}
	got, err := f.recorded(ctx, x, e.caller)
	f.passed(e, first, err)
	return got, err
}

// keepsServing reports whether an error of the configuration leaves what is
// served alone: only a directory that is out of reach does.
func (f *Federation) keepsServing(err error) bool { return fault.KindOf(err) == fault.Unavailable }

// land ends a flight: what it found is served from now on.
func (f *Federation) land(e *entry, fl *flight, got exchanged, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	e.flight = nil
	if e.gone || errors.Is(err, errGone) {
		return // who waits reads the configuration again
	}
	now := f.settings.Now()
	if err == nil {
		e.got, e.failure, e.fails = newServed(got, now), failure{}, 0
		f.arm(e, now)
		return
	}
	e.fails++
	e.failure = f.remember(e, err, now)
	if e.got == nil || !now.Before(e.got.until) {
		fl.err = e.failure.err
	}
	f.arm(e, now)
}

// remember returns for how long the entry does not ask AWS again.
func (f *Federation) remember(e *entry, err error, now time.Time) failure {
	var others gated
	if errors.As(err, &others) {
		return others.failure
	}
	no := fault.From(err)
	pause := busyMemory
	switch no.Kind {
	case fault.Unavailable:
		pause = max(no.RetryAfter, time.Second)
	case fault.Refused, fault.Config, fault.Forbidden:
		pause = finalMemory
	case fault.Deadline, fault.Canceled:
		no = fault.New(fault.Unavailable, "AWS returned no credentials in time (environment %s)", e.place.name).WithCode(CodeUnreachable)
		no.Err = err
	default: // what nobody foresaw is not asked for without a pause either
	}
	if e.got != nil && now.Before(e.got.until) { // nobody waits, but from the end on somebody will
		longer := min(backoff(retryFirst, retryAtMost, e.fails-1), e.got.until.Sub(now))
		pause = max(pause, longer)
	}
	return failure{no, now.Add(pause)}
}
