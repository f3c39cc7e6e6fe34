package signing_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/seal/sealtest"
	"github.com/adit-hq/adit/internal/signing"
	"github.com/adit-hq/adit/internal/signing/signingtest"
)

// token is what was signed: by which key, and when.
type token struct {
	kid string
	at  time.Time
}

// replica is a signer with a way to the store of its own, which can be cut.
type replica struct {
	*signing.Signer
	*signingtest.Store
	cut bool
}

func (r *replica) SigningKeys(ctx context.Context, issuer string) ([]signing.Key, int64, error) {
	if r.cut {
		return nil, 0, errors.New("the way to the database is cut")
	}
	return r.Store.SigningKeys(ctx, issuer)
}

func (r *replica) ChangeSigningKeys(ctx context.Context, issuer string, version int64, keys []signing.Key, events ...audit.Event) (bool, error) {
	if r.cut {
		return false, errors.New("the way to the database is cut")
	}
	return r.Store.ChangeSigningKeys(ctx, issuer, version, keys, events...)
}

func (r *replica) String() string { return "replica" }

// life is a random history of two replicas over one store.
type life struct {
	*clock
	rules    signing.Settings
	store    *signingtest.Store
	replicas []*replica
	tokens   []token
	revoked  map[string]bool
}

func drawRules(t *rapid.T) signing.Settings {
	minutes := func(low, high int, name string) time.Duration {
		return time.Duration(rapid.IntRange(low, high).Draw(t, name)) * time.Minute
	}
	s := signing.Settings{Algorithm: signing.ES256, TokenTTL: minutes(1, 60, "ttl"), Prepublish: minutes(60, 48*60, "prepublish")}
	s.JWKSMaxAge = time.Duration(rapid.IntRange(1, int(s.Prepublish/time.Second/4)).Draw(t, "max age")) * time.Second
	s.ActiveLife = 2*s.Prepublish + minutes(0, 30*24*60, "more life")
	s.Retire = s.TokenTTL + 5*minute + 2*s.JWKSMaxAge + minutes(0, 24*60, "more retire")
	return s
}

func newLife(t *rapid.T) *life {
	l := &life{clock: newClock(), rules: drawRules(t), store: &signingtest.Store{}, revoked: map[string]bool{}}
	if l.rules.Retire > 4*l.rules.ActiveLife {
		t.Skip("rules that are refused")
	}
	if err := l.rules.Check(); err != nil {
		t.Fatal(err)
	}
	vault, err := sealtest.Vault(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	l.rules.Now = l.now
	for range 2 {
		r := &replica{Store: l.store}
		r.Signer = signing.New(l.rules, r, vault)
		l.replicas = append(l.replicas, r)
	}
	return l
}

// act is one move of the history.
func (l *life) act(t *rapid.T) {
	ctx := context.Background()
	r := l.replicas[rapid.IntRange(0, 1).Draw(t, "replica")]
	switch rapid.SampledFrom([]string{"step", "step", "sign", "sign", "sign", "move", "leap", "rotate", "revoke", "set", "cut"}).Draw(t, "act") {
	case "step":
		if err := r.Step(ctx); err != nil && !r.cut {
			t.Fatalf("Step: %v", err)
		}
	case "sign":
		l.sign(t, r)
	case "move":
		l.move(time.Duration(rapid.IntRange(0, 7200).Draw(t, "seconds")) * time.Second)
	case "leap":
		l.move(time.Duration(rapid.IntRange(0, 40*24).Draw(t, "hours")) * time.Hour)
	case "rotate":
		_ = r.Rotate(ctx, operator())
	case "revoke":
		if all := l.store.All(signing.DefaultIssuer); len(all) > 0 {
			kid := rapid.SampledFrom(all).Draw(t, "key").ID
			if _, err := r.Revoke(ctx, operator(), kid, rapid.Bool().Draw(t, "force")); err == nil {
				l.revoked[kid] = true
			}
		}
	case "set":
		if keys, version, err := r.SigningKeys(ctx, signing.DefaultIssuer); err == nil {
			r.Set(signing.DefaultIssuer, keys, version)
		}
	case "cut":
		r.cut = !r.cut
	}
}

// sign holds what every signature must keep.
func (l *life) sign(t *rapid.T, s *replica) {
	ctx := context.Background()
	compact, kid, err := s.Sign(ctx, signing.DefaultIssuer, []byte("{}"))
	if err != nil && !s.cut && l.store.Writes() > 0 {
		l.move(10 * time.Second) // it may have looked while there was nothing to see
		if compact, kid, err = s.Sign(ctx, signing.DefaultIssuer, []byte("{}")); err != nil {
			t.Fatalf("Sign with a database: %v", err)
		}
	}
	if err != nil {
		return
	}
	if err := verify(s.Signer, compact.Reveal(), kid); err != nil {
		t.Fatalf("the replica's own keys do not verify its token: %v", err)
	}
	k := l.key(t, kid)
	if ripens := k.Created.Add(l.rules.Prepublish); k.Unripe == "" && (k.Activated.Before(ripens) || l.now().Before(ripens)) {
		t.Fatalf("key %s signs %v after it was published", kid, l.now().Sub(k.Created))
	}
	if k.Unripe == "" && k.Created.Equal(k.Activated) {
		t.Fatalf("key %s signed the moment it was made", kid)
	}
	l.tokens = append(l.tokens, token{kid, l.now()})
}

func (l *life) key(t *rapid.T, kid string) signing.Key {
	all := l.store.All(signing.DefaultIssuer)
	i := slices.IndexFunc(all, func(k signing.Key) bool { return k.ID == kid })
	if i < 0 {
		t.Fatalf("key %s was never stored", kid)
	}
	return all[i]
}

// check holds what is true of the store at every moment.
func (l *life) check(t *rapid.T) {
	all := l.store.All(signing.DefaultIssuer)
	active, firsts := 0, 0
	for _, k := range all {
		if k.State == signing.Active {
			active++
		}
		if k.Unripe == "first" {
			firsts++
		}
		if signs := k.State == signing.Next || k.State == signing.Active; signs != (k.Sealed != nil) {
			t.Fatalf("a key that is %s has %d sealed bytes", k.State, len(k.Sealed))
		}
	}
	if len(all) > 0 && active != 1 || firsts > 1 {
		t.Fatalf("%d active keys, %d first keys", active, firsts)
	}
	// The published keys are a superset of the keys of all living tokens.
	alive := l.rules.TokenTTL + 5*minute
	for _, tok := range l.tokens {
		k := l.key(t, tok.kid)
		if k.State == signing.Gone && !l.revoked[k.ID] && k.Removed.Before(tok.at.Add(alive)) {
			t.Fatalf("key %s left at %v, with a token of %v alive", k.ID, k.Removed, tok.at)
		}
	}
	for _, r := range l.replicas {
		ring, ok := r.Ring(signing.DefaultIssuer)
		if !ok {
			continue
		}
		for _, k := range ring.Keys() {
			if k.State == signing.Gone {
				t.Fatalf("key %s is gone and published", k.ID)
			}
		}
	}
	// Two rotations by schedule are an active life apart: replicas rotate once.
	var last time.Time
	for _, e := range l.store.Events() {
		if e.Action != "key.activate" {
			continue
		}
		if e.Details["why"] == "scheduled" && !last.IsZero() && e.Time.Sub(last) < l.rules.ActiveLife {
			t.Fatalf("rotated %v after a key began to sign", e.Time.Sub(last))
		}
		last = e.Time
	}
}

func TestWhateverHappensRotationKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newLife(t)
		for range rapid.IntRange(1, 50).Draw(t, "acts") {
			l.act(t)
			l.check(t)
		}
		// After all of it, two replicas that can look agree.
		for _, r := range l.replicas {
			r.cut = false
			if err := r.Step(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		l.move(2 * minute)
		l.sign(t, l.replicas[0])
		l.sign(t, l.replicas[1])
		if a, b := l.tokens[len(l.tokens)-1], l.tokens[len(l.tokens)-2]; a.kid != b.kid {
			t.Fatalf("two replicas sign with %s and %s", a.kid, b.kid)
		}
	})
}
