package control

import (
	"net/http"
	"net/netip"
	"strings"
)

// proxies are the addresses whose word on where a request comes from is taken.
type proxies []netip.Prefix

// ClientAddress returns a function that tells the address a request comes from,
// through proxies whose word on it is taken; "" where it came over no network.
func ClientAddress(trusted []netip.Prefix) func(*http.Request) string {
	return func(r *http.Request) string {
		if at := proxies(trusted).client(r); at.IsValid() {
			return at.String()
		}
		return ""
	}
}

// client returns the address that a request comes from. X-Forwarded-For counts
// only as far as trusted proxies wrote it: from the right, up to the first
// address that is not one of them. What a client wrote itself stands left of that.
func (p proxies) client(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{} // a request that came over no network
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

// hop reads one entry of X-Forwarded-For; some proxies write a port to it.
func hop(text string) (netip.Addr, error) {
	text = strings.TrimSpace(text)
	if at, err := netip.ParseAddrPort(text); err == nil {
		return at.Addr().Unmap(), nil
	}
	at, err := netip.ParseAddr(text)
	return at.Unmap().WithZone(""), err
}

func (p proxies) trusts(a netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(a) {
			return true
		}
	}
	return false
}
