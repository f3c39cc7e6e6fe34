package signing_test

import (
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/seal"
	"github.com/adit-hq/adit/internal/seal/sealtest"
	"github.com/adit-hq/adit/internal/signing"
	"github.com/adit-hq/adit/internal/signing/signingtest"
)

const minute, hour, days = time.Minute, time.Hour, 24 * time.Hour

// clock is moved by hand.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// stand is a store that several signers share, and a clock.
type stand struct {
	*clock
	store *signingtest.Store
	vault *seal.Vault
	rules signing.Settings
}

func newStand(t *testing.T, rules signing.Settings) *stand {
	t.Helper()
	vault, err := sealtest.Vault(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if rules.Algorithm == "" {
		rules.Algorithm = signing.ES256
	}
	s := &stand{clock: newClock(), store: &signingtest.Store{}, vault: vault, rules: rules}
	s.rules.Now = s.now
	return s
}

func (s *stand) signer() *signing.Signer { return signing.New(s.rules, s.store, s.vault) }

// started returns a signer that has made its first keys.
func (s *stand) started(t *testing.T) *signing.Signer {
	t.Helper()
	signer := s.signer()
	step(t, signer)
	return signer
}

func step(t *testing.T, s *signing.Signer) {
	t.Helper()
	if err := s.Step(t.Context()); err != nil {
		t.Fatalf("Step: %v", err)
	}
}

// sign returns the kid of a token that verifies by the keys this signer publishes.
func sign(t *testing.T, s *signing.Signer) string {
	t.Helper()
	compact, kid, err := s.Sign(t.Context(), signing.DefaultIssuer, []byte(`{"sub":"x"}`))
	if err != nil {
		t.Fatalf("Sign: %v", err)
	}
	if err := verify(s, compact.Reveal(), kid); err != nil {
		t.Fatalf("the token does not verify: %v", err)
	}
	return kid
}

func verify(s *signing.Signer, compact, kid string) error {
	ring, _ := s.Ring(signing.DefaultIssuer)
	for _, raw := range ring.Public() {
		var jwk jose.JSONWebKey
		if err := jwk.UnmarshalJSON(raw); err != nil {
			return err
		}
		if jwk.KeyID != kid {
			continue
		}
		parsed, err := jose.ParseSignedCompact(compact, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(jwk.Algorithm)})
		if err != nil {
			return err
		}
		if parsed.Signatures[0].Header.KeyID != kid {
			return errors.New("another kid in the header")
		}
		_, err = parsed.Verify(jwk)
		return err
	}
	return errors.New("the kid is not published")
}

// states returns the kids by state, as the signer publishes them.
func states(s *signing.Signer) map[signing.State][]string {
	out := map[signing.State][]string{}
	for _, k := range s.Keys(signing.DefaultIssuer) {
		out[k.State] = append(out[k.State], k.ID)
	}
	return out
}

func activeKey(t *testing.T, s *signing.Signer) signing.Key {
	t.Helper()
	ring, _ := s.Ring(signing.DefaultIssuer)
	k, ok := ring.Active()
	if !ok {
		t.Fatal("no active key")
	}
	return k
}

func operator() audit.Actor { return audit.Actor{Key: "key_operator", Name: "operator"} }

func wantCode(t *testing.T, err error, kind fault.Kind, code string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != code || f.Kind != kind {
		t.Errorf("got error %v, want %v with code %q", err, kind, code)
	}
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
