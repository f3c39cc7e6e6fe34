package egress

import (
	"context"
	"crypto/x509"
	"net"
	"net/netip"
	"time"
)

// Policy says which addresses may be called. Its zero value is the strict one:
// https on port 443 of public addresses.
type Policy struct {
	// Allow are addresses that the operator allows though they are private,
	// loopback or otherwise special; on them every port is allowed. Services of
	// clouds that hand out credentials (169.254.169.254 and their like) need an
	// entry of their own, such as 169.254.169.254/32: no wider one reaches them.
	Allow []netip.Prefix
	// Ports are allowed on public addresses besides 443.
	Ports []uint16
	// Roots are the authorities whose certificates are taken; nil means the system's.
	Roots *x509.CertPool
	// Resolver turns names into addresses; nil means the system's.
	Resolver Resolver
	// Timeout is for a whole request with the reading of its answer; 10 seconds by default.
	Timeout time.Duration
	// MaxBody is how many bytes of an answer are read at most; 1 MiB by default.
	MaxBody int64
}

// Resolver turns a name into its addresses; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// The bounds that are not for the operator to set.
const (
	httpsPort     = 443
	maxHeader     = 64 << 10        // bytes of an answer's header
	toConnect     = 5 * time.Second // resolving and connecting
	toHandshake   = 5 * time.Second // TLS
	addressesEach = 4               // addresses of a name that are tried
)

func (p Policy) withDefaults() Policy {
	if p.Resolver == nil {
		p.Resolver = &net.Resolver{}
	}
	if p.Timeout <= 0 {
		p.Timeout = 10 * time.Second
	}
	if p.MaxBody <= 0 {
		p.MaxBody = 1 << 20
	}
	return p
}
