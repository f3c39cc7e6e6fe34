package signing_test

import (
	"testing"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signing"
)

func TestAReplicaThatWasAsleepSignsWithTheKeyThatIsActiveNow(t *testing.T) {
	s := newStand(t, signing.Settings{})
	awake, asleep := s.started(t), s.started(t)
	first := sign(t, asleep)
	s.move(31 * days)
	step(t, awake)
	s.move(2 * days) // the first key has left the JWKS
	step(t, awake)
	if kid := sign(t, asleep); kid == first || kid != activeKey(t, awake).ID {
		t.Errorf("it signs with %s, the active key is %s", kid, activeKey(t, awake).ID)
	}
}

func TestAReplicaSignsOnWhileTheDatabaseIsDownButNotForever(t *testing.T) {
	s := newStand(t, signing.Settings{})
	signer := s.started(t)
	kid := sign(t, signer)
	s.store.Down(true)
	for range 23 {
		s.move(hour)
		if err := signer.Step(t.Context()); err == nil {
			t.Fatal("a step without a database went well")
		}
		if got := sign(t, signer); got != kid {
			t.Fatalf("it signs with %s", got)
		}
	}
	s.move(45*minute + 1) // 23 h 45 min after the last look a token could outlive its key in the JWKS
	_, _, err := signer.Sign(t.Context(), signing.DefaultIssuer, nil)
	wantCode(t, err, fault.Unavailable, "state_stale")
	s.store.Down(false)
	s.move(minute)
	sign(t, signer) // by its own look, nobody stepped
}

// The worst case: the key is demoted the moment after a replica that is then
// cut off looked last, and that replica signs with it for as long as it may.
func TestNoTokenOutlivesItsKeyInTheJWKS(t *testing.T) {
	rules := signing.Settings{TokenTTL: 10 * minute, JWKSMaxAge: 10 * minute, Prepublish: hour, ActiveLife: 2 * hour, Retire: 40 * minute}
	s := newStand(t, rules)
	awake := s.started(t)
	s.move(2*hour - 1)
	way := &replica{Store: s.store}
	way.Signer = signing.New(s.rules, way, s.vault)
	step(t, way.Signer)
	way.cut = true
	s.move(1)
	step(t, awake)
	demoted, removed := s.now(), s.now().Add(rules.Retire)
	var last token
	for s.now().Before(removed) {
		if _, kid, err := way.Sign(t.Context(), signing.DefaultIssuer, nil); err == nil {
			last = token{kid, s.now()}
		}
		step(t, awake)
		s.move(minute)
	}
	if got := states(awake)[signing.Retiring]; len(got) != 1 || got[0] != last.kid {
		t.Fatalf("retiring: %v, the last token is of %s", got, last.kid)
	}
	if signed := last.at.Sub(demoted); signed < rules.JWKSMaxAge-minute {
		t.Errorf("it signed for %v only", signed)
	}
	if dies := last.at.Add(rules.TokenTTL + 5*minute); dies.After(removed) {
		t.Errorf("a token lives %v longer than its key is published", dies.Sub(removed))
	}
}

func TestTheUnsealedKeyIsForgottenWhenAnotherSigns(t *testing.T) {
	s := newStand(t, signing.Settings{})
	signer, other := s.started(t), s.started(t)
	first := sign(t, signer)
	s.move(31 * days)
	step(t, other)
	keys, version, err := s.store.SigningKeys(t.Context(), signing.DefaultIssuer)
	if err != nil {
		t.Fatal(err)
	}
	s.store.Down(true)
	signer.Set(signing.DefaultIssuer, keys, version)
	second := sign(t, signer)
	if second == first {
		t.Error("the demoted key signs")
	}
	signer.Set(signing.DefaultIssuer, nil, version-1) // a snapshot that is late
	if got := sign(t, signer); got != second {
		t.Error("an older snapshot was taken")
	}
	signer.Set(signing.DefaultIssuer, nil, version+1)
	_, _, err = signer.Sign(t.Context(), signing.DefaultIssuer, nil)
	wantCode(t, err, fault.Unavailable, "no_signing_key")
	_, _, err = signer.Sign(t.Context(), "another", nil)
	wantCode(t, err, fault.Unavailable, "no_signing_key")
}

func TestIssuersHaveKeysOfTheirOwn(t *testing.T) {
	s := newStand(t, signing.Settings{})
	signer := s.signer()
	signer.Set("org_1", nil, 0)
	step(t, signer)
	_, a, errA := signer.Sign(t.Context(), signing.DefaultIssuer, nil)
	_, b, errB := signer.Sign(t.Context(), "org_1", nil)
	if errA != nil || errB != nil || a == b {
		t.Errorf("signed by %s and %s (%v, %v)", a, b, errA, errB)
	}
}
