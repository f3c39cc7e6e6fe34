package signing_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signing"
)

func TestARevokedKeyLeavesAtOnceAndTheRipeOneSigns(t *testing.T) {
	s := newStand(t, signing.Settings{})
	signer := s.started(t)
	s.move(2 * days)
	leaked, next := sign(t, signer), states(signer)[signing.Next][0]
	got, err := signer.Revoke(t.Context(), operator(), leaked, false)
	if err != nil {
		t.Fatal(err)
	}
	after := states(signer)
	want := signing.Revocation{
		KID: leaked, Was: signing.Active, At: s.now(), Signed: s.now().Add(-2 * days), Promoted: next, Next: after[signing.Next][0], TrustedUntil: s.now().Add(hour),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("revocation (-want +got):\n%s", diff)
	}
	if kid := sign(t, signer); kid != next {
		t.Errorf("%s signs, want %s", kid, next)
	}
	if ring, _ := signer.Ring(signing.DefaultIssuer); ring.Has(leaked) || len(ring.Keys()) != 2 {
		t.Errorf("published: %v", after)
	}
	if k := s.store.All(signing.DefaultIssuer)[0]; k.State != signing.Gone || k.Sealed != nil || !k.Removed.Equal(s.now()) || !k.Demoted.Equal(s.now()) {
		t.Errorf("the revoked key is %+v", k)
	}
	var actions []string
	for _, e := range s.store.Events()[3:] {
		actions = append(actions, e.Action)
		if e.Actor != operator() || e.Details["why"] != "revoked" {
			t.Errorf("event %+v", e)
		}
	}
	slices.Sort(actions)
	if diff := cmp.Diff([]string{"key.activate", "key.create", "key.revoke"}, actions); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestRevokeWithoutARipeKeyIsRefusedUnlessForced(t *testing.T) {
	s := newStand(t, signing.Settings{})
	signer := s.started(t)
	s.move(hour)
	leaked := sign(t, signer)
	before := s.store.All(signing.DefaultIssuer)
	_, err := signer.Revoke(t.Context(), operator(), leaked, false)
	wantCode(t, err, fault.Invalid, "no_ripe_key")
	for _, part := range []string{"outage", "2026-03-02T12:00:00Z", "--force", "an hour"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("the refusal does not say %q: %v", part, err)
		}
	}
	if diff := cmp.Diff(before, s.store.All(signing.DefaultIssuer)); diff != "" {
		t.Errorf("the refusal changed keys:\n%s", diff)
	}
	got, err := signer.Revoke(t.Context(), operator(), leaked, true)
	if err != nil || !got.Unripe || got.Promoted == "" {
		t.Fatalf("got %+v, %v", got, err)
	}
	if k := activeKey(t, signer); k.Unripe != "forced" || k.ID != got.Promoted || sign(t, signer) != k.ID {
		t.Errorf("the active key is %+v", k)
	}
}

func TestRevokeByForceMakesAKeyWhereThereIsNone(t *testing.T) {
	s := newStand(t, signing.Settings{})
	signer := s.started(t)
	next := s.store.All(signing.DefaultIssuer)[1]
	next.State, next.Sealed = signing.Gone, nil
	s.store.Put(next)
	_, err := signer.Revoke(t.Context(), operator(), activeKey(t, signer).ID, false)
	wantCode(t, err, fault.Invalid, "no_ripe_key")
	got, err := signer.Revoke(t.Context(), operator(), activeKey(t, signer).ID, true)
	if err != nil || sign(t, signer) != got.Promoted || !got.Unripe || got.Next == "" || got.Next == got.Promoted {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestARevocationMayTakeTheKeyOfTheFormerAlgorithm(t *testing.T) {
	s := newStand(t, signing.Settings{})
	s.started(t)
	s.move(10 * days)
	s.rules.Algorithm = signing.RS256
	signer := s.started(t)
	got, err := signer.Revoke(t.Context(), operator(), activeKey(t, signer).ID, false)
	if err != nil || got.Unripe || activeKey(t, signer).Algorithm != signing.ES256 {
		t.Errorf("got %+v, %v; the active key is %+v", got, err, activeKey(t, signer))
	}
}

func TestKeysThatDoNotSignAreRevokedWithoutAnOutage(t *testing.T) {
	s := newStand(t, signing.Settings{})
	signer := s.started(t)
	s.move(2 * days)
	if err := signer.Rotate(t.Context(), operator()); err != nil {
		t.Fatal(err)
	}
	active := sign(t, signer)
	for _, state := range []signing.State{signing.Next, signing.Retiring} {
		kid := states(signer)[state][0]
		got, err := signer.Revoke(t.Context(), operator(), kid, false)
		if err != nil || got.Was != state || got.Promoted != "" || got.Next == "" || got.Next == kid {
			t.Errorf("got %+v, %v", got, err)
		}
		if ring, _ := signer.Ring(signing.DefaultIssuer); ring.Has(kid) || sign(t, signer) != active {
			t.Errorf("after revoking a key that is %s: %v", state, states(signer))
		}
		if (got.Advice() == "") != (state == signing.Next) {
			t.Errorf("advice for a key that was %s: %q", state, got.Advice())
		}
		_, err = signer.Revoke(t.Context(), operator(), kid, true)
		wantCode(t, err, fault.NotFound, "key_not_found")
	}
}

func TestTheAdviceHoldsThePolicyForBothTimes(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 1, time.UTC)
	r := signing.Revocation{KID: "kid", At: at, Signed: at.Add(-days), TrustedUntil: at.Add(hour)}
	for _, part := range []string{"kid", `"2026-03-01T12:00:01Z"`, `"2026-03-01T13:00:01Z"`, "aws:TokenIssueTime", "12 hours"} {
		if !strings.Contains(r.Advice(), part) {
			t.Errorf("the advice does not say %s:\n%s", part, r.Advice())
		}
	}
	var policy struct {
		Version   string
		Statement []struct {
			Sid, Effect, Action, Resource string
			Condition                     map[string]map[string]string
		}
	}
	if err := json.Unmarshal([]byte(signing.DenySessionsBefore(at)), &policy); err != nil {
		t.Fatal(err)
	}
	if s := policy.Statement[0]; s.Effect != "Deny" || s.Action != "*" || s.Resource != "*" || s.Condition["DateLessThan"]["aws:TokenIssueTime"] != "2026-03-01T12:00:01Z" {
		t.Errorf("got %+v", s)
	}
}
