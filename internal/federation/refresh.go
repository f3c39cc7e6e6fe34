package federation

import (
	"math/rand/v2"
	"time"
)

const (
	// margin is how long before their end credentials are renewed at the latest, where their life permits.
	margin = 15 * time.Minute
	// retryFirst and retryAtMost bound the pauses between refreshes that fail.
	retryFirst, retryAtMost = 5 * time.Second, 2 * time.Minute
)

func newServed(got exchanged, now time.Time) *served {
	return &served{
		Credentials: got.Credentials, since: now, until: now.Add(got.life),
		refreshAt: now.Add(refreshAfter(got.life, rand.Float64())),
	}
}

// refreshAfter returns how old credentials of that life get before they are
// renewed: two thirds of their life, and at least 15 minutes before their end
// when they live half an hour or longer. jitter in [0, 1) makes it up to a
// tenth of their life sooner, so that sessions begun together part.
func refreshAfter(life time.Duration, jitter float64) time.Duration {
	at := life * 2 / 3
	if life >= 2*margin {
		at = min(at, life-margin)
	}
	return at - time.Duration(float64(life)*0.1*jitter)
}

// backoff doubles the pause with every failure and spreads it by a fifth.
func backoff(first, most time.Duration, failures int) time.Duration {
	pause := min(first<<min(failures, 10), most)
	return pause - time.Duration(rand.Float64()*0.2*float64(pause))
}

// arm sets the alarm for what comes next to an entry without a flight: a
// refresh, another try of one that failed, or its end. f.mu is held.
func (f *Federation) arm(e *entry, now time.Time) {
	e.stopTimer()
	if e.gone || f.closed {
		return
	}
	at := e.failure.until // without credentials: forgotten with its failure
	if e.got != nil {
		switch at = e.got.refreshAt; {
		case now.Before(at):
		case f.idle(e, now):
			at = e.got.until
		case e.failure.holds(now):
			at = e.failure.until
		}
		if e.got.until.Before(at) {
			at = e.got.until
		}
	}
	e.timer = time.AfterFunc(max(at.Sub(now), 100*time.Millisecond), func() { f.wake(e) })
}

// idle reports whether nobody has used the entry for so long that it is not worth a refresh.
func (f *Federation) idle(e *entry, now time.Time) bool { return now.Sub(e.used) > f.settings.Idle }

// wake does what the alarm was set for.
func (f *Federation) wake(e *entry) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if e.gone || f.closed || e.flight != nil {
		return
	}
	now := f.settings.Now()
	switch ended := e.got == nil || !now.Before(e.got.until); {
	case ended && !e.failure.holds(now):
		f.remove(e)
	case ended, now.Before(e.got.refreshAt), f.idle(e, now), e.failure.holds(now):
		f.arm(e, now)
	default:
		f.takeOff(e)
	}
}
