package access_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
)

func TestAKeyIsKnownByItsSecretAlone(t *testing.T) {
	s := newServer(t)
	k, whole := s.create(access.Input{
		Organization: orgA, Name: "search", Environments: []string{"prod"}, Models: []string{"titan"},
		Limits: caller.Limits{PerMinute: 60}, Tags: map[string]string{"team": "search"},
	})
	p, err := s.keys.Authenticate(t.Context(), whole.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	want := caller.Caller{
		Organization: orgA, Key: k.ID, Name: "search", Environments: []string{prod}, Models: []string{"titan"},
		Limits: caller.Limits{PerMinute: 60}, Tags: map[string]string{"team": "search"},
	}
	if d := cmp.Diff(want, p.Caller()); d != "" {
		t.Error(d)
	}
	if a := p.Actor("192.0.2.1"); a.Organization != orgA || a.Key != k.ID || a.Name != "search" || a.Address != "192.0.2.1" {
		t.Errorf("actor %+v", a)
	}
}

func TestEveryKeyThatDoesNotWorkIsRefusedAlike(t *testing.T) {
	s := newServer(t)
	_, expired := s.create(access.Input{Organization: orgA, Name: "expired", Expires: s.clock().Add(time.Minute)})
	revokedKey, revoked := s.make(orgA)
	if err := s.keys.Revoke(t.Context(), access.By{Principal: access.System()}, orgA, revokedKey.ID, 0); err != nil {
		t.Fatal(err)
	}
	_, good := s.make(orgA)
	other := newServer(t)
	_, unknown := other.make(orgA)
	s.pass(time.Minute)

	var sentences []string
	for name, presented := range map[string]string{
		"expired": expired.Reveal(), "revoked": revoked.Reveal(), "unknown": unknown.Reveal(),
		"cut": good.Reveal()[:60], "empty": "", "huge": strings.Repeat("a", 1<<20), "NUL": "\x00",
		"a token": "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJpc3MiOiJodHRwczovL2lzcyJ9.c2ln",
	} {
		_, err := s.keys.Authenticate(t.Context(), presented)
		if err == nil {
			t.Fatalf("%s: let in", name)
		}
		sentences = append(sentences, fmt.Sprintf("%+v", *fault.From(err)))
	}
	if slices.Sort(sentences); sentences[0] != sentences[len(sentences)-1] {
		t.Errorf("the answers tell why: %q", slices.Compact(sentences))
	}
	if !s.enters(good) {
		t.Error("the good key is refused")
	}
}

func TestAWrongSecretOfAKnownKeyDoesNotEnter(t *testing.T) {
	s := newServer(t)
	k, whole := s.make(orgA)
	if _, _, err := s.keys.Rotate(t.Context(), access.By{Principal: access.System()}, orgA, k.ID, 0); err != nil {
		t.Fatal(err)
	}
	if s.enters(whole) {
		t.Error("a secret without overlap works after the rotation")
	}
}

func TestARowOfTheDatabaseOpensNothingUnderAnotherPepperOrForAnotherKey(t *testing.T) {
	s := newServer(t)
	victim, _ := s.make(orgA)
	_, thief := s.make(orgB)
	rows := s.store.Things()
	i := slices.IndexFunc(rows, func(k access.Key) bool { return k.ID == victim.ID })
	j := slices.IndexFunc(rows, func(k access.Key) bool { return k.Organization == orgB })
	rows[i].Secrets = rows[j].Secrets // who can write to the database moves their own MAC to another's row
	s.keys.Set(rows)
	p, err := s.keys.Authenticate(t.Context(), thief.Reveal())
	if err != nil || p.Key.ID == victim.ID {
		t.Errorf("%v, %v", p.Key.ID, err)
	}

	other := newServer(t, func(s *access.Settings) { s.Pepper = []byte(strings.Repeat("q", 32)) })
	other.keys.Set(s.store.Things())
	if other.enters(thief) {
		t.Error("the key works under another pepper")
	}
}

// The time cannot be measured on a busy machine, but the work can: what the HMAC
// allocates is most of it. A pool of the library may allocate one more or less.
func TestAnUnknownIDTakesTheWorkOfAWrongSecret(t *testing.T) {
	s := newServer(t)
	k, old := s.make(orgA)
	if _, _, err := s.keys.Rotate(t.Context(), access.By{Principal: access.System()}, orgA, k.ID, 0); err != nil {
		t.Fatal(err)
	}
	other := newServer(t)
	_, unknown := other.make(orgA)
	work := func(presented string) float64 {
		return testing.AllocsPerRun(1000, func() {
			if _, err := s.keys.Authenticate(t.Context(), presented); err == nil {
				t.Error("let in")
			}
		})
	}
	wrong, none, unread := work(old.Reveal()), work(unknown.Reveal()), work("adit_x")
	if math.Abs(wrong-none) > 2 || min(wrong, none) < unread+6 {
		t.Errorf("a wrong secret allocates %v times, an unknown id %v, and what is no key %v", wrong, none, unread)
	}
}

func TestWithoutFreshConfigurationNobodyIsLetInAndNobodyIsCalledUnknown(t *testing.T) {
	stale := false
	s := newServer(t, func(s *access.Settings) {
		s.Fresh = func() error {
			if stale {
				return fault.New(fault.Unavailable, "stale").WithCode("state_stale")
			}
			return nil
		}
	})
	_, whole := s.make(orgA)
	stale = true
	if _, err := s.keys.Authenticate(t.Context(), whole.Reveal()); code(err) != "state_stale" {
		t.Errorf("a known key: %v", err)
	}
	if _, err := s.keys.Keys(orgA); code(err) != "state_stale" {
		t.Errorf("the list: %v", err)
	}
}

func TestLastUsesAreWrittenTogetherAndSurviveAnAbsence(t *testing.T) {
	s := newServer(t)
	k, whole := s.make(orgA)
	if !s.enters(whole) {
		t.Fatal("refused")
	}
	first := s.clock()
	if got, err := s.keys.LastUsed(t.Context(), orgA); err != nil || !got[k.ID].Equal(first) {
		t.Errorf("before it is written: %v, %v", got, err)
	}
	s.store.Before = func() error { return errors.New("away") }
	if err := s.keys.Flush(t.Context()); err == nil {
		t.Error("a failed write is no error")
	}
	s.pass(time.Second)
	s.keys.Used(k.ID)
	s.store.Before = nil
	if err := s.keys.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := s.store.LastUsed(t.Context(), orgA); err != nil || !got[k.ID].Equal(first.Add(time.Second)) {
		t.Errorf("written: %v, %v", got, err)
	}
	if got, err := s.keys.LastUsed(t.Context(), orgB); err != nil || len(got) != 0 {
		t.Errorf("another organization sees %v, %v", got, err)
	}
}

func TestRunWritesLastUsesUntilItIsEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		k, _ := s.make(orgA)
		ctx, end := context.WithCancel(t.Context())
		go s.keys.Run(ctx)
		s.keys.Used(k.ID)
		time.Sleep(11 * time.Second)
		synctest.Wait()
		if got, err := s.store.LastUsed(ctx, orgA); err != nil || len(got) != 1 {
			t.Errorf("%v, %v", got, err)
		}
		end()
		synctest.Wait()
	})
}

func BenchmarkAuthenticate(b *testing.B) {
	t := &testing.T{}
	s := newServer(t)
	_, whole, err := s.keys.Create(b.Context(), access.By{Principal: access.System()}, access.Input{Organization: orgA, Name: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.keys.Authenticate(b.Context(), whole.Reveal()); err != nil {
			b.Fatal(err)
		}
	}
}
