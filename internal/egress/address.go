package egress

import (
	"net/netip"
	"slices"
)

// span is a range of addresses that nobody may call on a tenant's word, and what it is for.
type span struct {
	prefix netip.Prefix
	what   string
}

// special are the ranges that are not the public internet, of the IANA registries
// of special-purpose addresses (IPv4: RFC 6890 and later; IPv6 besides 2000::/3,
// which is all that is given out). The first that fits names the reason.
func special() []span {
	table := [...][2]string{
		{"0.0.0.0/8", "an unspecified address"},
		{"10.0.0.0/8", "a private address"},
		{"100.64.0.0/10", "a carrier-grade NAT address"},
		{"127.0.0.0/8", "a loopback address"},
		{"169.254.0.0/16", "a link-local address"},
		{"172.16.0.0/12", "a private address"},
		{"192.0.0.0/24", "an address reserved for protocol assignments"},
		{"192.0.2.0/24", "a documentation address"},
		{"192.88.99.0/24", "a 6to4 relay address"},
		{"192.168.0.0/16", "a private address"},
		{"198.18.0.0/15", "a benchmarking address"},
		{"198.51.100.0/24", "a documentation address"},
		{"203.0.113.0/24", "a documentation address"},
		{"224.0.0.0/4", "a multicast address"},
		{"240.0.0.0/4", "a reserved address"},
		{"::1/128", "a loopback address"},
		{"::/128", "an unspecified address"},
		{"::/96", "an IPv4 address in an outdated form"},
		{"64:ff9b:1::/48", "a local NAT64 address"},
		{"fc00::/7", "a private address"},
		{"fe80::/10", "a link-local address"},
		{"fec0::/10", "a private address"},
		{"ff00::/8", "a multicast address"},
		{"2001:db8::/32", "a documentation address"},
		{"2001:2::/48", "a benchmarking address"},
		{"2001::/23", "an address reserved for protocol assignments"},
		{"3fff::/20", "a documentation address"},
	}
	spans := make([]span, len(table))
	for i, row := range table {
		spans[i] = span{netip.MustParsePrefix(row[0]), row[1]}
	}
	return spans
}

// metadata are the services of clouds that give credentials to whoever asks from
// the machine. Most lie in ranges that are refused anyway; Azure's does not.
func metadata() []netip.Addr {
	return []netip.Addr{
		netip.MustParseAddr("169.254.169.254"), // AWS, Google, Azure and others
		netip.MustParseAddr("169.254.170.2"),   // tasks of ECS
		netip.MustParseAddr("169.254.170.23"),  // pods of EKS
		netip.MustParseAddr("fd00:ec2::254"),   // AWS
		netip.MustParseAddr("fd00:ec2::23"),    // pods of EKS
		netip.MustParseAddr("fd20:ce::254"),    // Google
		netip.MustParseAddr("100.100.100.200"), // Alibaba
		netip.MustParseAddr("168.63.129.16"),   // Azure's platform
		netip.MustParseAddr("192.0.0.192"),     // Oracle
	}
}

// why returns what is against calling the address at the port, such as "it is a
// loopback address", or "" if nothing is. An IPv4 address within an IPv6 one
// (mapped, NAT64, 6to4) is judged as itself.
func (p Policy) why(a netip.Addr, port uint16) string {
	if !a.IsValid() {
		return "it is not an address"
	}
	if a.Zone() != "" {
		return "it is tied to one of the server's network interfaces"
	}
	a = inner(a)
	if slices.Contains(metadata(), a) {
		if slices.Contains(p.Allow, netip.PrefixFrom(a, a.BitLen())) {
			return ""
		}
		return "it is the address of a cloud metadata service"
	}
	if slices.ContainsFunc(p.Allow, func(allowed netip.Prefix) bool { return allowed.Contains(a) }) {
		return ""
	}
	for _, s := range special() {
		if s.prefix.Contains(a) {
			return "it is " + s.what
		}
	}
	if a.Is6() && !netip.MustParsePrefix("2000::/3").Contains(a) {
		return "it is a reserved address"
	}
	if port != httpsPort && !slices.Contains(p.Ports, port) {
		return "only port 443 is allowed"
	}
	return ""
}

// inner returns the IPv4 address that a packet to the IPv6 address reaches in the end.
func inner(a netip.Addr) netip.Addr {
	a = a.Unmap()
	if !a.Is6() {
		return a
	}
	b := a.As16()
	switch {
	case netip.MustParsePrefix("64:ff9b::/96").Contains(a): // NAT64, RFC 6052
		return netip.AddrFrom4([4]byte(b[12:16]))
	case netip.MustParsePrefix("2002::/16").Contains(a): // 6to4, RFC 3056
		return netip.AddrFrom4([4]byte(b[2:6]))
	}
	return a
}
