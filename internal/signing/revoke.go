package signing

import (
	"context"
	"errors"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
)

// awsCache is how long AWS may go on trusting a key that left the JWKS. AWS
// promises no number; an hour is our assumption.
const awsCache = time.Hour

// Revocation is what revoking a key did.
type Revocation struct {
	// KID is the revoked key, and Was its state.
	KID string
	Was State
	// At is when it left the JWKS.
	At time.Time
	// Signed is when it began to sign; zero for a key that never did.
	Signed time.Time
	// Promoted is the key that signs instead; "" when the revoked one was not active.
	Promoted string
	// Unripe means that Promoted had not been published long enough: until AWS
	// has fetched it, tokens may be refused.
	Unripe bool
	// Next is the next key, freshly made where there was none.
	Next string
	// TrustedUntil is how long AWS may still take tokens of the revoked key
	// from its cache: an assumption, as AWS tells no number.
	TrustedUntil time.Time
}

// Revoke takes a leaked key of the server's own issuer out of the JWKS at once.
// In place of an active one the oldest ripe next key signs, and a new next key
// is made. Without a ripe one it refuses (code "no_ripe_key"), unless forced:
// then the next key signs unripe. An unknown kid is NotFound.
func (s *Signer) Revoke(ctx context.Context, actor audit.Actor, kid string, force bool) (Revocation, error) {
	var done Revocation
	err := s.change(ctx, DefaultIssuer, actor, func(d *draft, _ bool) error {
		var err error
		done, err = d.revoke(kid, force)
		return err
	})
	if err != nil {
		return Revocation{}, err
	}
	return done, nil
}

func (d *draft) revoke(kid string, force bool) (Revocation, error) {
	k, ok := d.find(kid)
	if !ok || k.State == Gone {
		return Revocation{}, fault.New(fault.NotFound, "no signing key %q is published", kid).
			WithCode("key_not_found").WithRemedy("`adit issuer keys list` shows the published keys.")
	}
	done := Revocation{KID: kid, Was: k.State, At: d.now, Signed: k.Activated, TrustedUntil: d.now.Add(awsCache)}
	var err error
	if k.State == Active {
		done.Promoted, done.Unripe, err = d.replace(force)
	} else {
		d.remove(kid, whyRevoked)
	}
	if err = errors.Join(err, d.provideNext(whyRevoked)); err != nil {
		return Revocation{}, err
	}
	for _, k := range d.keys {
		if k.State == Next {
			done.Next = k.ID // the newest is the last
		}
	}
	return done, nil
}

// replace drops the active key for the ripest next one, or by force for any.
func (d *draft) replace(force bool) (kid string, unripe bool, err error) {
	if next, ok := d.ripe(d.rules.Algorithm); ok {
		return next.ID, false, d.activate(next.ID, "", whyRevoked, Gone)
	}
	if next, ok := d.ripe(""); ok { // of another algorithm, kept for this
		return next.ID, false, d.activate(next.ID, "", whyRevoked, Gone)
	}
	if !force {
		return "", false, d.notRipe("", "the active key cannot be revoked without an outage").
			WithRemedy("Wait until then, or repeat with --force: AWS may then refuse tokens until it fetches the new key, which can take an hour.")
	}
	if next, ok := first(inOrder(d.keys), Next); ok {
		return next.ID, true, d.activate(next.ID, whyForced, whyRevoked, Gone)
	}
	d.end(Gone, whyRevoked)
	err = d.make(Active, whyForced, whyForced)
	return d.keys[len(d.keys)-1].ID, true, err
}
