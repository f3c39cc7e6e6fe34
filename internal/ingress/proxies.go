package ingress

import (
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the networks whose word on where a request comes from is taken.
type Proxies []netip.Prefix

// Client returns the address that a request comes from; the zero Addr where it
// came over no network. X-Forwarded-For counts only as far as trusted proxies
// wrote it: from the right, up to the first address that is not one of them. What
// a client wrote itself stands left of that.
func (p Proxies) Client(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	at := peer.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && p.trusts(at); i-- {
		next, err := hop(hops[i])
		if err != nil {
			break // what a proxy wrote is no address: it is the last one known
		}
		at = next
	}
	return at
}

// Address is [Proxies.Client] as text; "" where the request came over no network.
func (p Proxies) Address(r *http.Request) string {
	if at := p.Client(r); at.IsValid() {
		return at.String()
	}
	return ""
}

// hop reads one entry of X-Forwarded-For; some proxies write a port to it.
func hop(text string) (netip.Addr, error) {
	text = strings.TrimSpace(text)
	if at, err := netip.ParseAddrPort(text); err == nil {
		return at.Addr().Unmap(), nil
	}
	at, err := netip.ParseAddr(text)
	return at.Unmap().WithZone(""), err
}

func (p Proxies) trusts(a netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(a) {
			return true
		}
	}
	return false
}
