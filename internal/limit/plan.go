package limit

import (
	"context"
	"slices"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// Plan is the place of one request's calls in the queue of a key. [Limiter.Plan]
// makes it; it must be closed. It is safe for concurrent use.
type Plan struct {
	bucket *bucket // as planned; its root is where the calls count
	caller string
	turn   uint64 // when it came: its place in the queue, for retries too

	wanted  int // calls not started: planned ones and those asked for in Acquire
	waiters []*waiter
	closed  bool

	prev, next *Plan // in the queue, while wanted > 0

	outer *Plan // see Within
}

// waiter is one blocked Acquire.
type waiter struct {
	ready   chan struct{} // closed when lease is set or the plan is closed
	lease   *Lease
	planned bool // it waits for a planned call; otherwise for a retry
}

// Acquire waits until one call of the plan may be sent, and takes its slot. The
// call counts from now until its slot returns, see [Lease.Done]; the lease must be
// done. Calls beyond the planned number are retries: a caller that backs off is
// done with its lease first and then acquires anew, at the plan's place in the
// queue. When ctx ends first, Acquire returns a Canceled or Deadline fault and
// the plan is as if it had not been asked; a closed plan is a Canceled fault.
//
// A plan within another waits for its own turn first, then for the other's.
func (p *Plan) Acquire(ctx context.Context) (*Lease, error) {
	lease, err := p.acquire(ctx)
	if err != nil || p.outer == nil {
		return lease, err
	}
	return lease.within(ctx, p.outer)
}

func (p *Plan) acquire(ctx context.Context) (*Lease, error) {
	if err := ctx.Err(); err != nil {
		return nil, fault.From(err)
	}
	lease, w, err := p.ask()
	if w == nil {
		return lease, err
	}
	select {
	case <-w.ready:
	case <-ctx.Done():
		if p.withdraw(w) {
			return nil, fault.From(ctx.Err())
		}
	}
	if w.lease == nil {
		return nil, errClosed()
	}
	return w.lease, nil
}

// ask takes a slot now, or queues a waiter for one.
func (p *Plan) ask() (*Lease, *waiter, error) {
	l := p.bucket.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	if p.closed {
		return nil, nil, errClosed()
	}
	now, b := l.now(), p.bucket.root()
	b.refresh(now)
	planned := p.wanted > len(p.waiters)
	if b.mayStart(p) {
		if planned {
			b.want(p, -1)
		}
		return b.start(p, now), nil, nil
	}
	w := &waiter{ready: make(chan struct{}), planned: planned}
	if !planned {
		b.want(p, 1)
	}
	p.waiters = append(p.waiters, w)
	b.blocked++
	b.settle(now)
	return nil, w, nil
}

// wake gives a slot to the plan's first waiter.
func (p *Plan) wake(b *bucket, now time.Duration) {
	w := p.waiters[0]
	p.waiters = slices.Delete(p.waiters, 0, 1)
	b.blocked--
	b.want(p, -1)
	w.lease = b.start(p, now)
	close(w.ready)
}

// withdraw takes back a waiter whose context ended, and a slot that it was
// given in the same moment. It says false when the plan was closed meanwhile.
func (p *Plan) withdraw(w *waiter) bool {
	l := p.bucket.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	now, b := l.now(), p.bucket.root()
	switch i := slices.Index(p.waiters, w); {
	case i >= 0:
		p.waiters = slices.Delete(p.waiters, i, i+1)
		b.blocked--
		if !w.planned {
			b.want(p, -1)
		}
	case w.lease == nil:
		return false
	default:
		w.lease.end(b, now, NotSent)
		if w.planned && !p.closed {
			b.want(p, 1)
		}
	}
	b.settle(now)
	return true
}

// Close gives back what was planned and not used, and lets those behind move
// up. Leases that are out stay valid until they are done. An Acquire that still
// waits returns a Canceled fault. Closing twice does nothing.
func (p *Plan) Close() {
	if p.outer != nil {
		defer p.outer.Close()
	}
	l := p.bucket.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	if p.closed {
		return
	}
	p.closed = true
	b := p.bucket.root()
	b.open--
	b.blocked -= len(p.waiters)
	b.want(p, -p.wanted)
	for _, w := range p.waiters {
		close(w.ready)
	}
	p.waiters = nil
	b.settle(l.now())
}

// errClosed is what an Acquire on a closed plan gets.
func errClosed() error {
	return fault.New(fault.Canceled, "the request was abandoned while one of its calls was waiting")
}
