package limit

import "context"

// Within makes every call of p need a turn of outer as well: an environment's
// own limit inside the account's, a caller's inside the environment's. It is
// said once, before the first Acquire; closing p closes outer too. Only the
// outermost plan is told that AWS throttled: the inner limits are not AWS's.
func (p *Plan) Within(outer *Plan) *Plan {
	p.outer = outer
	return p
}

// within completes a lease with one of the outer plan, or gives it back.
func (le *Lease) within(ctx context.Context, outer *Plan) (*Lease, error) {
	turn, err := outer.Acquire(ctx)
	if err != nil {
		le.Done(NotSent)
		return nil, err
	}
	l := le.plan.bucket.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	le.outer, le.began = turn, l.now() // the time to an answer begins now
	return le, nil
}
