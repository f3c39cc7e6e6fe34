package signing

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/seal"
)

// Signer signs with the active key of each issuer and moves keys through their
// lives. It is safe for concurrent use; every replica has one.
type Signer struct {
	rules Settings
	store Store
	vault *seal.Vault

	// changing lets one change at a time make keys, which costs CPU. It holds one
	// while somebody does.
	changing chan struct{}

	mu   sync.Mutex
	held map[string]*held // by issuer
}

// held is what the signer knows of one issuer.
type held struct {
	ring *Ring // nil until the first look
	// confirmed is when the ring was last known to be the store's.
	confirmed time.Time
	// tried is when [Signer.Sign] last looked by itself.
	tried time.Time
	// sealed is the active key's private half; jws signs with it, unsealed here and nowhere else, once it was needed.
	sealed []byte
	jws    jose.Signer
}

// New returns a signer for [DefaultIssuer] and those that [Signer.Set] names.
// It reads nothing yet; the settings must have passed [Settings.Check].
func New(s Settings, store Store, vault *seal.Vault) *Signer {
	return &Signer{
		rules: s.withDefaults(), store: store, vault: vault,
		changing: make(chan struct{}, 1), held: map[string]*held{DefaultIssuer: {}},
	}
}

// Set takes an issuer's keys, sealed halves included, as they are in the store
// at a version. Keys of an older version than the ones held are passed over.
func (s *Signer) Set(issuer string, keys []Key, version int64) {
	s.adopt(issuer, keys, version, s.rules.Now())
}

// adopt takes keys that the store held at a moment.
func (s *Signer) adopt(issuer string, keys []Key, version int64, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h, known := s.held[issuer]
	if !known {
		h = &held{}
		s.held[issuer] = h
	}
	if h.ring != nil && version < h.ring.version {
		return
	}
	if at.After(h.confirmed) {
		h.confirmed = at
	}
	if h.ring != nil && version == h.ring.version {
		return
	}
	ring, err := newRing(issuer, keys, version)
	if err != nil {
		s.rules.Log.Error("signing keys were left out of the JWKS", "issuer", issuer, "error", err)
	}
	h.adopt(ring, keys)
}

// adopt puts a ring in place. The unsealed key goes unless it signs on.
func (h *held) adopt(ring *Ring, keys []Key) {
	before := Key{}
	if h.ring != nil {
		before, _ = h.ring.Active()
	}
	if after, ok := ring.Active(); !ok || after.ID != before.ID {
		h.jws = nil
	}
	active, _ := first(keys, Active)
	h.ring, h.sealed = ring, active.Sealed
}

// Ring returns the issuer's keys as this replica knows them; false before the first look.
func (s *Signer) Ring(issuer string) (*Ring, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h, ok := s.held[issuer]
	if !ok || h.ring == nil {
		return nil, false
	}
	return h.ring, true
}

// Keys returns the issuer's published keys, the active one first. Sealed is always nil.
func (s *Signer) Keys(issuer string) []Key {
	r, ok := s.Ring(issuer)
	if !ok {
		return nil
	}
	return r.Keys()
}

// Ripens returns when a published key may sign: its prepublish time after it was made.
func (s *Signer) Ripens(k Key) time.Time { return s.rules.ripens(k) }

// Rotates returns when the next key takes over from an active one; zero for any other.
func (s *Signer) Rotates(k Key) time.Time {
	if k.State != Active {
		return time.Time{}
	}
	return k.Activated.Add(s.rules.ActiveLife)
}

// Leaves returns when a retiring key leaves the JWKS; zero for any other.
func (s *Signer) Leaves(k Key) time.Time {
	if k.State != Retiring {
		return time.Time{}
	}
	return k.Demoted.Add(s.rules.Retire)
}

// issuers returns the ids of those that the signer looks after, in order.
func (s *Signer) issuers() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.held))
}

// reload reads the issuer's keys from the store.
func (s *Signer) reload(ctx context.Context, issuer string) error {
	at := s.rules.Now() // before the read: what it shows may be as old
	keys, version, err := s.store.SigningKeys(ctx, issuer)
	if err != nil {
		return storeFault(err, "read")
	}
	s.adopt(issuer, keys, version, at)
	return nil
}

// storeFault leaves faults of the store and ended contexts as they are.
func storeFault(err error, done string) error {
	if f := fault.From(err); f.Kind != fault.Internal {
		return err
	}
	return fault.Wrap(err, fault.Unavailable, "the signing keys cannot be %s", done)
}
