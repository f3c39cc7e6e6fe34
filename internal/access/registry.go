package access

import (
	"context"
	"crypto/rand"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/roster"
)

// Tenants knows the organizations and environments that keys belong to.
type Tenants interface {
	// OrganizationID returns the id of an organization, or a fault of kind NotFound.
	OrganizationID(idOrName string) (string, error)
	// EnvironmentID returns the id of an environment of the organization, or a fault of kind NotFound.
	EnvironmentID(organization, idOrName string) (string, error)
}

// Settings of a [Registry]. Store, Pepper and Tenants are needed.
type Settings struct {
	Store Store
	// Pepper is the server's secret under which secrets of keys are recognised, 32 bytes.
	Pepper  []byte
	Tenants Tenants
	// Refresh reads the configuration in force anew, after a change; default: nothing.
	Refresh func(context.Context) error
	// Fresh returns a fault when the configuration in memory is too old to be trusted; default: it never is.
	Fresh func() error
	// Every is how often last uses are written; 10 seconds by default.
	Every time.Duration
	Now   func() time.Time
	Log   *slog.Logger
}

// Registry is all API keys, from memory. It is safe for concurrent use.
type Registry struct {
	settings Settings
	desk     roster.Desk
	now      atomic.Pointer[roster.Roster[Key]]
	nobody   []byte // a MAC that no secret has
	uses     roster.Uses
}

// NewRegistry returns a registry without keys; [Registry.Set] gives it some.
func NewRegistry(s Settings) (*Registry, error) {
	if len(s.Pepper) < 32 {
		return nil, fault.New(fault.Internal, "the pepper of the API keys has %d bytes; it must have 32", len(s.Pepper))
	}
	if s.Refresh == nil {
		s.Refresh = func(context.Context) error { return nil }
	}
	if s.Fresh == nil {
		s.Fresh = func() error { return nil }
	}
	if s.Every <= 0 {
		s.Every = 10 * time.Second
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	s.Pepper = slices.Clone(s.Pepper)
	r := &Registry{settings: s, desk: roster.Desk{Refresh: s.Refresh, Log: s.Log}, nobody: make([]byte, 32)}
	rand.Read(r.nobody) // never fails (crypto/rand since Go 1.24)
	r.Set(nil)
	return r, nil
}

// Set replaces all keys. Revoked ones may be among them. What it is given
// belongs to the registry from then on.
func (r *Registry) Set(keys []Key) {
	r.now.Store(roster.New(keys, func(k *Key) roster.Entry {
		return roster.Entry{ID: k.ID, Organization: k.Organization, Name: k.Name, Gone: !k.Revoked.IsZero()}
	}))
}

// Keys returns the organization's keys that are not revoked, in order of name;
// "" means the operators'. Nobody changes what they hold.
func (r *Registry) Keys(organization string) ([]Key, error) {
	if err := r.settings.Fresh(); err != nil {
		return nil, err
	}
	return r.now.Load().Values(organization), nil
}

// Key returns a key of the organization by id or name. A foreign one and none
// are the same fault: NotFound, "key_not_found".
func (r *Registry) Key(organization, idOrName string) (Key, error) {
	if err := r.settings.Fresh(); err != nil {
		return Key{}, err
	}
	if k := r.now.Load().Find(organization, idOrName); k != nil {
		return *k, nil
	}
	return Key{}, fault.New(fault.NotFound, "there is no such API key").WithCode("key_not_found").
		WithRemedy("List the existing keys; revoked ones are not shown.")
}
