package seal

import (
	"context"
	"crypto/cipher"
	"crypto/rand"
	"slices"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
)

const (
	// known is the purpose of the record that tells a wrong master key.
	known       = "known-answer"
	knownAnswer = "sealed under the right master key"
	// sealedState is the only state that records of the vault's own are in.
	sealedState = "sealed"
	// record names a sealed record.
	record ident.Prefix = "sec"
	// secretLen is the length of the secrets that the vault makes.
	secretLen = 32
)

// Vault seals and opens under one master key. It is safe for concurrent use.
type Vault struct {
	master cipher.AEAD
	store  Store
}

// OpenVault returns a vault, if m is the master key that the store's records
// are sealed under; a wrong one is a fault with the code "wrong_master_key",
// and nothing is made. The first vault of an empty store marks it as its own.
func OpenVault(ctx context.Context, m Master, s Store) (*Vault, error) {
	if m.zero() {
		return nil, badMaster("there is no master key")
	}
	aead, err := newAEAD([]byte(m.bytes.Reveal()))
	if err != nil {
		return nil, err
	}
	v := &Vault{master: aead, store: s}
	records, err := s.SealedRecords(ctx)
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		// Another replica may be first, with another master key: what counts is the record that is kept.
		kept, err := v.add(ctx, known, []byte(knownAnswer))
		if err != nil {
			return nil, err
		}
		records = []Record{kept}
	}
	return v, v.check(records)
}

// check opens every record, the known one first: while that opens, another
// that does not was tampered with.
func (v *Vault) check(records []Record) error {
	i := slices.IndexFunc(records, func(r Record) bool { return r.Purpose == known })
	if i < 0 {
		return fault.New(fault.Config, "the record that verifies the master key is missing from the database, although sealed secrets exist").
			WithCode("seal_broken").WithRemedy("Restore the database from a backup; nothing was changed.")
	}
	if _, err := v.openRecord(records[i]); err != nil {
		return fault.New(fault.Config, "this master key is not the one that the database is sealed under").WithCode("wrong_master_key").
			WithRemedy("Start with the master key that belongs to this database. Nothing was changed or created.")
	}
	for _, r := range records {
		if _, err := v.openRecord(r); err != nil {
			return err
		}
	}
	return nil
}

// Secret returns the 32 random bytes of a purpose, such as "api-key-pepper".
// They are made on first use, and the same on every replica.
func (v *Vault) Secret(ctx context.Context, purpose string) ([]byte, error) {
	if purpose == known || purpose == "" {
		return nil, fault.New(fault.Internal, "%q is not a known purpose for a secret", purpose)
	}
	records, err := v.store.SealedRecords(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(records, func(r Record) bool { return r.Purpose == purpose })
	if i >= 0 {
		return v.openRecord(records[i])
	}
	var fresh [secretLen]byte
	rand.Read(fresh[:]) // never fails (crypto/rand since Go 1.24)
	kept, err := v.add(ctx, purpose, fresh[:])
	if err != nil {
		return nil, err
	}
	if kept.Purpose != purpose {
		return nil, broken(kept)
	}
	return v.openRecord(kept)
}

// add writes a record and returns the one of that purpose that is kept.
func (v *Vault) add(ctx context.Context, purpose string, plain []byte) (Record, error) {
	r := Record{ID: ident.New(record), Purpose: purpose, State: sealedState}
	var err error
	if r.Sealed, err = v.Seal(r.ID, r.Purpose, r.State, plain); err != nil {
		return Record{}, err
	}
	return v.store.AddSealedRecord(ctx, r)
}

// Seal encrypts plain for the thing with that id and purpose in that state. Two
// calls never give the same bytes.
func (v *Vault) Seal(id, purpose, state string, plain []byte) ([]byte, error) {
	sealed, err := sealEnvelope(v.master, binding{id, purpose, state}, plain)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "a secret could not be sealed")
	}
	return sealed, nil
}

// Open decrypts what [Vault.Seal] gave for the same id, purpose and state. Bytes
// that were altered, belong elsewhere or are sealed under another master key
// are a fault with the code "seal_broken".
func (v *Vault) Open(id, purpose, state string, sealed []byte) ([]byte, error) {
	return v.openRecord(Record{id, purpose, state, sealed})
}

func (v *Vault) openRecord(r Record) ([]byte, error) {
	plain, err := openEnvelope(v.master, r.binding(), r.Sealed)
	if err != nil {
		return nil, broken(r)
	}
	return plain, nil
}

// Rewrap returns the record sealed under another master key, still bound to the
// same id, purpose and state. Signing keys are rewrapped as records too: their
// purpose is signing.Purpose. A record without bytes, such as a key whose
// private half is erased, stays as it is. What the records hold does not change.
func (v *Vault) Rewrap(to Master, r Record) (Record, error) {
	if to.zero() {
		return Record{}, badMaster("there is no new master key")
	}
	if len(r.Sealed) == 0 {
		return r, nil
	}
	aead, err := newAEAD([]byte(to.bytes.Reveal()))
	if err != nil {
		return Record{}, err
	}
	sealed, err := rewrapEnvelope(v.master, aead, r.binding(), r.Sealed)
	if err != nil {
		return Record{}, broken(r)
	}
	r.Sealed = sealed
	return r, nil
}

func (r Record) binding() binding { return binding{r.ID, r.Purpose, r.State} }

func broken(r Record) error {
	return fault.New(fault.Config, "a sealed secret of the server cannot be opened: it was altered, moved, or sealed under another master key").
		WithCode("seal_broken").WithDetail("purpose %q, id %q, state %q", r.Purpose, r.ID, r.State).
		WithRemedy("Restore the database from a backup, and find out who changed it.")
}
