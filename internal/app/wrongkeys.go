package app

import (
	"cmp"
	"net/http"
	"net/netip"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ingress"
	"github.com/adit-hq/adit/internal/pace"
)

// How many wrong API keys and tokens an address may send to /v1 in a minute, and
// at once, before it is told to slow down.
const (
	wrongPerMinute = 120
	wrongAtOnce    = 60
)

// wrongKeys slows down addresses that send API keys and tokens which let nobody
// in. It is asked after such a one was refused, never before: many programs may
// share an address, and one with a wrong key must not lock out the others.
type wrongKeys struct {
	pace    *pace.Pace
	address func(*http.Request) string
	now     func() time.Time
}

// newWrongKeys counts under the addresses that the control API sees.
func newWrongKeys(s StateSettings) *wrongKeys {
	w := &wrongKeys{pace: pace.New(wrongPerMinute, wrongAtOnce), address: ingress.Proxies(s.TrustedProxies).Address, now: s.Now}
	if w.now == nil {
		w.now = time.Now
	}
	return w
}

// refused returns what a request is answered with whose key was refused with
// err: err as it is, or a fault of kind Throttled, "too_many_wrong_keys". A key that is
// right and may not do what it asks for, and a database that is away, count for nothing.
func (w *wrongKeys) refused(r *http.Request, err error) error {
	if fault.KindOf(err) != fault.Unauthenticated {
		return err
	}
	at, _ := netip.ParseAddr(w.address(r)) // what came over no network has none
	wait := w.pace.Take(cmp.Or(pace.Neighbourhood(at), "local"), w.now())
	if wait <= 0 {
		return err
	}
	f := fault.New(fault.Throttled, "%s, and this address sends too many wrong ones", fault.From(err).Message).WithCode("too_many_wrong_keys").
		WithRemedy("Fix the program that sends it. Valid keys from this address keep working.")
	f.RetryAfter = wait
	return f
}
