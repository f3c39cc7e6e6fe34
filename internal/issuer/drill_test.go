package issuer_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/issuer"
	"github.com/adit-hq/adit/internal/signing"
)

// verifier keeps the JWKS for as long as it is told, and then looks again: it
// never fetches because of a kid that it does not know, as AWS need not.
type verifier struct {
	issuer  *issuer.Issuer
	keeps   time.Duration
	now     func() time.Time
	fetched time.Time
	set     jose.JSONWebKeySet
}

func (v *verifier) verify(token issuer.Token) error {
	if v.now().Sub(v.fetched) >= v.keeps {
		v.fetched, v.set = v.now(), jose.JSONWebKeySet{}
		if err := json.Unmarshal(ask(v.issuer.Handler(), "GET", jwksPath).Body.Bytes(), &v.set); err != nil {
			return err
		}
	}
	found := v.set.Key(token.KID)
	if len(found) != 1 {
		return errors.New("couldn't retrieve verification key")
	}
	parsed, err := jose.ParseSignedCompact(token.Compact.Reveal(), []jose.SignatureAlgorithm{jose.SignatureAlgorithm(found[0].Algorithm)})
	if err != nil {
		return err
	}
	_, err = parsed.Verify(found[0])
	return err
}

func TestNoExchangeFailsBecauseOfARotationOrARevocation(t *testing.T) {
	at := noon()
	now := func() time.Time { return at }
	rules := signing.Settings{Now: now}
	signer, _ := keys(t, rules)
	i := newIssuer(t, issuer.Settings{Signer: signer, Now: now})
	verifiers := []*verifier{{issuer: i, keeps: time.Minute, now: now}, {issuer: i, keeps: 5 * time.Minute, now: now}, {issuer: i, keeps: time.Hour, now: now}}
	signed := map[string]int{}
	// exchanges makes 20 of them a second, with a step of the signer every half minute.
	exchanges := func(d time.Duration) {
		for n := range int(d / (50 * time.Millisecond)) {
			if n%600 == 0 {
				if err := signer.Step(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			token := mint(t, i, claims())
			signed[token.KID]++
			for _, v := range verifiers {
				if err := v.verify(token); err != nil {
					t.Fatalf("at %v, cache of %v: %v", at, v.keeps, err)
				}
			}
			at = at.Add(50 * time.Millisecond)
		}
	}
	at = at.Add(30*24*time.Hour - 5*time.Second)
	exchanges(40 * time.Second) // by schedule, at half time
	at = at.Add(25 * time.Hour)
	exchanges(5 * time.Second)
	ring, _ := signer.Ring(signing.DefaultIssuer)
	leaked, _ := ring.Active()
	if _, err := signer.Revoke(t.Context(), audit.System(), leaked.ID, false); err != nil {
		t.Fatal(err)
	}
	exchanges(15 * time.Second)
	if len(signed) != 3 {
		t.Errorf("%d keys signed, want 3: %v", len(signed), signed)
	}
}
