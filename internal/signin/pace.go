package signin

import (
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// How often the provider is asked for a token in the name of one address: so
// many a minute, and so many at once. Whoever begins a sign-in gets a cookie
// that a made-up code fits, so without a pace they could have this server ask the
// provider, which counts that against the client, as often as they like.
const (
	perMinute = 30
	atOnce    = 10
)

// paced refuses an address that comes back from the provider too often:
// Throttled, "too_many_attempts".
func (r *Registry) paced(o Origin) error {
	wait := r.pace.Take(neighbourhood(o.Address), r.moment())
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
