package limit

// Merge makes from another name of to: the account of a credential source
// became known. What was sent, is in flight and waits under from counts under to
// from now on, plans keep the order in which they came, and later uses of from
// mean to. When both were configured, the smaller limits hold; when only from
// was, to takes its limits. What the two spent before they were known to be one
// cannot be unspent: nothing starts until the sum is under the limit.
func (l *Limiter) Merge(from, to Key) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if to = l.resolve(to); from == to {
		return
	}
	b, other := l.buckets[from], l.buckets[to]
	l.aliases[from] = to
	delete(l.buckets, from)
	switch {
	case b == nil:
	case other == nil:
		b.key = to
		l.buckets[to] = b
	default:
		other.absorb(b)
	}
}

// absorb takes over everything of from, which leads to b afterwards.
func (b *bucket) absorb(from *bucket) {
	now := b.limiter.now()
	b.refresh(now)
	from.refresh(now)
	if from.alarm != 0 {
		from.timer.Stop()
		from.alarm = 0
	}
	b.limits, b.retired = b.together(from), b.retired && from.retired
	b.rate.join(&from.rate, b.limits.PerMinute)
	b.answers = b.answers.join(&from.answers)
	b.window = b.window.join(&from.window)
	b.inFlight += from.inFlight
	b.open += from.open
	b.blocked += from.blocked
	b.takeQueue(from)
	from.into = b
	b.settle(now)
}

// together returns the limits of two buckets that become one: those of the
// configured one, the smaller ones when both are.
func (b *bucket) together(from *bucket) Limits {
	switch {
	case b.retired && !from.retired:
		return from.limits
	case from.retired && !b.retired:
		return b.limits
	}
	return b.limits.smaller(from.limits)
}

// takeQueue moves the plans of from to their places among those of b.
func (b *bucket) takeQueue(from *bucket) {
	for from.queue.head != nil {
		p := from.queue.head
		from.queue.remove(p)
		calls := p.wanted
		p.wanted = 0
		b.want(p, calls)
	}
}

// join takes in the rate of another bucket: the lower of the two holds.
func (e *effective) join(o *effective, full int) {
	lowest := min(e.now, o.now)
	e.quiet, e.cut = max(e.quiet, o.quiet), max(e.cut, o.cut)
	reduced := e.now < e.full || o.now < o.full
	e.now, e.full = full, full
	if reduced {
		e.now = min(full, lowest)
	}
}
