package limit

// queue is a list of the plans that still want slots, first come first. A plan
// leaves when it wants nothing, and finds its old place again when it retries.
type queue struct{ head, tail *Plan }

// insert puts p at its place: behind the plans that came before it. New plans
// go to the end at once; a retrying plan is old, so its place is near the head.
func (q *queue) insert(p *Plan) {
	if q.tail == nil || q.tail.turn < p.turn {
		q.link(p, q.tail, nil)
		return
	}
	next := q.head
	for next.turn < p.turn {
		next = next.next
	}
	q.link(p, next.prev, next)
}

// link puts p between prev and next, either of which may be nil.
func (q *queue) link(p, prev, next *Plan) {
	p.prev, p.next = prev, next
	if prev == nil {
		q.head = p
	} else {
		prev.next = p
	}
	if next == nil {
		q.tail = p
	} else {
		next.prev = p
	}
}

// remove takes p out.
func (q *queue) remove(p *Plan) {
	if p.prev == nil {
		q.head = p.next
	} else {
		p.prev.next = p.next
	}
	if p.next == nil {
		q.tail = p.prev
	} else {
		p.next.prev = p.prev
	}
	p.prev, p.next = nil, nil
}
