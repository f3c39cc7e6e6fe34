package federation

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/tenant"
)

// Defaults of [Settings].
const (
	DefaultMaxSessions    = 10_000
	DefaultNewSessions    = 600
	DefaultCallsPerSecond = 100
	DefaultIdle           = 15 * time.Minute
)

// Settings say whose tokens are exchanged and what surrounds the exchange.
// Issuer, Environment and Organization are needed; the rest has defaults.
type Settings struct {
	// Issuer makes the tokens.
	Issuer Minter
	// Environment and Organization read the configuration in force by id, from
	// memory. Their errors reach the caller as they are.
	Environment  func(id string) (tenant.Environment, error)
	Organization func(id string) (tenant.Organization, error)
	// Ledger keeps what environments did and what probes found. Default: nobody does.
	Ledger Ledger
	// Audit takes a record of every exchange. While it refuses records, no exchange is made. Default: none is kept.
	Audit Recorder
	// Observe counts. Default: nobody does.
	Observe Observer
	// UserHashKey is the secret under which users' names are hashed, so that the
	// hash tells nobody the name. Default: a random one; sessions then get new names with every start.
	UserHashKey []byte
	// Endpoint replaces AWS's regional STS endpoint, for all regions: "http://127.0.0.1:4566".
	Endpoint string
	// HTTP sends the requests to STS; redirects are never followed. Default: net/http's default transport.
	HTTP *http.Client
	// MaxSessions is how many sessions are kept at once, over all environments.
	MaxSessions int
	// NewSessions is how many sessions an environment may begin for users in a minute.
	NewSessions int
	// CallsPerSecond bounds the calls to STS for each AWS account and region.
	// AWS's quota cannot be raised (600 a second, shared with everything else in the account).
	CallsPerSecond int
	// Idle is how long ago a session may have been used last to be refreshed.
	Idle time.Duration
	// Now is the clock; default time.Now.
	Now func() time.Time
	// Log gets failures and drops. Default: discarded.
	Log *slog.Logger
}

// Recorder keeps audit records. Its errors mean that there is no room for more. A *audit.Log is one.
type Recorder interface {
	Room() error
	Record(context.Context, audit.Event) error
}

// Observer counts what happens. Outcome is "ok", AWS's error code, or
// "timeout", "unreachable", "bad_answer" or "not_sent".
type Observer interface {
	// Exchanged tells of one exchange, with all its tries.
	Exchanged(environment, outcome string, took time.Duration)
	// Sessions tells how many are live.
	Sessions(live int)
	// FellBack tells that a user got the key's session because there was no room for another.
	FellBack(environment string)
}

// Ledger keeps what environments did. A *tenant.Registry is one.
type Ledger interface {
	// Exchanged notes the outcome of an exchange; it must not block.
	Exchanged(environment string, a tenant.Activity)
	// Probed notes what a negative probe of the role found; while it fails, the
	// environment is not used.
	Probed(ctx context.Context, actor audit.Actor, environment, roleARN string, v tenant.Verdict, why string) (tenant.Environment, error)
}

func (s *Settings) fill() {
	if s.MaxSessions <= 0 {
		s.MaxSessions = DefaultMaxSessions
	}
	if s.NewSessions <= 0 {
		s.NewSessions = DefaultNewSessions
	}
	if s.CallsPerSecond <= 0 {
		s.CallsPerSecond = DefaultCallsPerSecond
	}
	if s.Idle <= 0 {
		s.Idle = DefaultIdle
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.Observe == nil {
		s.Observe = nobody{}
	}
	if s.Ledger == nil {
		s.Ledger = noLedger{}
	}
	if s.Audit == nil {
		s.Audit = nobody{}
	}
}

// nobody observes, keeps and records nothing.
type nobody struct{}

func (nobody) Exchanged(string, string, time.Duration)   {}
func (nobody) Sessions(int)                              {}
func (nobody) FellBack(string)                           {}
func (nobody) Room() error                               { return nil }
func (nobody) Record(context.Context, audit.Event) error { return nil }

// noLedger keeps nothing.
type noLedger struct{}

func (noLedger) Exchanged(string, tenant.Activity) {}
func (noLedger) Probed(context.Context, audit.Actor, string, string, tenant.Verdict, string) (tenant.Environment, error) {
	return tenant.Environment{}, nil
}
