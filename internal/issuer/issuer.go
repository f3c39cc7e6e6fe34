package issuer

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signing"
)

// Signer signs tokens and knows the keys that are published.
type Signer interface {
	Sign(ctx context.Context, issuer string, payload []byte) (compact secret.String, kid string, err error)
	Ring(issuer string) (*signing.Ring, bool)
}

// Settings of an [Issuer]. Zero values mean the defaults named here.
type Settings struct {
	// URL is the issuer's public URL; see [CheckURL]. Required.
	URL string
	// ID is the id of its keys; [signing.DefaultIssuer].
	ID string
	// Signer is required.
	Signer Signer
	// TokenTTL is how long tokens live, 1 minute to 1 hour; 5 minutes. It must
	// not be longer than the signer's.
	TokenTTL time.Duration
	// JWKSMaxAge and DiscoveryMaxAge are how long verifiers may keep the two
	// documents, in whole seconds; 5 minutes and 1 hour. AWS fails parallel
	// exchanges when it may not keep the keys (gitlab-org/gitlab#374001).
	JWKSMaxAge, DiscoveryMaxAge time.Duration
	// PerSecond and Concurrent bound the requests for the two documents; 200 and
	// 64. They are the issuer's own: nothing else uses them up.
	PerSecond, Concurrent int
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Log takes every answered request for a document, the only evidence that
	// AWS fetched it: failures to fetch show in nobody's CloudTrail. nil means nowhere.
	Log *slog.Logger
	// OnFetch is told after every answered request what was fetched: [Discovery] or [JWKS].
	OnFetch func(what string)
}

// Issuer makes tokens and publishes what verifies them. It is safe for concurrent use.
type Issuer struct {
	settings  Settings
	path      string // of the URL; "" or "/o/x"
	budget    *rate.Limiter
	places    chan struct{}
	published atomic.Pointer[published]
	building  sync.Mutex
	fetched   [2]atomic.Int64 // UnixNano by document; 0: never
}

// New returns an issuer. All faults of the settings come joined.
func New(s Settings) (*Issuer, error) {
	s.ID = cmp.Or(s.ID, signing.DefaultIssuer)
	s.TokenTTL = cmp.Or(s.TokenTTL, 5*time.Minute)
	s.JWKSMaxAge = cmp.Or(s.JWKSMaxAge, 5*time.Minute)
	s.DiscoveryMaxAge = cmp.Or(s.DiscoveryMaxAge, time.Hour)
	s.PerSecond, s.Concurrent = cmp.Or(s.PerSecond, 200), cmp.Or(s.Concurrent, 64)
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.OnFetch == nil {
		s.OnFetch = func(string) {}
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	u, err := url.Parse(s.URL)
	if err != nil {
		return nil, err
	}
	return &Issuer{
		settings: s, path: u.Path,
		budget: rate.NewLimiter(rate.Limit(s.PerSecond), 2*s.PerSecond),
		places: make(chan struct{}, s.Concurrent),
	}, nil
}

func (s Settings) check() error {
	faults := []error{CheckURL(s.URL)}
	rule := func(holds bool, param, format string, args ...any) {
		if !holds {
			faults = append(faults, fault.New(fault.Config, format, args...).WithParam(param))
		}
	}
	rule(s.Signer != nil, "signer", "the issuer has no signer")
	rule(s.TokenTTL >= time.Minute && s.TokenTTL <= time.Hour && s.TokenTTL%time.Second == 0, "token_ttl",
		"the token lifetime is %v; it must be 1 minute to 1 hour, in whole seconds", s.TokenTTL)
	for param, age := range map[string]time.Duration{"jwks_max_age": s.JWKSMaxAge, "discovery_max_age": s.DiscoveryMaxAge} {
		rule(age >= time.Second && age%time.Second == 0, param, "verifiers would cache a document for %v; use whole seconds, at least one", age)
	}
	rule(s.PerSecond > 0 && s.Concurrent > 0, "requests", "the issuer would refuse every request for its documents")
	return errors.Join(faults...)
}

// URL returns the issuer's URL: the iss of its tokens.
func (i *Issuer) URL() string { return i.settings.URL }

// Path returns the path below which [Issuer.Handler] serves: "" or such as "/o/x".
func (i *Issuer) Path() string { return i.path }
