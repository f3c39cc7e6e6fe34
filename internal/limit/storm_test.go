package limit_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/limit"
)

var keys = []limit.Key{
	{Account: "111122223333", Region: "us-east-1", Model: "amazon.titan-embed-text-v2:0"},
	{Account: "profile:dev", Region: "us-east-1", Model: "amazon.titan-embed-text-v2:0"},
	{Account: "environment", Region: "us-east-1", Model: "amazon.titan-embed-text-v2:0"},
}

var callers = []string{"ann", "bob", "cyd"}

// request is one request of a storm.
type request struct {
	at, room, leaves time.Duration // leaves: the client goes away after this; 0 = never
	key, caller      int
	calls            int
	seed             uint64
	storm            *storm
}

// change is a reload or a merge in the middle of a storm.
type change struct {
	at       time.Duration
	limits   limit.Limits
	named    []bool // which keys the reload names
	merge    bool
	from, to int
}

// storm is everything at once: bursts, failures, throttling, retries, clients
// that go away, reloads, and accounts that become known.
type storm struct {
	first    limit.Limits
	bad      int // of ten calls, how many are not answered
	throttle bool
	requests []request
	changes  []change
}

func drawLimits(rt *rapid.T) limit.Limits {
	return limit.Limits{
		PerMinute:  rapid.IntRange(1, 25).Draw(rt, "per minute"),
		Concurrent: rapid.IntRange(1, 8).Draw(rt, "concurrent"),
	}
}

// millis draws a duration in milliseconds.
func millis(rt *rapid.T, low, high int, name string) time.Duration {
	return time.Duration(rapid.IntRange(low, high).Draw(rt, name)) * time.Millisecond
}

func drawStorm(rt *rapid.T) *storm {
	s := &storm{
		first:    drawLimits(rt),
		bad:      rapid.IntRange(0, 5).Draw(rt, "bad in ten"),
		throttle: rapid.Bool().Draw(rt, "throttle"), // a lowered rate would hide an overrun
	}
	for range rapid.IntRange(5, 60).Draw(rt, "requests") {
		r := request{
			at:     millis(rt, 0, 200_000, "at"),
			room:   millis(rt, 1, 600_000, "room") + millis(rt, 0, 600_000, "more room"),
			key:    rapid.IntRange(0, len(keys)-1).Draw(rt, "key"),
			caller: rapid.IntRange(0, len(callers)-1).Draw(rt, "caller"),
			calls:  rapid.IntRange(1, 30).Draw(rt, "calls"),
			seed:   rapid.Uint64().Draw(rt, "seed"),
			storm:  s,
		}
		if rapid.IntRange(0, 4).Draw(rt, "leaves") == 0 {
			r.leaves = millis(rt, 1, 90_000, "leaves after")
		}
		s.requests = append(s.requests, r)
	}
	for i := range rapid.IntRange(0, 6).Draw(rt, "changes") {
		s.changes = append(s.changes, change{
			at:     millis(rt, 0, 250_000, "changes at") + time.Duration(137*(i+1)), // never two things in one instant
			limits: drawLimits(rt),
			named:  rapid.SliceOfN(rapid.Bool(), len(keys), len(keys)).Draw(rt, "named"),
			merge:  rapid.Bool().Draw(rt, "merge"),
			from:   rapid.IntRange(1, len(keys)-1).Draw(rt, "from"),
			to:     rapid.IntRange(0, len(keys)-1).Draw(rt, "to"),
		})
	}
	return s
}

// run lets the storm loose and returns what the observer says.
func (s *storm) run() error {
	l, o := limit.New(nil), newObserver()
	all := map[limit.Key]limit.Limits{}
	for _, key := range keys {
		all[key] = s.first
	}
	l.Configure(all)
	o.limits = append(o.limits, inForce{limits: all})
	var wg sync.WaitGroup
	for _, r := range s.requests {
		wg.Go(func() { time.Sleep(r.at); r.run(l, o) })
	}
	for _, c := range s.changes {
		wg.Go(func() { time.Sleep(c.at); c.run(l, o) })
	}
	wg.Wait()
	time.Sleep(time.Hour)
	for _, key := range keys {
		if st := l.State(key); st.InFlight != 0 || st.Waiting != 0 || st.Remaining != st.Limit || st.Reset != 0 {
			o.fault("an hour after everything: %+v", st)
		}
	}
	return o.verdict()
}

func (c change) run(l *limit.Limiter, o *observer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	at := time.Since(o.begin)
	if c.merge {
		if slices.ContainsFunc(o.merges, func(m merged) bool { return m.from == keys[c.from] }) {
			return // an account becomes known once
		}
		o.merges = append(o.merges, merged{at, keys[c.from], keys[c.to]})
		l.Merge(keys[c.from], keys[c.to])
		return
	}
	named := map[limit.Key]limit.Limits{}
	for i, key := range keys {
		if c.named[i] {
			named[key] = c.limits
		}
	}
	o.limits = append(o.limits, inForce{at, named})
	l.Configure(named)
}

// run plans the request and sends its calls, all at once.
func (r request) run(l *limit.Limiter, o *observer) {
	ctx, cancel := context.WithTimeout(context.Background(), 24*time.Hour)
	defer cancel()
	if r.leaves > 0 {
		ctx, cancel = context.WithTimeout(ctx, r.leaves)
		defer cancel()
	}
	p, err := l.Plan(keys[r.key], o.latest(keys[r.key]), callers[r.caller], r.calls, time.Now().Add(r.room))
	if err != nil {
		switch f := fault.From(err); f.Kind {
		case fault.Invalid:
		case fault.Throttled:
			if f.RetryAfter < time.Second || f.RetryAfter%time.Second != 0 {
				o.fault("Retry-After %v", f.RetryAfter)
			}
		default:
			o.fault("plan: %v", err)
		}
		return
	}
	defer p.Close()
	var wg sync.WaitGroup
	for i := range r.calls {
		rng := rand.New(rand.NewPCG(r.seed, uint64(i)))
		wg.Go(func() { r.send(ctx, p, o, rng) })
	}
	wg.Wait()
}

// send makes one call, and tries again up to three times.
func (r request) send(ctx context.Context, p *limit.Plan, o *observer, rng *rand.Rand) {
	for range 4 {
		lease, err := p.Acquire(ctx)
		if err != nil {
			if r.leaves == 0 {
				o.fault("a call of a patient client was never served: %v", err)
			}
			return
		}
		c := o.acquired(keys[r.key])
		outcome := limit.Answered
		if rng.IntN(10) < r.storm.bad {
			outcome = []limit.Outcome{limit.Failed, limit.NotSent, limit.Throttled, limit.Unanswered}[rng.IntN(4)]
		}
		if outcome == limit.Throttled && !r.storm.throttle {
			outcome = limit.Failed
		}
		if outcome != limit.NotSent {
			time.Sleep(time.Duration(rng.IntN(4_000_000)) * time.Microsecond / time.Duration(1+rng.IntN(10)))
		}
		o.done(c, rng.Float64(), outcome)
		lease.Done(outcome)
		if outcome == limit.Answered {
			return
		}
		time.Sleep(time.Duration(rng.IntN(2_000_000)) * time.Microsecond)
	}
}

func TestNoRollingMinuteHoldsMoreThanTheLimitWhateverHappens(t *testing.T) {
	inBubble(t, func(rt *rapid.T) func() error { return drawStorm(rt).run })
}
