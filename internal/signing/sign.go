package signing

import (
	"context"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

const (
	// lookAfter is how old a ring may be before Sign compares it with the store by itself.
	lookAfter = time.Minute
	// lookAgain is the time between two such looks while the store does not answer, and lookFor how long one may take.
	lookAgain = 10 * time.Second
	lookFor   = 3 * time.Second
)

// Sign returns the payload as a compact JWS under the issuer's active key, with
// the header alg, kid and typ "JWT", and the kid.
//
// While the store cannot be read it goes on with the keys that it knows, but
// not so long that a key demoted meanwhile could leave the JWKS before the token
// is dead: then the fault is Unavailable, code "state_stale".
func (s *Signer) Sign(ctx context.Context, issuer string, payload []byte) (compact secret.String, kid string, err error) {
	cause := s.look(ctx, issuer)
	jws, kid, err := s.active(issuer, cause)
	if err != nil {
		return secret.String{}, "", err
	}
	signed, err := jws.Sign(payload)
	if err != nil {
		return secret.String{}, "", fault.Wrap(err, fault.Internal, "the token could not be signed")
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		return secret.String{}, "", fault.Wrap(err, fault.Internal, "the token could not be signed")
	}
	return secret.New(text), kid, nil
}

// look compares a ring with the store when nothing else has done so for a
// while. It returns why that failed, which is no reason not to sign.
func (s *Signer) look(ctx context.Context, issuer string) error {
	if !s.mustLook(issuer) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	return s.reload(ctx, issuer)
}

func (s *Signer) mustLook(issuer string) bool {
	now := s.rules.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	h, ok := s.held[issuer]
	if !ok {
		return false
	}
	half := s.rules.blind() / 2 // short rules want quicker looks
	if h.canSign() && now.Sub(h.confirmed) <= min(lookAfter, half) || now.Sub(h.tried).Abs() < min(lookAgain, half) {
		return false
	}
	h.tried = now
	return true
}

func (h *held) canSign() bool {
	if h.ring == nil {
		return false
	}
	_, ok := h.ring.Active()
	return ok
}

// active returns what signs for the issuer, and its kid. The private half is
// unsealed once and kept for as long as its key is the active one.
func (s *Signer) active(issuer string, cause error) (jose.Signer, string, error) {
	now := s.rules.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	h, ok := s.held[issuer]
	if !ok || h.ring == nil {
		return nil, "", noKey(cause, "the signing keys of issuer %s have not been read yet", issuer)
	}
	key, ok := h.ring.Active()
	if !ok {
		return nil, "", noKey(cause, "issuer %s has no active signing key", issuer)
	}
	if age := now.Sub(h.confirmed); age > s.rules.blind() {
		return nil, "", fault.Wrap(cause, fault.Unavailable, "the signing keys were last checked against the database %s ago; the active one may have been replaced since", short(age)).
			WithCode("state_stale").WithRemedy("Bring the database back; signing then resumes by itself.")
	}
	if h.jws != nil {
		return h.jws, key.ID, nil
	}
	private, err := s.vault.Open(key.ID, Purpose, string(Active), h.sealed)
	if err != nil {
		return nil, "", err
	}
	defer clear(private)
	if h.jws, err = newJWS(key, private); err != nil {
		h.jws = nil
		return nil, "", fault.Wrap(err, fault.Internal, "signing key %s cannot be used", key.ID)
	}
	return h.jws, key.ID, nil
}

func noKey(cause error, format string, args ...any) error {
	return fault.Wrap(cause, fault.Unavailable, format, args...).WithCode("no_signing_key").WithRemedy("Try again in a moment.")
}
