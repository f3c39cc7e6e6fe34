package pace

import "net/netip"

// Neighbourhood is what an address is counted as: itself, or the /64 of an IPv6
// one, of which a single customer has 2^64. "" for none.
func Neighbourhood(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	if !a.IsValid() {
		return ""
	}
	return a.String()
}
