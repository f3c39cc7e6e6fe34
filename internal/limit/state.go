package limit

import "time"

// State is what a key looks like at one moment. Its first three members are the
// x-ratelimit headers of a response; the zero value is an unknown key.
type State struct {
	// Limit is the configured requests_per_min_limit.
	Limit int
	// Remaining is how many calls could be planned and start now.
	Remaining int
	// Reset is the time until the whole limit could be spent at once, if nothing
	// more is sent; 0 when it can.
	Reset time.Duration
	// Used is how many calls count against the limit: those in flight, and those
	// answered within the last minute.
	Used int
	// InFlight is how many calls are between sending and answer.
	InFlight int
	// Waiting is how many calls are planned and not started.
	Waiting int
	// Effective is the rate in force: Limit, or less after AWS throttled.
	Effective int
}

// State returns the state of key; the times are estimates while calls are in
// flight or wait.
func (l *Limiter) State(key Key) State {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.find(key)
	if b == nil {
		return State{}
	}
	now := l.now()
	b.refresh(now)
	s := State{
		Limit:     b.limits.PerMinute,
		Remaining: max(0, b.free()-b.waiting),
		Used:      b.used(),
		InFlight:  b.inFlight,
		Waiting:   b.waiting,
		Effective: b.rate.now,
	}
	switch answer := b.answers.estimate(now); {
	case b.waiting > 0:
		s.Reset = b.startOf(now, b.waiting, b.rate.now) + answer + minute - now
	case b.used() > 0:
		s.Reset = b.returns(b.used(), now+answer) - now
	}
	s.Reset = max(s.Reset, b.rate.recovered(now)-now)
	return s
}
