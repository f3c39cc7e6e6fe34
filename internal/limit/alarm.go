package limit

import "time"

// setAlarm sets the bucket's only timer for the next instant at which time
// alone lets something happen, and stops it when there is none. Everything else
// (an answer, a closed plan, a reload) comes with a settle of its own.
func (b *bucket) setAlarm(now time.Duration) {
	at := b.nextChange()
	if at == b.alarm {
		return
	}
	b.alarm = at
	switch {
	case at == 0:
		b.timer.Stop()
	case b.timer == nil:
		b.timer = time.AfterFunc(at-now, b.ring)
	default:
		b.timer.Reset(at - now)
	}
}

// nextChange returns when a slot that somebody waits for returns, or the rate
// recovers a step, or a retired bucket is empty; 0 when nobody waits for time.
func (b *bucket) nextChange() time.Duration {
	if b.blocked == 0 {
		if b.retired && b.open == 0 && b.inFlight == 0 && b.window.n > 0 {
			return b.window.at(b.window.n - 1).back
		}
		return 0
	}
	if b.inFlight >= b.limits.Concurrent {
		return 0 // the next answer comes first
	}
	var at time.Duration
	if i := max(0, -b.free()); i < b.window.n {
		at = b.window.at(i).back
	}
	if step := b.rate.nextStep(); step > 0 && (at == 0 || step < at) {
		at = step
	}
	return at
}

// ring is the timer's function. A timer that fires although it was stopped or
// set anew a moment ago only settles what is settled.
func (b *bucket) ring() {
	l := b.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	if b.into != nil {
		return
	}
	b.alarm = 0
	b.settle(l.now())
}
