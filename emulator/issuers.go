package emulator

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	// fetchLimit is how long STS waits for an issuer's document (AWS re:Post).
	fetchLimit = 5 * time.Second
	// leastKeyAge is for how long STS keeps a JWKS at least; AWS names no
	// number, and teams wait ten minutes and more between publishing and signing.
	leastKeyAge = time.Minute
	// mostKeyAge bounds what an issuer's max-age can ask for.
	mostKeyAge = 24 * time.Hour
)

// issuers is how STS and IAM reach issuers, and the keys that they remember.
type issuers struct {
	mu       sync.Mutex
	hosts    map[string]string       // host name to address
	handlers map[string]http.Handler // host name to a handler in this process
	roots    []*x509.CertPool        // the CAs that are regarded as public
	cache    time.Duration           // 0: as the JWKS asks, but at least leastKeyAge
	byARN    map[string]*knownKeys
	fetches  []Fetch
}

// knownKeys is one provider's key set. It is complete once done is closed.
type knownKeys struct {
	done    chan struct{}
	keys    keySet
	algs    []string // that discovery names
	expires time.Time
	err     error
}

// WithHost sends what STS and IAM fetch from an issuer's host to an address
// such as "127.0.0.1:8443"; the URL, the Host header and the name in the
// certificate stay the host's. Without it they ask DNS, and like AWS reach no
// loopback or private address.
func WithHost(host, address string) Option {
	return func(e *Emulator) error { return e.MapHost(host, address) }
}

// MapHost is WithHost while the emulator runs.
func (e *Emulator) MapHost(host, address string) error {
	_, _, err := net.SplitHostPort(address)
	if err != nil || checkIssuerURL("https://"+host) != nil || strings.Contains(host, "/") {
		return fmt.Errorf("emulator: %q at %q is not a host name and an address with a port", host, address)
	}
	e.issuers.mu.Lock()
	defer e.issuers.mu.Unlock()
	if e.issuers.hosts == nil {
		e.issuers.hosts = make(map[string]string)
	}
	e.issuers.hosts[strings.ToLower(host)] = address
	return nil
}

// WithIssuer lets h answer in memory for an issuer's host, as if over TLS with
// a certificate of a public CA. It works in testing/synctest's bubbles. The
// handler should heed its request's context: it ends when STS gives up.
func WithIssuer(host string, h http.Handler) Option {
	return func(e *Emulator) error { return e.ServeIssuer(host, h) }
}

// ServeIssuer is WithIssuer while the emulator runs.
func (e *Emulator) ServeIssuer(host string, h http.Handler) error {
	if h == nil || checkIssuerURL("https://"+host) != nil || strings.Contains(host, "/") {
		return fmt.Errorf("emulator: %q is not a host name, or has no handler", host)
	}
	e.issuers.mu.Lock()
	defer e.issuers.mu.Unlock()
	if e.issuers.handlers == nil {
		e.issuers.handlers = make(map[string]http.Handler)
	}
	e.issuers.handlers[strings.ToLower(host)] = h
	return nil
}

// WithCAs makes the CAs of a pool public ones, besides the machine's. An
// issuer whose certificate no public CA has signed is believed only by the
// thumbprints of its provider, as at AWS; so a private CA is one that is not
// given here.
func WithCAs(pool *x509.CertPool) Option {
	return func(e *Emulator) error {
		if pool == nil {
			return fmt.Errorf("emulator: a pool of CAs is needed")
		}
		e.issuers.roots = append(e.issuers.roots, pool)
		return nil
	}
}

// WithKeyCache makes STS remember an issuer's keys for exactly d, whatever the
// JWKS asks for. The default is the JWKS's max-age, but at least a minute and
// at most a day. Until then a key that is not among them is not looked for.
func WithKeyCache(d time.Duration) Option {
	return func(e *Emulator) error {
		if d <= 0 {
			return fmt.Errorf("emulator: keys cannot be kept for %v", d)
		}
		e.issuers.cache = d
		return nil
	}
}

// ForgetKeys empties STS's memory of issuers' keys.
func (e *Emulator) ForgetKeys() {
	e.issuers.mu.Lock()
	defer e.issuers.mu.Unlock()
	e.issuers.byARN = nil
}

// keysOf are a provider's keys, fetched once for however many callers ask
// while they are unknown or too old. A failure is told to all who waited and
// then forgotten.
func (e *Emulator) keysOf(ctx context.Context, p OIDCProvider) (*knownKeys, error) {
	s := &e.issuers
	s.mu.Lock()
	known := s.byARN[p.ARN]
	fresh := known == nil
	if known != nil {
		select {
		case <-known.done:
			fresh = known.err != nil || !e.now().Before(known.expires)
		default: // another caller is fetching
		}
	}
	if fresh {
		known = &knownKeys{done: make(chan struct{})}
		if s.byARN == nil {
			s.byARN = make(map[string]*knownKeys)
		}
		s.byARN[p.ARN] = known
	}
	s.mu.Unlock()
	if fresh {
		// Others wait for this fetch, so it outlives the caller that began it.
		e.fetchKeys(context.WithoutCancel(ctx), p, known)
	}
	select {
	case <-known.done:
		return known, known.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// fetchKeys fills known and closes it.
func (e *Emulator) fetchKeys(ctx context.Context, p OIDCProvider, known *knownKeys) {
	defer close(known.done)
	d, err := e.fetchDiscovery(ctx, p)
	if err != nil {
		known.err = err
		return
	}
	document, age, err := e.fetch(ctx, opFetchKeys, d.keys, e.issuerTLS(p.Thumbprints))
	if err != nil {
		known.err = err
		return
	}
	known.keys, known.err = parseJWKS(document)
	known.algs = d.algorithms
	if e.issuers.cache > 0 {
		age = e.issuers.cache
	}
	known.expires = e.now().Add(age)
}
