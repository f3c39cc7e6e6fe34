package egress

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"syscall"

	"github.com/adit-hq/adit/internal/fault"
)

// dial resolves a name once and connects to an address that it has judged, so
// that there is no second answer for a resolver to change. A name with any
// address that may not be called is refused whole: whoever mixes them tries.
func (g *guard) dial(ctx context.Context, _, hostPort string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, min(toConnect, g.policy.Timeout)) // the transport dials on when its request has ended
	defer cancel()
	host, text, err := net.SplitHostPort(hostPort)
	if err != nil {
		return nil, refused("the URL's host cannot be read")
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return nil, refused("the URL's port cannot be read")
	}
	addresses, err := g.resolve(ctx, host)
	if err != nil || len(addresses) == 0 {
		return nil, unreachable()
	}
	for _, a := range addresses {
		if why := g.policy.why(a, uint16(port)); why != "" {
			return nil, outside(why)
		}
	}
	for _, a := range addresses[:min(len(addresses), addressesEach)] {
		conn, err := g.connect(ctx, "tcp", netip.AddrPortFrom(a, uint16(port)).String())
		if err == nil {
			return conn, nil
		}
	}
	return nil, unreachable()
}

func (g *guard) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	answer, err := g.policy.Resolver.LookupNetIP(ctx, "ip", host)
	found := slices.Clone(answer)
	for i := range found {
		found[i] = found[i].Unmap()
	}
	return found, err
}

// control is the last look, at the very address that the socket is about to
// connect to.
func (g *guard) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return refused("the address cannot be read")
	}
	if why := g.policy.why(a.Addr(), a.Port()); why != "" {
		return outside(why)
	}
	return nil
}

func outside(why string) *fault.Error {
	return forbidden("the URL's host is not allowed: %s", why)
}
