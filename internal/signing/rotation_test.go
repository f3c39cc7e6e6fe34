package signing_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signing"
)

func TestANewIssuerSignsAtOnceAndHasANextKey(t *testing.T) {
	s := newStand(t, signing.Settings{})
	signer := s.signer()
	if _, _, err := signer.Sign(t.Context(), signing.DefaultIssuer, nil); err == nil {
		t.Error("it signed before it had a key")
	} else {
		wantCode(t, err, fault.Unavailable, "no_signing_key")
	}
	step(t, signer)
	if kid := sign(t, signer); activeKey(t, signer).ID != kid || activeKey(t, signer).Unripe != "first" {
		t.Errorf("signed by %s, the active key is %+v", kid, activeKey(t, signer))
	}
	if got := states(signer); len(got[signing.Active]) != 1 || len(got[signing.Next]) != 1 {
		t.Errorf("got %v", got)
	}
	step(t, signer)
	if n := s.store.Writes(); n != 1 {
		t.Errorf("%d writes, want 1", n)
	}
}

func TestAKeyIsPublishedForItsPrepublishTimeBeforeItSigns(t *testing.T) {
	s := newStand(t, signing.Settings{})
	signer := s.started(t)
	first, next := activeKey(t, signer).ID, states(signer)[signing.Next][0]
	for range 30*24 - 1 { // hours
		s.move(hour)
		step(t, signer)
		if kid := sign(t, signer); kid != first {
			t.Fatalf("another key signs %v early", s.now())
		}
	}
	s.move(hour)
	step(t, signer)
	if kid := sign(t, signer); kid != next {
		t.Errorf("after 30 days %s signs, want the next key %s", kid, next)
	}
	got := states(signer)
	if diff := cmp.Diff([]string{first}, got[signing.Retiring]); diff != "" || len(got[signing.Next]) != 1 || got[signing.Next][0] == next {
		t.Errorf("got %v", got)
	}
	s.move(23 * hour)
	step(t, signer)
	if len(states(signer)[signing.Retiring]) != 1 {
		t.Error("the former key left before its retire time")
	}
	s.move(hour)
	step(t, signer)
	if got := states(signer); len(got[signing.Retiring]) != 0 {
		t.Errorf("the former key is still published: %v", got)
	}
	all := s.store.All(signing.DefaultIssuer)
	if all[0].State != signing.Gone || all[0].Removed.IsZero() || all[0].Demoted.IsZero() {
		t.Errorf("the former key is %+v", all[0])
	}
}

func TestThePrivateHalfIsErasedInTheChangeThatDemotes(t *testing.T) {
	s := newStand(t, signing.Settings{})
	signer := s.started(t)
	s.move(31 * days)
	before := s.store.Writes()
	step(t, signer)
	if n := s.store.Writes() - before; n != 1 {
		t.Errorf("the rotation took %d writes, want 1", n)
	}
	for _, k := range s.store.All(signing.DefaultIssuer) {
		if signs := k.State == signing.Next || k.State == signing.Active; signs != (k.Sealed != nil) {
			t.Errorf("a key that is %s has %d sealed bytes", k.State, len(k.Sealed))
		}
	}
}

func TestASealedHalfKeptFromAnotherStateDoesNotSign(t *testing.T) {
	s := newStand(t, signing.Settings{})
	s.started(t)
	keys := s.store.All(signing.DefaultIssuer)
	active, next := keys[0], keys[1]
	// Whoever writes to the database cannot make the next key sign early...
	active.State, next.State = signing.Retiring, signing.Active
	s.store.Put(active)
	s.store.Put(next)
	fresh := s.signer()
	step(t, fresh)
	_, _, err := fresh.Sign(t.Context(), signing.DefaultIssuer, nil)
	wantCode(t, err, fault.Config, "seal_broken")
	// ... nor give a kid the private half of another.
	next.State, active.State, active.Sealed = signing.Next, signing.Active, next.Sealed
	s.store.Put(active)
	s.store.Put(next)
	fresh = s.signer()
	step(t, fresh)
	_, _, err = fresh.Sign(t.Context(), signing.DefaultIssuer, nil)
	wantCode(t, err, fault.Config, "seal_broken")
	// Not even whoever can seal makes a kid sign with another private half.
	pair, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	private, _ := x509.MarshalPKCS8PrivateKey(pair)
	active.Sealed, _ = s.vault.Seal(active.ID, signing.Purpose, "active", private)
	s.store.Put(active)
	fresh = s.signer()
	step(t, fresh)
	if _, _, err = fresh.Sign(t.Context(), signing.DefaultIssuer, nil); err == nil {
		t.Error("another private half signs")
	}
}

func TestNothingPrivateIsPublishedOrStoredInClear(t *testing.T) {
	for _, algorithm := range []string{signing.RS256, signing.ES256} {
		s := newStand(t, signing.Settings{Algorithm: algorithm})
		signer := s.started(t)
		ring, _ := signer.Ring(signing.DefaultIssuer)
		for _, raw := range ring.Public() {
			var fields map[string]any
			if err := json.Unmarshal(raw, &fields); err != nil {
				t.Fatal(err)
			}
			want := map[string][]string{signing.RS256: {"alg", "e", "kid", "kty", "n", "use"}, signing.ES256: {"alg", "crv", "kid", "kty", "use", "x", "y"}}[algorithm]
			var got []string
			for name := range fields {
				got = append(got, name)
			}
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("members of the JWK (-want +got):\n%s", diff)
			}
		}
		for _, k := range s.store.All(signing.DefaultIssuer) {
			for _, mark := range []string{`"d"`, `"p"`, `"k"`, "PRIVATE KEY", "\x30\x82", "\x02\x01\x00\x30"} {
				if bytes.Contains(k.Public, []byte(mark)) {
					t.Errorf("the stored key holds %q", mark)
				}
			}
		}
		for _, k := range signer.Keys(signing.DefaultIssuer) {
			if k.Sealed != nil {
				t.Error("Keys gives sealed halves out")
			}
		}
	}
}

func TestAStoredJWKWithMoreInItIsPublishedWithoutThat(t *testing.T) {
	s := newStand(t, signing.Settings{})
	signer := s.started(t)
	keys := s.store.All(signing.DefaultIssuer)
	keys[1].Public = bytes.ReplaceAll(keys[0].Public, []byte(keys[0].ID), []byte(keys[1].ID)) // another key's numbers
	keys[0].Public = bytes.Replace(keys[0].Public, []byte("{"), []byte(`{"note":"x","d":"`+strings.Repeat("A", 42)+`E",`), 1)
	signer.Set(signing.DefaultIssuer, keys, 99)
	ring, _ := signer.Ring(signing.DefaultIssuer)
	for _, raw := range ring.Public() {
		if strings.Contains(string(raw), `"d"`) || strings.Contains(string(raw), "note") {
			t.Errorf("published: %s", raw)
		}
	}
	if !ring.Has(keys[0].ID) || ring.Has(keys[1].ID) {
		t.Error("a kid was published with another key's numbers")
	}
}

func TestReplicasThatStepAtOnceRotateOnce(t *testing.T) {
	s := newStand(t, signing.Settings{})
	var replicas []*signing.Signer
	for range 8 {
		replicas = append(replicas, s.signer())
	}
	for round := range 3 {
		var wg sync.WaitGroup
		for _, r := range replicas {
			wg.Go(func() {
				if err := r.Step(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := s.store.Writes(); n != round+1 {
			t.Fatalf("%d writes after %d rounds", n, round+1)
		}
		kid := sign(t, replicas[0])
		for _, r := range replicas[1:] {
			if other := sign(t, r); other != kid {
				t.Errorf("one replica signs with %s, another with %s", kid, other)
			}
		}
		s.move(31 * days)
	}
}

func TestAnotherAlgorithmComesWithTheNextKey(t *testing.T) {
	s := newStand(t, signing.Settings{})
	old := s.started(t)
	s.move(10 * days)
	s.rules.Algorithm = signing.RS256
	signer := s.started(t)
	if ring, _ := signer.Ring(signing.DefaultIssuer); len(ring.Keys()) != 3 || !slices.Equal(ring.Algorithms(), []string{signing.ES256, signing.RS256}) {
		t.Fatalf("%d keys with %v, want 3 with both algorithms", len(ring.Keys()), ring.Algorithms())
	}
	err := signer.Rotate(t.Context(), operator())
	wantCode(t, err, fault.Invalid, "no_ripe_key")
	s.move(days)
	step(t, signer) // the new algorithm's next is ripe: the other's is not needed any more
	if ring, _ := signer.Ring(signing.DefaultIssuer); len(ring.Keys()) != 2 {
		t.Errorf("%d keys, want 2", len(ring.Keys()))
	}
	if err := signer.Rotate(t.Context(), operator()); err != nil {
		t.Fatal(err)
	}
	sign(t, signer)
	if k := activeKey(t, signer); k.Algorithm != signing.RS256 || k.Unripe != "" {
		t.Errorf("the active key is %+v", k)
	}
	old.Set(signing.DefaultIssuer, s.store.All(signing.DefaultIssuer), 99)
	sign(t, old) // a replica with the former setting signs with the same key
}

func TestRotateWantsARipeKeyAndSaysWhen(t *testing.T) {
	s := newStand(t, signing.Settings{})
	signer := s.started(t)
	err := signer.Rotate(t.Context(), operator())
	wantCode(t, err, fault.Invalid, "no_ripe_key")
	if err == nil || !strings.Contains(err.Error(), "2026-03-02T12:00:00Z") {
		t.Errorf("it does not say when: %v", err)
	}
	for range 8 { // the former keys stay for a day, so they are 3 at a time
		s.move(days)
		if err := signer.Rotate(t.Context(), operator()); err != nil {
			t.Fatal(err)
		}
		step(t, signer)
	}
	last := s.store.Events()[len(s.store.Events())-4:]
	if last[1].Actor != operator() || last[1].Action != "key.activate" {
		t.Errorf("the event is %+v", last[1])
	}
}

func TestRotateStopsBeforeTooManyKeysArePublished(t *testing.T) {
	s := newStand(t, signing.Settings{Retire: 60 * days})
	signer := s.started(t)
	for {
		s.move(days)
		if err := signer.Rotate(t.Context(), operator()); err != nil {
			wantCode(t, err, fault.Invalid, "too_many_keys")
			break
		}
	}
	if n := len(signer.Keys(signing.DefaultIssuer)); n != 9 {
		t.Errorf("%d keys are published, want 9", n)
	}
}

func TestABrokenNextKeyDoesNotHoldUpTheRest(t *testing.T) {
	s := newStand(t, signing.Settings{})
	signer := s.started(t)
	next := s.store.All(signing.DefaultIssuer)[1]
	next.Sealed[20] ^= 1
	s.store.Put(next)
	s.move(31 * days)
	if err := signer.Step(t.Context()); err == nil {
		t.Error("a next key that cannot be opened was not told")
	}
	sign(t, signer)
	if _, err := signer.Revoke(t.Context(), operator(), next.ID, false); err != nil {
		t.Fatal(err)
	}
	s.move(days)
	step(t, signer)
	if kid := sign(t, signer); kid == next.ID {
		t.Error("the broken key signs")
	}
}

func TestARefreshFollowsEveryChange(t *testing.T) {
	s := newStand(t, signing.Settings{})
	n := 0
	s.rules.Refresh = func(context.Context) error { n++; return errors.New("not now") }
	signer := s.started(t)
	step(t, signer)
	if n != 1 {
		t.Errorf("refreshed %d times, want 1", n)
	}
	sign(t, signer)
}

func TestRunStepsUntilItIsEnded(t *testing.T) {
	defer goleak.VerifyNone(t)
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, signing.Settings{Prepublish: hour, ActiveLife: 2 * hour})
		s.rules.Now = nil // the bubble's
		s.rules.Log = discard()
		signer := s.signer()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { signer.Run(ctx); close(done) }()
		time.Sleep(3 * hour)
		if n := len(s.store.All(signing.DefaultIssuer)); n != 3 {
			t.Errorf("%d keys were made, want 3", n)
		}
		cancel()
		<-done
	})
}
