package signin

import (
	"sync"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// How often the provider is asked for a token in the name of one address: so
// many at once, and then one in so long. Whoever begins a sign-in gets a cookie
// that a made-up code fits, so without a pace he could have this server ask the
// provider, which counts that against the client, as often as he likes.
const (
	burst     = 10
	paceEvery = 2 * time.Second // 30 a minute
	// maxPaced bounds the addresses that are remembered.
	maxPaced = 10_000
)

// pace lets each address through so often, by the generic cell rate algorithm:
// for each it keeps the time at which its bucket is full again. It is safe for
// concurrent use, and of this replica alone.
type pace struct {
	mu    sync.Mutex
	full  map[string]time.Time
	swept time.Time // when full was last looked through
}

// take takes one from the address's bucket. When there is none it takes nothing
// and returns how long until there is.
func (p *pace) take(address string, now time.Time) (wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.full == nil {
		p.full = map[string]time.Time{}
	}
	if _, known := p.full[address]; !known && len(p.full) >= maxPaced {
		address = p.room(address, now)
	}
	at := p.full[address]
	if at.Before(now) {
		at = now
	}
	at = at.Add(paceEvery)
	if over := at.Sub(now) - burst*paceEvery; over > 0 {
		return over
	}
	p.full[address] = at
	return 0
}

// room forgets addresses whose buckets are full. If all are in use, new ones
// share one bucket: a flood of them costs no memory, and nobody else's room.
func (p *pace) room(address string, now time.Time) string {
	if now.Sub(p.swept) >= time.Second { // a flood must not pay for it each time
		p.swept = now
		for a, at := range p.full {
			if !at.After(now) {
				delete(p.full, a)
			}
		}
	}
	if len(p.full) >= maxPaced {
		return ""
	}
	return address
}

// paced refuses an address that comes back from the provider too often:
// Throttled, "too_many_attempts".
func (r *Registry) paced(o Origin) error {
	wait := r.pace.take(neighbourhood(o.Address), r.moment())
	if wait <= 0 {
		return nil
	}
	// Rounded up, so that who waits that long is let in.
	wait = (wait + time.Second - 1).Truncate(time.Second)
	f := fault.New(fault.Throttled, "too many sign-ins come from this address at once").
		WithCode("too_many_attempts").WithRemedy("Wait for %s, and begin again from the sign-in page.", spoken(wait))
	f.RetryAfter = wait
	return f
}
