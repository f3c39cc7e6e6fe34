package pace

import (
	"sync"
	"time"
)

// remembered bounds the names that a pace remembers.
const remembered = 10_000

// Pace lets each name through so often a minute, with a burst, by the generic
// cell rate algorithm: for each name it keeps the time at which its bucket is
// full again. It is safe for concurrent use.
type Pace struct {
	every time.Duration // between two of the same name
	burst int

	mu    sync.Mutex
	full  map[string]time.Time
	swept time.Time // when full was last looked through
}

// New returns a pace of so many a minute; 0 or fewer lets everything through.
func New(perMinute, burst int) *Pace {
	if perMinute <= 0 {
		return &Pace{}
	}
	return &Pace{every: time.Minute / time.Duration(perMinute), burst: max(burst, 1), full: map[string]time.Time{}}
}

// Take takes one from the name's bucket. When there is none it takes nothing
// and returns how long until there is.
func (p *Pace) Take(name string, now time.Time) (wait time.Duration) {
	if p.every == 0 {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	at, known := p.full[name]
	if !known && len(p.full) >= remembered {
		name, at = p.room(name, now)
	}
	if at.Before(now) {
		at = now
	}
	at = at.Add(p.every)
	if over := at.Sub(now) - p.every*time.Duration(p.burst); over > 0 {
		return over
	}
	p.full[name] = at
	return 0
}

// room forgets names whose buckets are full. If all are in use, names that are
// new share one bucket: a flood of them costs no memory, and nobody else's room.
func (p *Pace) room(name string, now time.Time) (string, time.Time) {
	if now.Sub(p.swept) >= time.Second { // a flood must not pay for it each time
		p.swept = now
		for n, at := range p.full {
			if !at.After(now) {
				delete(p.full, n)
			}
		}
	}
	if len(p.full) >= remembered {
		return "", p.full[""]
	}
	return name, time.Time{}
}
