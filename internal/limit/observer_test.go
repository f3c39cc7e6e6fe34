package limit_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/limit"
)

// inBubble checks a property with virtual time: draw returns what to run inside
// the bubble, and the error that it returns is the property's failure.
func inBubble(t *testing.T, draw func(rt *rapid.T) func() error) {
	t.Helper()
	rapid.Check(t, func(rt *rapid.T) {
		run := draw(rt)
		var err error
		synctest.Test(t, func(*testing.T) { err = run() })
		if err != nil {
			rt.Fatal(err)
		}
	})
}

// seen is one call as the observer saw it: AWS counted it at some instant
// between the moment it could be sent and the moment its end was seen, or up to 5 s
// later when it was given up.
type seen struct {
	key                     limit.Key
	acquired, counted, done time.Duration
	from, until             int  // places among all events
	sent                    bool // AWS counted it
}

// observer is the other side of the promise. It shares no code with the limiter
// and keeps every call for ever.
type observer struct {
	mu     sync.Mutex
	begin  time.Time
	events int
	calls  []*seen
	limits []inForce
	merges []merged
	faults []error
}

type inForce struct {
	at     time.Duration
	limits map[limit.Key]limit.Limits
}

type merged struct {
	at       time.Duration
	from, to limit.Key
}

func newObserver() *observer { return &observer{begin: time.Now()} }

// acquired notes a call that may be sent from now on.
func (o *observer) acquired(key limit.Key) *seen {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.events++
	c := &seen{key: key, acquired: time.Since(o.begin), from: o.events}
	o.calls = append(o.calls, c)
	return c
}

// done notes a call's end, and when AWS counted it: at the given part, from 0 to
// 1, of the time between its start and its end, or its arrival if that is later.
func (o *observer) done(c *seen, part float64, outcome limit.Outcome) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.events++
	c.done, c.until, c.sent = time.Since(o.begin), o.events, outcome != limit.NotSent
	last := c.done
	if outcome == limit.Unanswered {
		last += 5 * time.Second
	}
	c.counted = c.acquired + time.Duration(part*float64(last-c.acquired))
}

func (o *observer) fault(format string, args ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.faults = append(o.faults, fmt.Errorf(format, args...))
}

// group returns the keys that were one with key at the given time.
func (o *observer) group(key limit.Key, at time.Duration) []limit.Key {
	keys := []limit.Key{key}
	for range o.merges {
		for _, m := range o.merges {
			if m.at > at {
				continue
			}
			from, to := slices.Contains(keys, m.from), slices.Contains(keys, m.to)
			if from && !to {
				keys = append(keys, m.to)
			} else if to && !from {
				keys = append(keys, m.from)
			}
		}
	}
	return keys
}

// allowed returns the largest limits that any of the keys had at a time.
func (o *observer) allowed(keys []limit.Key, at time.Duration) limit.Limits {
	var most limit.Limits
	for _, key := range keys {
		var m limit.Limits
		for _, f := range o.limits {
			if n, ok := f.limits[key]; ok && f.at <= at {
				m = n
			}
		}
		most.PerMinute, most.Concurrent = max(most.PerMinute, m.PerMinute), max(most.Concurrent, m.Concurrent)
	}
	return most
}

// latest returns the limits that key had last.
func (o *observer) latest(key limit.Key) limit.Limits {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.allowed([]limit.Key{key}, time.Since(o.begin))
}

// verdict checks every window and every moment. The limit that counts for a
// window is the one in force when the last of its calls was started: what was
// sent before a limit fell cannot be taken back, but nothing may be added.
func (o *observer) verdict() error {
	if len(o.faults) > 0 {
		return o.faults[0]
	}
	for _, last := range o.calls {
		keys := o.group(last.key, last.acquired)
		allowed := o.allowed(keys, last.acquired)
		var counted []time.Duration
		flying := 0
		for _, c := range o.calls {
			if c.from > last.from || !slices.Contains(keys, c.key) {
				continue
			}
			if c.until > last.from {
				flying++
			}
			if c.sent && last.sent && max(c.counted-last.counted, last.counted-c.counted) <= time.Minute {
				counted = append(counted, c.counted)
			}
		}
		if flying > allowed.Concurrent {
			return fmt.Errorf("%d calls in flight at %v, %d allowed", flying, last.acquired, allowed.Concurrent)
		}
		if n := fullest(counted, last.counted); n > allowed.PerMinute {
			return fmt.Errorf("%d calls in 60 s around %v, %d allowed", n, last.counted, allowed.PerMinute)
		}
	}
	return nil
}

// fullest returns the most instants that any 60 seconds around at hold, both
// ends included.
func fullest(instants []time.Duration, at time.Duration) int {
	slices.Sort(instants)
	most, first := 0, 0
	for i, end := range instants {
		for end-instants[first] > time.Minute {
			first++
		}
		if instants[first] <= at && at <= end {
			most = max(most, i-first+1)
		}
	}
	return most
}
