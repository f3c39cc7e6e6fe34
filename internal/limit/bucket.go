package limit

import "time"

// bucket is the state of one key. The limiter's mutex guards it.
type bucket struct {
	limiter *Limiter
	key     Key
	limits  Limits
	rate    effective
	answers latency
	retired bool    // no longer configured; forgotten once nothing is left
	into    *bucket // set when this bucket was merged into another

	inFlight int
	window   window // slots of finished calls, until they return
	open     int    // plans that are not closed

	queue   queue
	waiting int            // calls planned or asked for, not started
	callers map[string]int // the same, by caller
	blocked int            // calls of these that somebody waits for in Acquire

	timer *time.Timer
	alarm time.Duration // when timer fires; 0 when it is not set
}

// newBucket returns the idle bucket of key.
func newBucket(l *Limiter, key Key, m Limits) *bucket {
	return &bucket{
		limiter: l, key: key, limits: m,
		rate:    effective{now: m.PerMinute, full: m.PerMinute},
		callers: make(map[string]int),
	}
}

// root returns the bucket that b has been merged into, or b itself.
func (b *bucket) root() *bucket {
	for b.into != nil {
		b = b.into
	}
	return b
}

// used returns how many slots are taken: by calls in flight and by calls that
// ended less than a minute ago.
func (b *bucket) used() int { return b.inFlight + b.window.n }

// free returns how many slots the effective rate leaves; under 0 after a cut.
func (b *bucket) free() int { return b.rate.now - b.used() }

// refresh lets time pass: cooled slots return and a lowered rate recovers.
func (b *bucket) refresh(now time.Duration) {
	b.window.drop(now)
	b.rate.recover(now)
}

// configure sets new limits. A lowered limit holds for every start from now on.
func (b *bucket) configure(now time.Duration, m Limits) {
	b.refresh(now)
	b.limits = m
	b.rate.limit(m.PerMinute)
}

// want adds n, which may be negative, to the calls that p waits for.
func (b *bucket) want(p *Plan, n int) {
	if n == 0 {
		return
	}
	was := p.wanted
	p.wanted += n
	b.waiting += n
	if left := b.callers[p.caller] + n; left > 0 {
		b.callers[p.caller] = left
	} else {
		delete(b.callers, p.caller)
	}
	switch {
	case was == 0:
		b.queue.insert(p)
	case p.wanted == 0:
		b.queue.remove(p)
	}
}

// mayStart says whether a call of p can start now: a connection is free, and so
// is a slot that no plan ahead of p needs.
func (b *bucket) mayStart(p *Plan) bool {
	free := b.free()
	if free <= 0 || b.inFlight >= b.limits.Concurrent {
		return false
	}
	if free > b.waiting-p.wanted {
		return true // enough for everybody
	}
	for ahead := b.queue.head; ahead != nil && ahead.turn < p.turn; ahead = ahead.next {
		if free -= ahead.wanted; free <= 0 {
			return false
		}
	}
	return true
}

// start takes a slot and a place among the concurrent calls for p.
func (b *bucket) start(p *Plan, now time.Duration) *Lease {
	b.inFlight++
	return &Lease{plan: p, began: now, turn: b.limiter.next()}
}

// settle brings the bucket to rest after any change: it starts every waiting
// call that may start, in order, sets the alarm for the next one, and forgets
// the bucket when nothing is left of a key that is no longer configured.
func (b *bucket) settle(now time.Duration) {
	b.refresh(now)
	if b.blocked > 0 {
		b.serve(now)
	}
	if b.retired && b.open == 0 && b.used() == 0 {
		delete(b.limiter.buckets, b.key)
	}
	b.setAlarm(now)
}

// serve walks the queue. What a plan wants but does not ask for yet stays its
// own: it is taken off before the plans behind are looked at.
func (b *bucket) serve(now time.Duration) {
	free := b.free()
	for p := b.queue.head; p != nil; {
		next := p.next
		for len(p.waiters) > 0 && free > 0 && b.inFlight < b.limits.Concurrent {
			p.wake(b, now)
			free--
		}
		if free -= p.wanted; free <= 0 || b.inFlight >= b.limits.Concurrent {
			return
		}
		p = next
	}
}
