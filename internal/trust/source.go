package trust

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/adit-hq/adit/internal/fault"
)

// How often an issuer is asked besides when its keys grow old.
const (
	// apart is the least time between two readings for a key that is not known.
	apart = 10 * time.Second
	// With four at once and one more every ten minutes there are never more than
	// ten in an hour, and however many tokens somebody forges, a key that the
	// issuer did add is found in ten minutes.
	extraAtOnce = 4
	extraEvery  = 10 * time.Minute
	// A failing issuer is left alone for a time that doubles.
	firstPause = 10 * time.Second
	mostPause  = 5 * time.Minute
)

// source is one issuer's keys as they were last read, for all organizations that
// trust it, and when they may be read again.
type source struct {
	issuer   string
	settings *Settings
	keys     atomic.Pointer[keys]
	asked    atomic.Int64 // when a request last needed them, in seconds since 1970

	mu       sync.Mutex
	flight   chan struct{} // closed when the reading under way ends; nil: none is
	tried    time.Time     // end of the last attempt
	failures int           // in a row
	again    time.Time     // a failing issuer is not asked before it
	failed   error         // the last attempt's; nil if it went well
	extra    *rate.Limiter // readings for keys that are not known
}

func (r *Registry) newSource(issuer string) *source {
	return &source{issuer: issuer, settings: &r.settings, extra: rate.NewLimiter(rate.Every(extraEvery), extraAtOnce)}
}

// get returns the issuer's keys, read anew if they are old or do not have the
// wanted one and the budget allows it. Whether they have it now is for the caller
// to see. Without usable keys it is a fault of kind Unavailable, "issuer_unavailable".
func (s *source) get(ctx context.Context, kid string) (*keys, error) {
	now := s.settings.Now()
	s.asked.Store(now.Unix())
	if k := s.keys.Load(); k.fresh(now) && k.has(kid) {
		return k, nil
	}
	if landed := s.fly(ctx, kid); landed != nil {
		select {
		case <-landed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if k := s.keys.Load(); k.usable(s.settings.Now()) {
		return k, nil
	}
	return nil, s.unavailable()
}

// fly returns the flight to wait for, or nil when what there is has to do.
func (s *source) fly(ctx context.Context, kid string) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, k := s.settings.Now(), s.keys.Load()
	known := k.has(kid)
	switch {
	case k.fresh(now) && known:
		return nil
	case s.flight != nil:
	case now.Before(s.again):
		return nil
	case k.fresh(now) && (now.Sub(s.tried) < apart || !s.extra.AllowN(now, 1)):
		return nil
	default:
		s.start(ctx)
	}
	if known && k.usable(now) && s.failures > 0 {
		return nil // the issuer is down: who can go on without it does not wait for it
	}
	return s.flight
}

// start begins to read; the mutex is held. The reading outlives the request that
// wanted it, for those that wait with it, and ends by its own patience.
func (s *source) start(ctx context.Context) {
	landed := make(chan struct{})
	s.flight = landed
	go func() {
		defer close(landed)
		k, err := s.settings.fetch(context.WithoutCancel(ctx), s.issuer)
		s.land(k, err)
	}()
}

func (s *source) land(k *keys, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flight, s.failed, s.tried = nil, err, s.settings.Now()
	if err == nil {
		s.keys.Store(k)
		s.failures, s.again = 0, time.Time{}
		return
	}
	s.failures++
	s.again = s.tried.Add(pause(s.failures))
	if s.failures == 1 {
		s.settings.Log.Warn("the keys of a trusted issuer could not be read; Adit will retry", "issuer", s.issuer, "error", err)
	}
}

func pause(failures int) time.Duration {
	return min(firstPause<<min(failures-1, 10), mostPause)
}

// due reports whether the keys should be read though nobody waits for them.
func (s *source) due(ahead time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, k := s.settings.Now(), s.keys.Load()
	switch {
	case s.flight != nil || now.Before(s.again):
		return false
	case k == nil || s.failed != nil:
		return true
	}
	return !k.fresh(now.Add(ahead)) && now.Sub(time.Unix(s.asked.Load(), 0)) < lately
}

// readAhead reads the keys unless somebody does, and waits for the end.
func (s *source) readAhead(ctx context.Context) {
	s.mu.Lock()
	if s.flight == nil {
		s.start(ctx)
	}
	landed := s.flight
	s.mu.Unlock()
	select {
	case <-landed:
	case <-ctx.Done():
	}
}

func (s *source) problem() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == nil {
		return ""
	}
	return sentenceOf(s.failed)
}

// unavailable is for callers. Why is for those who administer the organization.
func (s *source) unavailable() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := fault.New(fault.Unavailable, "the token cannot be checked: the keys of its issuer %s cannot be read now", quoted(s.issuer)).
		WithCode("issuer_unavailable").
		WithRemedy("Try again in a moment; the organization's administrators see the reason under its trusted issuers.")
	f.RetryAfter = max(s.again.Sub(s.settings.Now()), time.Second)
	if s.failed != nil {
		f.Detail = sentenceOf(s.failed)
	}
	return f
}
