package signin

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"log/slog"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/pace"
	"github.com/adit-hq/adit/internal/secret"
)

// Settings of a [Registry]. Zero values mean the defaults.
type Settings struct {
	// Store and Organizations are needed.
	Store Store
	// Key is 32 bytes, the same on every replica: under it the OIDC flow's cookie
	// is sealed, and under it typed logins are hashed before failures are counted.
	Key []byte
	// Organizations turns the names that rules and invitations give into ids.
	Organizations Organizations
	// Keys tells what an API key that made a link may do by now. Default: links that
	// keys made do not work.
	Keys Keys
	// Provider signs people in by OIDC; nil: only passwords and links do.
	Provider *Provider
	// Idle is how long a session lasts unused, 12 hours by default, and Absolute
	// how long it lasts at all, 7 days by default.
	Idle, Absolute time.Duration
	// LinkLife is how long a one-time link waits; 10 minutes by default.
	LinkLife time.Duration
	// Hashing is how many passwords are hashed at once, each in 64 MiB of memory; 2 by default.
	Hashing int
	// Record takes the events of sign-ins that failed, which belong to no change; nil drops them.
	Record func(context.Context, audit.Event) error
	Now    func() time.Time
	Log    *slog.Logger
}

// Organizations resolves an organization's name or id to its id; one that is
// not there is a fault of kind NotFound.
type Organizations interface {
	OrganizationID(idOrName string) (string, error)
}

// By is who asks for a change, and from where.
type By = access.By

// Origin is where a person sits: the address of the request and the browser's
// own name. Both are shown in the list of sessions, and neither is trusted.
type Origin struct{ Address, Agent string }

// Opened is a session that was just begun. Token is shown to the browser this
// once and kept nowhere.
type Opened struct {
	Session Session
	Person  Person
	Token   secret.String
}

// Registry signs people in and knows their sessions. It is safe for concurrent
// use; everything but the counters of what was audited and each address's pace lies in the Store.
type Registry struct {
	settings Settings
	hashes   *hasher
	flows    *flows
	loginKey []byte
	noise    noise
	pace     *pace.Pace
}

// New returns a registry.
func New(s Settings) (*Registry, error) {
	if s.Store == nil || s.Organizations == nil {
		return nil, fault.New(fault.Config, "sign-in needs a store and the organizations")
	}
	if len(s.Key) != keyLen {
		return nil, fault.New(fault.Config, "sign-in needs a key of %d bytes, not %d", keyLen, len(s.Key))
	}
	defaultDuration(&s.Idle, 12*time.Hour)
	defaultDuration(&s.Absolute, 7*24*time.Hour)
	defaultDuration(&s.LinkLife, 10*time.Minute)
	if s.Hashing <= 0 {
		s.Hashing = 2
	}
	if s.Keys == nil {
		s.Keys = noKeys{}
	}
	if s.Record == nil {
		s.Record = func(context.Context, audit.Event) error { return nil }
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	flowKey, err := derived(s.Key, "adit sign-in flow")
	if err != nil {
		return nil, err
	}
	loginKey, err := derived(s.Key, "adit typed login")
	if err != nil {
		return nil, err
	}
	flows, err := newFlows(flowKey)
	if err != nil {
		return nil, err
	}
	s.Key = nil // no need to keep it beside what was derived
	return &Registry{settings: s, hashes: newHasher(s.Hashing, strength()), flows: flows, loginKey: loginKey, pace: pace.New(perMinute, atOnce)}, nil
}

// Provider returns what people sign in with besides passwords and links, or nil.
func (r *Registry) Provider() *Provider { return r.settings.Provider }

const keyLen = 32

// derived returns a key for one purpose, so that what is made for one is nothing to another.
func derived(key []byte, purpose string) ([]byte, error) {
	return hkdf.Key(sha256.New, key, nil, purpose, keyLen)
}

func defaultDuration(d *time.Duration, or time.Duration) {
	if *d <= 0 {
		*d = or
	}
}

// moment is the present as databases keep it.
func (r *Registry) moment() time.Time { return r.settings.Now().UTC().Truncate(time.Microsecond) }
