package limit

import "time"

// recovery is how long AWS must not have throttled before the rate rises by a
// tenth, and how long each further tenth takes.
const recovery = 10 * time.Second

// effective is the rate that calls are held to: the configured limit until AWS
// throttles, which says that the account's quota is smaller or spent by others.
type effective struct {
	now, full int           // calls a minute; 1 <= now <= full
	quiet     time.Duration // last throttle or last rise
	cut       uint64        // the turn of the last cut
}

// limit sets the configured limit. A rate that is lowered stays lowered and
// rises to the new limit.
func (e *effective) limit(full int) {
	if e.now == e.full || e.now > full {
		e.now = full
	}
	e.full = full
}

// throttled lowers the rate after AWS throttled a call that began at the given
// turn. AWS took the calls that succeeded, so nine tenths of them are known to
// be safe; half of the rate is the most that is given up at once. Calls that
// began before the last cut tell nothing new and cut no further. It says
// whether it cut.
func (e *effective) throttled(now time.Duration, began, turn uint64, successes int) bool {
	e.quiet = now
	if began < e.cut {
		return false
	}
	e.cut = turn
	e.now = min(e.now, max(1, 9*successes/10, e.now/2))
	return true
}

// recover raises a lowered rate for every 10 seconds without a throttle.
func (e *effective) recover(now time.Duration) {
	for e.now < e.full && now-e.quiet >= recovery {
		e.now = e.risen()
		e.quiet += recovery
	}
}

// risen returns the rate one step up: a tenth more, at least 1.
func (e *effective) risen() int { return min(e.full, e.now+max(1, e.now/10)) }

// nextStep returns when the rate rises next; 0 when it is not lowered.
func (e *effective) nextStep() time.Duration {
	if e.now == e.full {
		return 0
	}
	return e.quiet + recovery
}

// recovered returns when the rate is the configured limit again, if AWS does
// not throttle before.
func (e *effective) recovered(now time.Duration) time.Duration {
	if e.now == e.full {
		return now
	}
	later := *e
	for later.now < later.full {
		later.now = later.risen()
		later.quiet += recovery
	}
	return later.quiet
}
