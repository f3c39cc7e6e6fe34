package seal_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/seal"
	"github.com/adit-hq/adit/internal/seal/sealtest"
	"github.com/adit-hq/adit/internal/secret"
)

func open(t *testing.T, m seal.Master, s seal.Store) *seal.Vault {
	t.Helper()
	v, err := seal.OpenVault(t.Context(), m, s)
	if err != nil {
		t.Fatalf("OpenVault: %v", err)
	}
	return v
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != code {
		t.Errorf("got error %v, want code %q", err, code)
	}
}

func TestWhatIsSealedOpensAgainAndShowsNothing(t *testing.T) {
	v := open(t, seal.NewMaster(), &sealtest.Store{})
	plain := []byte("the private half of a key")
	a, err := v.Seal("id", "signing-key", "next", plain)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := v.Seal("id", "signing-key", "next", plain)
	if bytes.Equal(a, b) {
		t.Error("two seals of the same secret are equal")
	}
	if bytes.Contains(a, plain[:8]) {
		t.Error("the sealed bytes show the secret")
	}
	got, err := v.Open("id", "signing-key", "next", a)
	if err != nil || !bytes.Equal(got, plain) {
		t.Errorf("Open gave %q, %v", got, err)
	}
	if empty, err := v.Seal("id", "p", "s", nil); err != nil {
		t.Error(err)
	} else if got, err := v.Open("id", "p", "s", empty); err != nil || len(got) != 0 {
		t.Errorf("an empty secret came back as %q, %v", got, err)
	}
}

func TestASealHoldsForItsIDPurposeAndStateOnly(t *testing.T) {
	v := open(t, seal.NewMaster(), &sealtest.Store{})
	sealed, _ := v.Seal("id", "purpose", "state", []byte("secret"))
	for _, b := range [][3]string{
		{"other", "purpose", "state"}, {"id", "other", "state"}, {"id", "purpose", "active"},
		{"idp", "urpose", "state"}, {"id", "purposes", "tate"}, {"", "idpurpose", "state"}, {"purpose", "id", "state"}, {"id\x00purpose", "", "state"},
	} {
		if _, err := v.Open(b[0], b[1], b[2], sealed); err == nil {
			t.Errorf("it opened as %q", b)
		} else {
			wantCode(t, err, "seal_broken")
		}
	}
}

func TestTwoSwappedCiphertextsAreRefused(t *testing.T) {
	store, master := &sealtest.Store{}, seal.NewMaster()
	v := open(t, master, store)
	for _, purpose := range []string{"api-key-pepper", "audit-key"} {
		if _, err := v.Secret(t.Context(), purpose); err != nil {
			t.Fatal(err)
		}
	}
	records, _ := store.SealedRecords(t.Context())
	records[1].Sealed, records[2].Sealed = records[2].Sealed, records[1].Sealed
	store.Replace(records)
	_, err := v.Secret(t.Context(), "audit-key")
	wantCode(t, err, "seal_broken")
	_, err = seal.OpenVault(t.Context(), master, store)
	wantCode(t, err, "seal_broken")
	// The ciphertext's own parts cannot be exchanged either.
	a, _ := v.Seal("id", "p", "s", []byte("first secret"))
	b, _ := v.Seal("id", "p", "s", []byte("other secret"))
	if _, err := v.Open("id", "p", "s", append(bytes.Clone(a[:61]), b[61:]...)); err == nil {
		t.Error("the data key of one record opened the data of another")
	}
}

func TestEveryAlteredByteBreaksTheSeal(t *testing.T) {
	v := open(t, seal.NewMaster(), &sealtest.Store{})
	sealed, _ := v.Seal("id", "p", "s", []byte("secret"))
	for i := range sealed {
		altered := bytes.Clone(sealed)
		altered[i] ^= 1
		if _, err := v.Open("id", "p", "s", altered); err == nil {
			t.Fatalf("byte %d of %d altered, and it opened", i, len(sealed))
		}
		if _, err := v.Open("id", "p", "s", sealed[:i]); err == nil {
			t.Fatalf("cut off after %d bytes, and it opened", i)
		}
	}
	if _, err := v.Open("id", "p", "s", append(bytes.Clone(sealed), 0)); err == nil {
		t.Error("a byte more, and it opened")
	}
}

func TestAWrongMasterKeyStopsTheStartAndMakesNothing(t *testing.T) {
	store, right := &sealtest.Store{}, seal.NewMaster()
	pepper, err := open(t, right, store).Secret(t.Context(), "api-key-pepper")
	if err != nil {
		t.Fatal(err)
	}
	before, _ := store.SealedRecords(t.Context())
	_, err = seal.OpenVault(t.Context(), seal.NewMaster(), store)
	wantCode(t, err, "wrong_master_key")
	if fault.KindOf(err) != fault.Config {
		t.Errorf("kind %v, want config", fault.KindOf(err))
	}
	after, _ := store.SealedRecords(t.Context())
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("the store changed:\n%s", diff)
	}
	again, err := open(t, right, store).Secret(t.Context(), "api-key-pepper")
	if err != nil || !bytes.Equal(pepper, again) {
		t.Errorf("the right key gives another secret, %v", err)
	}
	_, err = seal.OpenVault(t.Context(), seal.Master{}, store)
	wantCode(t, err, "bad_master_key")
}

func TestSecretsWithoutTheKnownRecordStopTheStart(t *testing.T) {
	store, master := &sealtest.Store{}, seal.NewMaster()
	if _, err := open(t, master, store).Secret(t.Context(), "audit-key"); err != nil {
		t.Fatal(err)
	}
	records, _ := store.SealedRecords(t.Context())
	store.Replace(records[1:])
	_, err := seal.OpenVault(t.Context(), master, store)
	wantCode(t, err, "seal_broken")
}

// lateStore shows a replica an empty store, though another has just written.
type lateStore struct{ *sealtest.Store }

func (lateStore) SealedRecords(context.Context) ([]seal.Record, error) { return nil, nil }

func TestReplicasThatStartAtOnceAgree(t *testing.T) {
	store, master := &sealtest.Store{}, seal.NewMaster()
	first := open(t, master, store)
	late := open(t, master, lateStore{store})
	a, errA := first.Secret(t.Context(), "audit-key")
	b, errB := late.Secret(t.Context(), "audit-key")
	if errA != nil || errB != nil || !bytes.Equal(a, b) {
		t.Errorf("two replicas have two secrets (%v, %v)", errA, errB)
	}
	if len(a) != 32 {
		t.Errorf("a secret of %d bytes, want 32", len(a))
	}
	_, err := seal.OpenVault(t.Context(), seal.NewMaster(), lateStore{store})
	wantCode(t, err, "wrong_master_key")
	other, _ := first.Secret(t.Context(), "api-key-pepper")
	if bytes.Equal(a, other) {
		t.Error("two purposes share a secret")
	}
	if _, err := first.Secret(t.Context(), "known-answer"); err == nil {
		t.Error("the known answer was given out as a secret")
	}
}

func TestRewrapMovesRecordsToANewMasterKey(t *testing.T) {
	store, before, after := &sealtest.Store{}, seal.NewMaster(), seal.NewMaster()
	v := open(t, before, store)
	pepper, _ := v.Secret(t.Context(), "api-key-pepper")
	sealed, _ := v.Seal("kid", "signing-key", "active", []byte("private"))
	records, _ := store.SealedRecords(t.Context())
	for i, r := range records {
		var err error
		if records[i], err = v.Rewrap(after, r); err != nil {
			t.Fatal(err)
		}
	}
	key, err := v.Rewrap(after, seal.Record{ID: "kid", Purpose: "signing-key", State: "active", Sealed: sealed})
	if err != nil {
		t.Fatal(err)
	}
	store.Replace(records)

	_, err = seal.OpenVault(t.Context(), before, store)
	wantCode(t, err, "wrong_master_key")
	w := open(t, after, store)
	if got, err := w.Secret(t.Context(), "api-key-pepper"); err != nil || !bytes.Equal(got, pepper) {
		t.Errorf("the secret changed, %v", err)
	}
	if got, err := w.Open("kid", "signing-key", "active", key.Sealed); err != nil || string(got) != "private" {
		t.Errorf("the key came back as %q, %v", got, err)
	}
	if _, err := w.Open("kid", "signing-key", "next", key.Sealed); err == nil {
		t.Error("rewrapping lost the state it is bound to")
	}
	erased, err := w.Rewrap(before, seal.Record{ID: "kid", Purpose: "signing-key", State: "retiring"})
	if err != nil || erased.Sealed != nil {
		t.Errorf("an erased key became %v, %v", erased, err)
	}
	_, err = w.Rewrap(before, seal.Record{ID: "another", Purpose: "signing-key", State: "active", Sealed: key.Sealed})
	wantCode(t, err, "seal_broken")
	_, err = w.Rewrap(seal.Master{}, records[0])
	wantCode(t, err, "bad_master_key")
}

func TestAMasterKeyNeverPrintsItself(t *testing.T) {
	m := seal.NewMaster()
	text := m.Encode().Reveal()
	var out bytes.Buffer
	raw, _ := hex.DecodeString(text)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "m", m, "in", struct{ M seal.Master }{m}, "p", &m)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "m", m, "in", struct{ M seal.Master }{m})
	fmt.Fprintf(&out, "%v %+v %#v %s %q %x %d %v %+v %#v %v", m, m, m, m, m, m, m, struct{ m seal.Master }{m}, &m, struct{ m seal.Master }{m}, m.Encode())
	body, err := json.Marshal(map[string]any{"m": m, "p": &m})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(body)
	for _, canary := range []string{text, strings.ToUpper(text), string(raw), base64.StdEncoding.EncodeToString(raw), fmt.Sprintf("%d", raw), hex.EncodeToString([]byte(text))} {
		if strings.Contains(out.String(), canary) {
			t.Error("the master key was printed")
		}
	}
}

func TestMasterKeysAreReadInBothForms(t *testing.T) {
	m := seal.NewMaster()
	raw, _ := hex.DecodeString(m.Encode().Reveal())
	for _, text := range []string{
		m.Encode().Reveal(), strings.ToUpper(m.Encode().Reveal()), " " + m.Encode().Reveal() + "\n", base64.StdEncoding.EncodeToString(raw), base64.StdEncoding.EncodeToString(raw) + "\r\n",
	} {
		got, err := seal.ParseMaster(secret.New(text))
		if err != nil || got.Encode().Reveal() != m.Encode().Reveal() {
			t.Errorf("not read back: %v", err)
		}
	}
	for _, text := range []string{
		"", " \n", "short", strings.Repeat("0", 64), strings.Repeat("ab", 32), strings.Repeat("x", 64), strings.Repeat("=", 44), "!" + m.Encode().Reveal()[1:], strings.Repeat("A", 44),
		m.Encode().Reveal() + m.Encode().Reveal(),
	} {
		_, err := seal.ParseMaster(secret.New(text))
		wantCode(t, err, "bad_master_key")
		if err != nil && len(text) > 8 && strings.Contains(err.Error(), text[:8]) {
			t.Errorf("the error shows the text: %v", err)
		}
	}
}

func TestTheMasterKeyFileIsForItsOwnerOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master.key")
	if _, err := seal.LoadFile(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an absent file gave %v", err)
	}
	made, err := seal.CreateFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o400 {
		t.Errorf("mode %v, want 0400", info.Mode())
	}
	loaded, err := seal.LoadFile(path)
	if err != nil || loaded.Encode().Reveal() != made.Encode().Reveal() {
		t.Errorf("another key came back, %v", err)
	}
	if _, err := seal.CreateFile(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second key over the first: %v", err)
	}
	if again, err := seal.LoadFile(path); err != nil || again.Encode().Reveal() != made.Encode().Reveal() {
		t.Errorf("the key was overwritten, %v", err)
	}
	if err := os.Chmod(path, 0o440); err != nil {
		t.Fatal(err)
	}
	_, err = seal.LoadFile(path)
	wantCode(t, err, "loose_master_key")
	if err == nil || !strings.Contains(err.Error(), "chmod 0400 "+path) {
		t.Errorf("the error does not say what to do: %v", err)
	}
	if _, err := seal.LoadFile(filepath.Dir(path)); err == nil {
		t.Error("a folder was read as a key")
	}
	bad := filepath.Join(t.TempDir(), "bad.key")
	if err := os.WriteFile(bad, []byte("hunter2hunter2\n"), 0o400); err != nil {
		t.Fatal(err)
	}
	_, err = seal.LoadFile(bad)
	wantCode(t, err, "bad_master_key")
	if err != nil && (!strings.Contains(err.Error(), bad) || strings.Contains(err.Error(), "hunter2")) {
		t.Errorf("the error names no file, or shows what is in it: %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	store := &sealtest.Store{}
	v, err := seal.OpenVault(context.Background(), seal.NewMaster(), store)
	if err != nil {
		f.Fatal(err)
	}
	good, _ := v.Seal("id", "purpose", "state", []byte("secret"))
	f.Add("id", "purpose", "state", good[:len(good)-1])
	f.Add("id", "purpos", "estate", good)
	f.Add("", "", "", []byte{})
	f.Add("id", "purpose", "state", []byte{1})
	f.Add("id", "purpose", "state", bytes.Repeat([]byte{1}, 89))
	f.Fuzz(func(t *testing.T, id, purpose, state string, sealed []byte) {
		_, err := v.Open(id, purpose, state, sealed)
		same := id == "id" && purpose == "purpose" && state == "state" && bytes.Equal(sealed, good)
		if same != (err == nil) {
			t.Errorf("Open(%q, %q, %q, %x) gave %v", id, purpose, state, sealed, err)
		}
	})
}

func FuzzParseMaster(f *testing.F) {
	f.Add("00")
	f.Add(seal.NewMaster().Encode().Reveal())
	f.Add(base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef")))
	f.Fuzz(func(t *testing.T, text string) {
		m, err := seal.ParseMaster(secret.New(text))
		if err != nil {
			return
		}
		again, err := seal.ParseMaster(m.Encode())
		if err != nil || again.Encode().Reveal() != m.Encode().Reveal() {
			t.Errorf("a key that was read is not read back: %v", err)
		}
	})
}
