package limit

import (
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// unhurried is the room of a request without a deadline.
const unhurried = 365 * 24 * time.Hour

// Plan reserves all calls of one request before the first is sent. It estimates
// when the last one could start and answers at once:
//
//   - a plan, when that is early enough to be answered before the deadline (the
//     zero time is none), or when all calls can start now;
//   - a Throttled fault, when it is not, or when more than half of the queue
//     would be this caller's; RetryAfter, at least 1 s and whole seconds, says
//     how long until it would fit;
//   - an Invalid fault, when it could not fit even if nothing else were going on
//     at the configured limits;
//   - a Deadline fault when the deadline is over.
//
// On a fault nothing is reserved. The caller is the name whose share of the
// queue counts. Later plans start only with slots that earlier ones leave.
//
// own are the limits of the request itself. They hold for a key that is not
// configured: that of a caller, or of a model that a reload removed while the
// request waited for credentials. Such a key is kept like one that a reload no
// longer names.
func (l *Limiter) Plan(key Key, own Limits, caller string, calls int, deadline time.Time) (*Plan, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, room := l.now(), unhurried
	if !deadline.IsZero() {
		room = min(max(0, deadline.Sub(l.begin))-now, unhurried)
	}
	if room <= 0 {
		return nil, fault.New(fault.Deadline, "the deadline passed before the request could be queued")
	}
	b := l.find(key)
	late := b == nil
	if late {
		key = l.resolve(key)
		b = newBucket(l, key, own.usable())
		b.retired = true
	}
	if b.retired {
		b.configure(now, own.usable())
	}
	b.refresh(now)
	if err := b.admit(now, room, caller, max(0, calls)); err != nil {
		return nil, err
	}
	if late {
		l.buckets[key] = b // not before: nobody would forget an empty one
	}
	p := &Plan{bucket: b, caller: caller, turn: l.next()}
	b.open++
	b.want(p, max(0, calls))
	return p, nil
}

// admit says why the calls cannot be planned, or nil.
func (b *bucket) admit(now, room time.Duration, caller string, calls int) error {
	all := b.waiting + calls
	if calls == 0 || (all <= b.free() && b.inFlight+all <= b.limits.Concurrent) {
		return nil
	}
	answer := min(b.answers.estimate(now), promised)
	alone := horizon{room, answer, b.limits.PerMinute, b.limits.Concurrent}
	if most, byConns := alone.most(); calls > most {
		return b.impossible(calls, most, byConns, room)
	}
	wait, half := b.wait(now, room, caller, calls, b.rate.now)
	if wait <= 0 {
		return nil
	}
	if b.rate.now < b.rate.full {
		later, _ := b.wait(now, room, caller, calls, b.rate.full)
		wait = min(wait, b.rate.recovered(now)-now+max(0, later))
	}
	if b.inFlight+b.waiting > 0 {
		wait += b.answers.estimate(now) // nobody knows how far the calls in flight are by then
	}
	if half > 0 {
		return b.greedy(half, wait)
	}
	return b.full(calls, room, wait)
}

// wait estimates how long until the calls of a caller would be admitted at the
// given rate; 0 or less means now. When it is the caller's share of the queue
// that is in the way, half is how many of its calls may wait.
func (b *bucket) wait(now, room time.Duration, caller string, calls, rate int) (wait time.Duration, half int) {
	answer, all := b.answers.estimate(now), b.waiting+calls
	late := b.startOf(now, all, rate) + answer - (now + room)
	half = horizon{room, answer, rate, b.limits.Concurrent}.half()
	own := b.callers[caller] + calls
	if min(own, all-(rate-b.used())) <= half {
		return late, 0
	}
	k := b.placeOf(caller, own-half, all-half)
	return max(late, 1, b.startOf(now, k, rate)-now), half
}

// placeOf returns the place in the queue, from 1, of a caller's n-th waiting
// call, or last when that is less or the caller has not so many.
func (b *bucket) placeOf(caller string, n, last int) int {
	place := 0
	for p := b.queue.head; p != nil && place < last; p = p.next {
		if p.caller != caller {
			place += p.wanted
			continue
		}
		if n <= p.wanted {
			return min(place+n, last)
		}
		place += p.wanted
		n -= p.wanted
	}
	return last
}
