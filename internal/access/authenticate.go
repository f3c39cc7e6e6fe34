package access

import (
	"context"
	"crypto/subtle"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// liveSecrets is how many secrets a key has at most: the newest, and former ones
// in their overlap. There is room for rotations whose answers got lost: what they
// made is known to nobody, and must not push out what is in use.
const liveSecrets = 5

// Authenticate returns whose API key was presented, and notes its use. A key
// that is malformed, unknown, wrong, revoked or expired is one and the same
// fault of kind Unauthenticated. An unknown id takes the work that a wrong
// secret takes, so the time does not tell which ids there are.
func (r *Registry) Authenticate(_ context.Context, presented string) (Principal, error) {
	id, secretPart, ok := parse(presented)
	if !ok {
		return Principal{}, refused()
	}
	if err := r.settings.Fresh(); err != nil {
		return Principal{}, err
	}
	now := r.settings.Now()
	mac := macOf(r.settings.Pepper, id, secretPart)
	key := r.now.Load().ByID(id)
	matches := 0
	for i := range liveSecrets {
		s := Secret{MAC: r.nobody}
		if key != nil && i < len(key.Secrets) {
			s = key.Secrets[i]
		}
		matches |= subtle.ConstantTimeCompare(mac, s.MAC) & one(lives(s.Expires, now))
	}
	if key == nil || matches == 0 || !lives(key.Expires, now) {
		return Principal{}, refused()
	}
	r.uses.Note(id, now)
	return Principal{Key: *key}, nil
}

// lives reports whether what expires then still lives now; zero never expires.
func lives(expires, now time.Time) bool { return expires.IsZero() || now.Before(expires) }

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

func refused() error {
	return fault.New(fault.Unauthenticated, "the API key is not valid: it is mistyped, unknown, revoked or expired").
		WithCode("invalid_api_key").WithRemedy("Check that the complete key is sent, or ask an administrator for a new one.")
}
