package limit

import "time"

const (
	// firstGuess is how long an answer takes while nothing is known: about what
	// Bedrock's embedding models need for a short text.
	firstGuess = 200 * time.Millisecond
	// memory is how long the last answer tells something about the next.
	memory = 5 * time.Minute
	// promised is the longest answer for which 95 % of a limit are used. Slower
	// ones are a passing trouble of AWS's and never a reason to call a request
	// impossible.
	promised = 2 * time.Second
)

// latency estimates how long an answer takes, rather too long than too short: a
// weighted average that follows a slower answer at once and faster ones slowly.
// What is admitted by it must be done before its deadline.
type latency struct {
	peak, last time.Duration
	known      bool
}

// heard takes in an answer that took d.
func (t *latency) heard(now, d time.Duration) {
	if !t.known || now-t.last > memory || d > t.peak {
		t.peak = d
	} else {
		t.peak -= (t.peak - d) / 16
	}
	t.last, t.known = now, true
}

// estimate returns how long the next answer takes; at least a microsecond, so
// that it can be divided by.
func (t *latency) estimate(now time.Duration) time.Duration {
	if !t.known || now-t.last > memory {
		return firstGuess
	}
	return max(t.peak, time.Microsecond)
}

// join returns what is known after two buckets became one.
func (t *latency) join(o *latency) latency {
	if !o.known || (t.known && t.peak >= o.peak) {
		return latency{peak: t.peak, last: max(t.last, o.last), known: t.known}
	}
	return latency{peak: o.peak, last: max(t.last, o.last), known: true}
}
