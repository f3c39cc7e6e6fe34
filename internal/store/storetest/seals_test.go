package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/seal"
	"github.com/adit-hq/adit/internal/signing"
	"github.com/adit-hq/adit/internal/store"
)

func sealStories() []story {
	return []story{
		{"of a purpose the first record is kept", firstRecord},
		{"a new seal is put on everything or on nothing", newSeal},
		{"vaults of one master key share their secrets", sharedSecrets},
	}
}

func firstRecord(t *testing.T, e Engine) {
	url := e.New(t)
	stores := []*store.Store{Open(t, url), Open(t, url)}
	kept := make([]seal.Record, 8)
	var work sync.WaitGroup
	for i := range kept {
		work.Go(func() {
			r := seal.Record{ID: fmt.Sprintf("seal-%d", i), Purpose: "pepper", State: "sealed", Sealed: []byte{byte(i), 0, 255}}
			var err error
			if kept[i], err = stores[i%2].AddSealedRecord(t.Context(), r); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	records, err := stores[0].SealedRecords(t.Context())
	must(t, err)
	for i, r := range kept {
		if diff := cmp.Diff(records, []seal.Record{r}); diff != "" {
			t.Errorf("the answer to number %d is not what is kept (-kept +answer):\n%s", i, diff)
		}
	}
}

func newSeal(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	for _, purpose := range []string{"pepper", "audit"} {
		_, err := s.AddSealedRecord(t.Context(), seal.Record{ID: "id-" + purpose, Purpose: purpose, State: "sealed", Sealed: []byte("old " + purpose)})
		must(t, err)
	}
	active, retired := signingKey("kid-1", signing.Active), signingKey("kid-2", signing.Retiring)
	active.Sealed, retired.Sealed = []byte("old kid-1"), nil
	put(t, s, 0, active, retired)

	refuse := func(r seal.Record) (seal.Record, error) {
		if r.Purpose == "signing-key" {
			return r, errors.New("the last one fails")
		}
		r.Sealed = []byte("half done")
		return r, nil
	}
	before := snapshot(t, s)
	if err := s.Rewrap(t.Context(), refuse, Event("", "seal.rewrap")); err == nil {
		t.Error("a failing wrap was no error")
	}
	if diff := cmp.Diff(before, snapshot(t, s)); diff != "" {
		t.Errorf("the failed one left something (-before +after):\n%s", diff)
	}

	var seen []string
	must(t, s.Rewrap(t.Context(), func(r seal.Record) (seal.Record, error) {
		seen = append(seen, r.ID+" "+r.Purpose+" "+r.State)
		return seal.Record{Sealed: bytes.Replace(r.Sealed, []byte("old"), []byte("new"), 1)}, nil
	}, Event("", "seal.rewrap")))
	if diff := cmp.Diff([]string{"id-audit audit sealed", "id-pepper pepper sealed", "kid-1 signing-key active"}, seen); diff != "" {
		t.Errorf("what was sealed anew (-want +got):\n%s", diff)
	}
	records, err := s.SealedRecords(t.Context())
	must(t, err)
	if string(records[0].Sealed) != "new audit" || records[0].Purpose != "audit" || string(records[1].Sealed) != "new pepper" {
		t.Errorf("the records are %+v", records)
	}
	// The version rose, so that who read the key under the old seal cannot write it back.
	active.Sealed = []byte("new kid-1")
	wantKeys(t, s, signing.DefaultIssuer, []signing.Key{active, retired}, 2)
}

func sharedSecrets(t *testing.T, e Engine) {
	url := e.New(t)
	master := seal.NewMaster()
	secrets := make([][]byte, 6)
	var work sync.WaitGroup
	for i := range secrets {
		s := Open(t, url)
		work.Go(func() {
			v, err := seal.OpenVault(t.Context(), master, s)
			if err == nil {
				secrets[i], err = v.Secret(t.Context(), "pepper")
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	for _, secret := range secrets {
		if len(secret) != 32 || !bytes.Equal(secret, secrets[0]) {
			t.Fatal("six vaults of one master key have different secrets")
		}
	}
	if _, err := seal.OpenVault(t.Context(), seal.NewMaster(), Open(t, url)); err == nil {
		t.Error("another master key opened the vault")
	}
}
