package credential

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/adit-hq/adit/internal/caller"
)

// Chain gives valid AWS credentials and keeps them fresh. It is safe for
// concurrent use. Close it to end its work in the background.
type Chain struct {
	settings Settings
	outside  *outside
	judge    judge
	sources  []source
	skipped  []Outcome
	log      *slog.Logger
	budget   time.Duration

	current atomic.Pointer[state] // nil: nothing to serve

	ctx    context.Context //nolint:containedctx // ends with Close; flights live by it, not by a caller's
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu      sync.Mutex // guards what follows
	winner  winner     // gave the current credentials, or the last ones
	flight  *flight
	failure *failure
	dropped *Credentials
	timer   *time.Timer
	asks    int    // questions for the account in a row that STS left open
	fails   int    // refreshes in a row that failed
	silence string // the failure that was logged last, not to be repeated
	closed  bool
}

// state is what is served, and when to do something about it. It is never changed, only replaced.
type state struct {
	valid
	since     time.Time
	refreshAt time.Time // zero: never
	// until is Expires by the monotonic clock, which is read in half the time.
	// It stands still while the machine sleeps; AWS then says that the
	// credentials expired, and Drop follows.
	until time.Time
}

// winner is a source that gave valid credentials.
type winner struct {
	source
	static bool
	// account is the last that AWS named for identity.
	identity, account string
}

// New returns a chain for the settings. It does nothing yet: the first call of
// [Chain.Credentials] tries the sources.
func New(s Settings) *Chain {
	o := newOutside(s)
	tried, skipped := selection(s, o)
	c := newChain(tried, o, s.Log)
	c.settings, c.outside, c.skipped = s, o, skipped
	return c
}

func newChain(sources []source, j judge, log *slog.Logger) *Chain {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	c := &Chain{sources: sources, judge: j, log: log, budget: Budget}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c
}

// Credentials returns credentials that AWS accepts now. Fresh ones come from
// memory; otherwise the callers of the moment wait for one walk over the
// sources, each as long as its ctx allows. The caller says for whom; a chain
// has the same credentials for everybody.
//
// Without valid credentials the error is a *fault.Error of kind Refused with
// the code "no_aws_credentials", whose Detail lists every source; it is
// remembered for two seconds. The ctx's own error becomes Deadline or Canceled.
func (c *Chain) Credentials(ctx context.Context, _ caller.Caller) (Credentials, error) {
	if s := c.current.Load(); s != nil && (s.Expires.IsZero() || time.Until(s.until) > 0) {
		return s.Credentials, nil
	}
	return c.wait(ctx)
}

// Drop says that AWS refused these credentials as expired: the next call of
// Credentials gets new ones. Credentials that were replaced already are not
// dropped twice.
func (c *Chain) Drop(refused Credentials) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.current.Load()
	if s == nil || !s.same(&refused) || c.closed {
		return
	}
	c.log.Warn("AWS refused credentials as expired", "source", s.Source, "expires", expiry(s.Expires))
	c.dropped = &refused
	c.current.Store(nil)
	c.stopTimer()
}

// Close ends refreshes and walks under way and waits for them. Credentials
// that are still fresh stay available; new ones do not come.
func (c *Chain) Close() {
	c.mu.Lock()
	c.closed = true
	c.stopTimer()
	c.mu.Unlock()
	c.cancel()
	c.work.Wait()
	if c.outside != nil {
		c.outside.close()
	}
}

func expiry(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.RFC3339)
}
