package limit

import (
	"log/slog"
	"time"
)

// Outcome says how a call ended.
type Outcome uint8

// The outcomes of a call.
const (
	// Failed means no answer or an error: AWS may have counted the call. It is
	// the zero value, so a forgotten outcome never frees a slot early.
	Failed Outcome = iota
	// Answered means that AWS did what was asked.
	Answered
	// Throttled means that AWS refused the call for its rate. It counts like a
	// failure and lowers the rate of the calls to come.
	Throttled
	// NotSent means that not one byte of the call left; AWS cannot have counted it.
	NotSent
)

// Lease is the right to send one call. [Plan.Acquire] gives it.
type Lease struct {
	plan  *Plan
	began time.Duration
	turn  uint64
	ended bool
}

// Done ends the call at the moment its answer or failure was seen. The
// connection is free at once; the slot returns 60 seconds from now, or at once
// for NotSent. Call it before a back-off, so that others use the connection
// meanwhile. A second Done does nothing.
func (le *Lease) Done(o Outcome) {
	l := le.plan.bucket.limiter
	l.mu.Lock()
	now, b := l.now(), le.plan.bucket.root()
	b.refresh(now)
	before := b.rate.now
	le.end(b, now, o)
	after, key := b.rate.now, b.key
	b.settle(now)
	l.mu.Unlock()
	if after < before {
		l.log.Warn("AWS throttled a call; fewer calls are sent until it no longer does",
			slog.String("limit", key.String()), slog.Int("requests_per_minute", after), slog.Int("before", before))
	}
}

// end books the outcome.
func (le *Lease) end(b *bucket, now time.Duration, o Outcome) {
	if le.ended {
		return
	}
	le.ended = true
	b.inFlight--
	if o == NotSent {
		return
	}
	b.window.add(slot{back: now + minute, answered: o == Answered})
	switch o {
	case Answered:
		b.answers.heard(now, now-le.began)
	case Throttled:
		b.rate.throttled(now, le.turn, b.limiter.next(), b.inFlight+b.window.answered)
	default: // says nothing of speed or rate
	}
}
