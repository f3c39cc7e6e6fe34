package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signing"
	"github.com/adit-hq/adit/internal/store"
)

func signingStories() []story {
	return []story{
		{"signing keys move through their states", keyLife},
		{"of many that change the keys of one version one does", oneRotates},
		{"a key that is gone stays gone", goneStays},
		{"issuers do not see each other's keys", twoIssuers},
	}
}

func signingKey(id string, state signing.State) signing.Key {
	return signing.Key{
		ID: id, Issuer: signing.DefaultIssuer, Algorithm: "RS256", State: state, Public: []byte(`{"kty":"RSA","kid":"` + id + `"}`),
		Sealed: []byte{1, 0, 255}, Created: Now(),
	}
}

func keyLife(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	wantKeys(t, s, signing.DefaultIssuer, nil, 0)
	first, second := signingKey("kid-b", signing.Active), signingKey("kid-a", signing.Next)
	first.Activated, first.Unripe, second.Created = Now(), "first", Now().Add(time.Microsecond)
	put(t, s, 0, first, second)
	wantKeys(t, s, signing.DefaultIssuer, []signing.Key{first, second}, 1)

	first.State, first.Demoted, first.Sealed = signing.Retiring, Now().Add(time.Hour), nil
	second.State, second.Activated = signing.Active, Now().Add(time.Hour)
	put(t, s, 1, second, first)
	wantKeys(t, s, signing.DefaultIssuer, []signing.Key{first, second}, 2)

	first.State, first.Removed = signing.Gone, Now().Add(2*time.Hour)
	put(t, s, 2, first)
	wantKeys(t, s, signing.DefaultIssuer, []signing.Key{second}, 3)
	want := map[string]store.SigningKeys{signing.DefaultIssuer: {Keys: []signing.Key{second}, Version: 3}}
	if diff := cmp.Diff(want, snapshot(t, s).Issuers); diff != "" {
		t.Errorf("in the snapshot (-want +got):\n%s", diff)
	}
}

func put(t *testing.T, s *store.Store, version int64, keys ...signing.Key) {
	t.Helper()
	done, err := s.ChangeSigningKeys(t.Context(), keys[0].Issuer, version, keys, Event("", "signing.change"))
	if !done || err != nil {
		t.Fatalf("the keys of version %d were not changed: %v", version, err)
	}
}

func wantKeys(t *testing.T, s *store.Store, issuer string, want []signing.Key, version int64) {
	t.Helper()
	got, v, err := s.SigningKeys(t.Context(), issuer)
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" || v != version {
		t.Errorf("version %d, want %d; keys (-want +got):\n%s", v, version, diff)
	}
}

func oneRotates(t *testing.T, e Engine) {
	url := e.New(t)
	stores := []*store.Store{Open(t, url), Open(t, url)}
	for version := range int64(4) {
		before := snapshot(t, stores[0])
		var won atomic.Int64
		var work sync.WaitGroup
		for i := range 8 {
			work.Go(func() {
				k := signingKey(fmt.Sprintf("kid-%d-%d", version, i), signing.Next)
				done, err := stores[i%2].ChangeSigningKeys(t.Context(), signing.DefaultIssuer, version, []signing.Key{k}, Event("", "signing.rotate"))
				if err != nil {
					t.Error(err)
				}
				if done {
					won.Add(1)
				}
			})
		}
		work.Wait()
		after := snapshot(t, stores[1])
		if n := won.Load(); n != 1 || after.Revision != before.Revision+1 {
			t.Errorf("version %d: %d of 8 changed the keys, and the revision rose by %d; want 1 and 1", version, n, after.Revision-before.Revision)
		}
		if i := after.Issuers[signing.DefaultIssuer]; len(i.Keys) != int(version)+1 || i.Version != version+1 {
			t.Errorf("version %d has %d keys, want version %d with %d", i.Version, len(i.Keys), version+1, version+1)
		}
	}
	wantSound(t, stores[0], 4)
}

func goneStays(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	k := signingKey("kid-1", signing.Gone)
	k.Sealed = nil
	put(t, s, 0, k)
	back := signingKey("kid-1", signing.Active)
	_, err := s.ChangeSigningKeys(t.Context(), signing.DefaultIssuer, 1, []signing.Key{signingKey("kid-2", signing.Next), back})
	wantFault(t, err, fault.Internal, "id_taken")
	wantKeys(t, s, signing.DefaultIssuer, nil, 1)
}

func twoIssuers(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	ours, theirs := signingKey("kid-1", signing.Active), signingKey("kid-2", signing.Active)
	theirs.Issuer = "org_1"
	put(t, s, 0, ours)
	put(t, s, 0, theirs)
	wantKeys(t, s, signing.DefaultIssuer, []signing.Key{ours}, 1)
	wantKeys(t, s, "org_1", []signing.Key{theirs}, 1)
	if _, err := s.ChangeSigningKeys(t.Context(), "org_1", 1, []signing.Key{ours}); err == nil {
		t.Error("an issuer's change wrote another issuer's key")
	}
	stolen := ours
	stolen.Issuer = "org_1"
	_, err := s.ChangeSigningKeys(t.Context(), "org_1", 1, []signing.Key{stolen})
	wantFault(t, err, fault.Internal, "id_taken")
	wantKeys(t, s, signing.DefaultIssuer, []signing.Key{ours}, 1)
}
