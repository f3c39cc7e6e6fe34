package limit

import (
	"log/slog"
	"time"
)

// Outcome says how a call ended.
type Outcome uint8

// The outcomes of a call.
const (
	// Unanswered means that the call ended without any answer seen: it was
	// cancelled, timed out, or its connection broke. It may still be on its way,
	// so AWS may count it a little later; its slot returns 5 seconds later than
	// others. It is the zero value, so a forgotten outcome never frees a slot early.
	Unanswered Outcome = iota
	// Failed means that AWS answered with an error; it may have counted the call.
	Failed
	// Answered means that AWS did what was asked.
	Answered
	// Throttled means that AWS refused the call for its rate. It counts like a
	// failure and lowers the rate of the calls to come.
	Throttled
	// NotSent means that not one byte of the call left; AWS cannot have counted it.
	NotSent
)

// adrift is how long after it was given up a call may still reach AWS: what the
// network and AWS's front door may hold on to.
const adrift = 5 * time.Second

// Lease is the right to send one call. [Plan.Acquire] gives it.
type Lease struct {
	plan  *Plan
	began time.Duration
	turn  uint64
	ended bool
	outer *Lease // of the plan that this one's is within
}

// Done ends the call at the moment its answer or failure was seen. The
// connection is free at once; the slot returns 60 seconds from now, 65 for
// Unanswered, and at once for NotSent. Call it before a back-off, so that others use the connection
// meanwhile. A second Done does nothing.
func (le *Lease) Done(o Outcome) {
	if le.outer != nil {
		le.outer.Done(o)
		if o == Throttled {
			o = Failed // AWS knows nothing of inner limits
		}
	}
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
		l.log.Warn("AWS throttled a call; the call rate is reduced until throttling stops",
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
	back := now + minute
	if o == Unanswered {
		back += adrift
	}
	b.window.add(slot{back: back, answered: o == Answered})
	switch o {
	case Answered:
		b.answers.heard(now, now-le.began)
	case Throttled:
		b.rate.throttled(now, le.turn, b.limiter.next(), b.inFlight+b.window.answered)
	default: // says nothing of speed or rate
	}
}
