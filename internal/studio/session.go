package studio

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/adit-hq/adit/internal/ingress"
)

// carriage is how a request came to us.
type carriage uint8

const (
	// bare is plain HTTP from another machine: whoever listens could take the session.
	bare carriage = iota
	// local is plain HTTP that does not leave this machine.
	local
	// sealed is TLS, ours or that of a proxy we were told to believe.
	sealed
)

// carriage tells how safe the way is. A request that a proxy sent on is never
// local, whatever it says it is: proxies add headers, and nginx without a word of
// configuration adds none and names us as the host, but speaks HTTP/1.0, which no
// browser does. Proxies that speak HTTP/1.1 and add nothing look like a browser on
// this machine; so where people come by https, no plain HTTP is local.
func (s *studio) carriage(r *http.Request) carriage {
	if r.TLS != nil {
		return sealed
	}
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return bare
	}
	other := ap.Addr().Unmap()
	if slices.ContainsFunc(s.Proxies, func(p netip.Prefix) bool { return p.Contains(other) }) {
		if strings.EqualFold(strings.TrimSpace(r.Header.Get("X-Forwarded-Proto")), "https") {
			return sealed
		}
	}
	if !s.public() && other.IsLoopback() && ingress.Loopback(r.Host) && !forwarded(r) {
		return local
	}
	return bare
}

// public reports whether people were told to come by https.
func (s *studio) public() bool {
	u, err := url.Parse(strings.TrimSpace(s.URL))
	return err == nil && strings.EqualFold(u.Scheme, "https")
}

// staysSealed reports whether browsers are to come over TLS from now on, for a
// year. Where we speak TLS ourselves on a name of this machine they are not: they
// would hold every other server of the machine to it, on any port.
func (s *studio) staysSealed(r *http.Request) bool {
	if r.TLS != nil {
		return !ingress.Loopback(r.Host)
	}
	return s.carriage(r) == sealed
}

// forwarded reports whether a proxy sent the request on.
func forwarded(r *http.Request) bool {
	if !r.ProtoAtLeast(1, 1) {
		return true
	}
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-Ip", "Via"} {
		if r.Header.Get(name) != "" {
			return true
		}
	}
	return false
}

// whyNotHere says why nobody can sign in over this connection; "" when somebody can.
func (v *visit) whyNotHere() string {
	if v.carriage(v.r) != bare {
		return ""
	}
	const why = "This page was loaded over plain HTTP, where anyone on the network could read the password and take over the session. "
	if v.public() {
		return why + "People reach this server at " + strings.TrimSpace(v.URL) + " (--studio-url), and sign in over HTTPS only, also on the machine itself."
	}
	return why + "Signing in works over HTTPS, and over plain HTTP only on the machine itself (http://localhost)."
}
