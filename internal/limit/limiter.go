package limit

import (
	"log/slog"
	"sync"
	"time"
)

// Limiter holds one window and one queue for each [Key]. It is safe for
// concurrent use, starts no goroutine, and keeps at most one timer per key,
// only while a call waits for time to pass. Make one with [New].
type Limiter struct {
	log   *slog.Logger
	begin time.Time // all times inside are distances from here, on the monotonic clock

	mu      sync.Mutex
	buckets map[Key]*bucket
	aliases map[Key]Key // keys that were merged into others; a value is never an alias when it is set
	turn    uint64      // counts plans, starts and cuts, so that "before" is never a matter of equal clocks
}

// New returns a limiter that knows no key yet; see [Limiter.Configure]. A nil
// logger keeps it silent.
func New(log *slog.Logger) *Limiter {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Limiter{
		log:     log,
		begin:   time.Now(),
		buckets: make(map[Key]*bucket),
		aliases: make(map[Key]Key),
	}
}

// Configure sets the limits of every key, at the start and at each reload.
// Windows, calls in flight and queues of known keys are kept, and a raised
// limit lets waiting calls start at once. A key that is no longer named keeps
// its window and last limits until nothing of it is left, then it is forgotten;
// forgetting earlier would let a reload spend the minute twice. Two names that
// were merged into one key get the smaller of their limits.
func (l *Limiter) Configure(limits map[Key]Limits) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	wanted := make(map[Key]Limits, len(limits))
	for key, m := range limits {
		key, m = l.resolve(key), m.usable()
		if other, ok := wanted[key]; ok {
			m = m.smaller(other)
		}
		wanted[key] = m
	}
	for key, m := range wanted {
		b, ok := l.buckets[key]
		if !ok {
			b = newBucket(l, key, m)
			l.buckets[key] = b
		}
		b.retired = false
		b.configure(now, m)
	}
	for key, b := range l.buckets {
		if _, ok := wanted[key]; !ok {
			b.retired = true
		}
		b.settle(now)
	}
}

// now returns the time since the limiter began.
func (l *Limiter) now() time.Duration { return time.Since(l.begin) }

// next returns a number greater than all before it.
func (l *Limiter) next() uint64 {
	l.turn++
	return l.turn
}

// resolve returns the key that key has been merged into, or key itself.
func (l *Limiter) resolve(key Key) Key {
	for {
		to, ok := l.aliases[key]
		if !ok {
			return key
		}
		key = to
	}
}

// find returns the bucket of key, or nil.
func (l *Limiter) find(key Key) *bucket {
	if b, ok := l.buckets[key]; ok {
		return b
	}
	return l.buckets[l.resolve(key)]
}
