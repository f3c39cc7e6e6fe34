package limit_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/internal/limit"
)

var titan = limit.Key{Account: "111122223333", Region: "us-east-1", Model: "amazon.titan-embed-text-v2:0"}

// limited returns a limiter that knows titan.
func limited(perMinute, concurrent int) *limit.Limiter {
	l := limit.New(nil)
	l.Configure(map[limit.Key]limit.Limits{titan: {PerMinute: perMinute, Concurrent: concurrent}})
	return l
}

// in returns a deadline.
func in(d time.Duration) time.Time { return time.Now().Add(d) }

// planned plans on titan and expects to be admitted.
func planned(t *testing.T, l *limit.Limiter, caller string, calls int) *limit.Plan {
	t.Helper()
	p, err := l.Plan(titan, limit.Limits{}, caller, calls, time.Time{})
	if err != nil {
		t.Fatalf("plan of %d: %v", calls, err)
	}
	t.Cleanup(p.Close)
	return p
}

// acquired takes n leases that are expected to be there at once.
func acquired(t *testing.T, p *limit.Plan, n int) []*limit.Lease {
	t.Helper()
	begin := time.Now()
	leases := make([]*limit.Lease, n)
	for i := range leases {
		lease, err := p.Acquire(t.Context())
		if err != nil {
			t.Fatalf("acquire: %v", err)
		}
		leases[i] = lease
	}
	if waited := time.Since(begin); waited != 0 {
		t.Fatalf("%d leases took %v, want them at once", n, waited)
	}
	return leases
}

// spend sends n calls that are answered after d.
func spend(t *testing.T, l *limit.Limiter, n int, d time.Duration, o limit.Outcome) {
	t.Helper()
	p := planned(t, l, "spender", n)
	leases := acquired(t, p, n)
	time.Sleep(d)
	for _, lease := range leases {
		lease.Done(o)
	}
	p.Close()
}

// start is an Acquire in the background: it tells, after the bubble came to rest,
// whether and when the call could start.
type start struct {
	mu    sync.Mutex
	at    time.Duration
	lease *limit.Lease
	err   error
}

func starting(ctx context.Context, p *limit.Plan) *start {
	s, begin := &start{at: -1}, time.Now()
	go func() {
		lease, err := p.Acquire(ctx)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.at, s.lease, s.err = time.Since(begin), lease, err
	}()
	synctest.Wait()
	return s
}

// when returns how long the call waited; -1 while it does.
func (s *start) when() time.Duration {
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

// done expects that the call has started, and ends it.
func (s *start) done(t *testing.T, o limit.Outcome) {
	t.Helper()
	if s.when() < 0 || s.lease == nil {
		t.Fatalf("the call has not started: %v", s.err)
	}
	s.lease.Done(o)
}
