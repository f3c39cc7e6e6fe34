package emulator

import (
	"errors"
	"fmt"
	"regexp"
	"time"
)

var accountPattern = regexp.MustCompile(`^[0-9]{12}$`)

// WithAccount sets the twelve-digit account id; the default is 111122223333.
// Give it before options that build ARNs.
func WithAccount(id string) Option {
	return func(e *Emulator) error {
		if !accountPattern.MatchString(id) {
			return fmt.Errorf("emulator: account %q is not twelve digits", id)
		}
		e.account = id
		return nil
	}
}

// WithKey registers a key, as AddKey does. The first key becomes DefaultKey,
// and no random one is made.
func WithKey(k Key) Option { return func(e *Emulator) error { return e.AddKey(k) } }

// WithoutDefaultKey makes New register no key of its own.
func WithoutDefaultKey() Option {
	return func(e *Emulator) error { e.noDefaultKey = true; return nil }
}

// WithQuota sets a requests-per-minute quota, as SetQuota does.
func WithQuota(model string, rpm int) Option {
	return func(e *Emulator) error { return e.SetQuota(model, rpm) }
}

// WithLatency makes every InvokeModel take between min and max, drawn evenly.
// The wait ends early when the caller goes away.
func WithLatency(minimum, maximum time.Duration) Option {
	return func(e *Emulator) error {
		if minimum < 0 || maximum < minimum {
			return fmt.Errorf("emulator: latency from %v to %v is not a range", minimum, maximum)
		}
		e.minLatency, e.maxLatency = minimum, maximum
		return nil
	}
}

// WithSeed fixes the chance behind faults and latency. Runs repeat exactly
// when the calls arrive in the same order.
func WithSeed(seed uint64) Option {
	return func(e *Emulator) error { e.dice.seed(seed); return nil }
}

// WithClockSkew moves AWS's clock against the machine's: signatures, expiries,
// quotas, the Date header and the trail all follow it.
func WithClockSkew(d time.Duration) Option {
	return func(e *Emulator) error { e.skew = d; return nil }
}

// WithClock makes now the emulator's clock instead of the machine's. Waits
// (latency, delays, the five seconds for an issuer) are the machine's still.
func WithClock(now func() time.Time) Option {
	return func(e *Emulator) error {
		if now == nil {
			return errors.New("emulator: a clock is needed")
		}
		e.clock = now
		return nil
	}
}

// WithBodies keeps every request body in the trail. It is meant for golden
// tests: without it no text of a request stays in memory.
func WithBodies() Option { return func(e *Emulator) error { e.bodies = true; return nil } }

// WithTrailSize bounds the trail to its latest n events; the default is 10,000.
func WithTrailSize(n int) Option {
	return func(e *Emulator) error {
		if n < 1 {
			return fmt.Errorf("emulator: a trail of %d events cannot be kept", n)
		}
		e.trail.limit = n
		return nil
	}
}

// WithFault injects a fault from the start, as Inject does.
func WithFault(f Fault) Option { return func(e *Emulator) error { return e.Inject(f) } }

// WithCohereV4Object makes Cohere v4 answer embeddings as an object keyed by
// type even for float alone, the shape that AWS's sample code reads. The
// default is the array that its documentation shows.
func WithCohereV4Object() Option {
	return func(e *Emulator) error { e.v4Object = true; return nil }
}

// WithCohereV4OnDemand lets Cohere v4 be called by its bare id, which AWS
// offers in some Regions and accounts. By default only its profiles work.
func WithCohereV4OnDemand() Option {
	return func(e *Emulator) error { e.v4OnDemand = true; return nil }
}
