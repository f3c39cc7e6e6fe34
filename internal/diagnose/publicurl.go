package diagnose

import (
	"context"
	"net/netip"
	"net/url"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/issuer"
)

// publicURL checks the URL, and that its host is known by addresses that AWS can reach.
func (w *walk) publicURL(ctx context.Context, s *Step) {
	s.fact("url", w.Issuer.URL())
	if err := issuer.CheckURL(w.Issuer.URL()); err != nil {
		s.failed(err)
		return
	}
	u, err := url.Parse(w.Issuer.URL())
	if err != nil {
		s.fail(fault.Config, "the issuer URL cannot be read", "")
		return
	}
	addresses, err := w.Lookup(ctx, u.Hostname())
	if err != nil || len(addresses) == 0 {
		s.fail(fault.Config, "the host "+u.Hostname()+" does not resolve in DNS", "Create a public DNS record for it.")
		return
	}
	w.site = newSite(w, u)
	s.fact("addresses", strings.Join(addresses, ", "))
	s.say(u.Hostname() + " resolves in DNS")
	for _, a := range addresses {
		if ip, err := netip.ParseAddr(a); err == nil && !public(ip) {
			s.warn("from here the host resolves to "+a+", which AWS cannot reach",
				"AWS needs a public address. A private one seen only inside this network is fine.")
			return
		}
	}
}

// public reports whether the internet can reach an address.
func public(ip netip.Addr) bool {
	ip = ip.Unmap()
	shared := netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64, 0, 0}), 10) // carrier-grade NAT, RFC 6598
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !shared.Contains(ip)
}
