package telemetry

import (
	"sync"
	"time"
)

// Spent says where the time of a request went.
type Spent struct {
	// Total is from the request's arrival to its answer.
	Total time.Duration
	// AWS is the time with at least one call at AWS.
	AWS time.Duration
	// Queued is the time with no call at AWS but at least one waiting for quota
	// or for its next try.
	Queued time.Duration
}

// Own returns the rest: what Adit itself took.
func (s Spent) Own() time.Duration { return max(0, s.Total-s.AWS-s.Queued) }

// Stopwatch measures [Spent] for a request whose calls run side by side. All
// methods are safe for concurrent use, and do nothing on nil.
type Stopwatch struct {
	mu             sync.Mutex
	started, since time.Time
	calls, waits   int
	spent          Spent
}

// StartStopwatch returns a running stopwatch.
func StartStopwatch() *Stopwatch {
	now := time.Now()
	return &Stopwatch{started: now, since: now}
}

// CallBegins says that a call goes to AWS; CallEnds that it is back.
func (s *Stopwatch) CallBegins() { s.change(1, 0) }

// CallEnds says that a call is back from AWS, answered or failed.
func (s *Stopwatch) CallEnds() { s.change(-1, 0) }

// WaitBegins says that a call waits for quota or for its next try.
func (s *Stopwatch) WaitBegins() { s.change(0, 1) }

// WaitEnds says that a call no longer waits.
func (s *Stopwatch) WaitEnds() { s.change(0, -1) }

// Spent returns where the time went up to now.
func (s *Stopwatch) Spent() Spent {
	if s == nil {
		return Spent{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	return s.spent
}

func (s *Stopwatch) change(calls, waits int) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	s.calls += calls
	s.waits += waits
}

// settle books the time since the last change to what went on during it.
func (s *Stopwatch) settle() {
	now := time.Now()
	switch passed := now.Sub(s.since); {
	case s.calls > 0:
		s.spent.AWS += passed
	case s.waits > 0:
		s.spent.Queued += passed
	}
	s.since = now
	s.spent.Total = now.Sub(s.started)
}
