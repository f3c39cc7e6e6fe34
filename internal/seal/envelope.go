package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
)

// An envelope is a byte that tells its format, the record's data key wrapped by
// the master key, and the data under the data key. Each of the two begins with
// a random nonce (12 bytes) and ends with a tag (16).
const (
	format     = 1
	dataKeyLen = 32
	overhead   = 12 + 16
	wrappedLen = dataKeyLen + overhead
	headLen    = 1 + wrappedLen
)

// errBroken says no more than that: whoever altered a record learns nothing.
var errBroken = errors.New("the ciphertext does not match its seal")

// binding is what an envelope belongs to.
type binding struct{ id, purpose, state string }

// part tells the two ciphertexts of an envelope apart.
type part string

const (
	wrappedKey part = "data key"
	data       part = "data"
)

// associated returns what GCM authenticates beside the ciphertext. Each piece
// follows its length: no other id, purpose and state give the same bytes.
func (b binding) associated(p part) []byte {
	var out []byte
	for _, s := range []string{"adit seal", string([]byte{format}), string(p), b.id, b.purpose, b.state} {
		out = binary.BigEndian.AppendUint64(out, uint64(len(s)))
		out = append(out, s...)
	}
	return out
}

// newAEAD returns AES-256-GCM that makes a random nonce for every message and
// puts it before the ciphertext. Under one master key that is safe for 2^32
// records (NIST SP 800-38D, 8.3).
func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// encrypt appends nonce and ciphertext to out.
func encrypt(aead cipher.AEAD, out, plain, associated []byte) []byte {
	return aead.Seal(out, nil, plain, associated) //nolint:gosec // newAEAD's makes the nonce itself, and takes none
}

func sealEnvelope(master cipher.AEAD, b binding, plain []byte) ([]byte, error) {
	var key [dataKeyLen]byte
	rand.Read(key[:]) // never fails (crypto/rand since Go 1.24)
	defer clear(key[:])
	aead, err := newAEAD(key[:])
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, headLen+len(plain)+overhead)
	out = append(out, format)
	out = encrypt(master, out, key[:], b.associated(wrappedKey))
	return encrypt(aead, out, plain, b.associated(data)), nil
}

func openEnvelope(master cipher.AEAD, b binding, sealed []byte) ([]byte, error) {
	key, err := unwrap(master, b, sealed)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, nil, sealed[headLen:], b.associated(data))
	if err != nil {
		return nil, errBroken
	}
	return plain, nil
}

// rewrapEnvelope puts the data key under another master key. The data must open
// too: a broken record is found now, not when its old key is gone.
func rewrapEnvelope(from, to cipher.AEAD, b binding, sealed []byte) ([]byte, error) {
	plain, err := openEnvelope(from, b, sealed)
	if err != nil {
		return nil, err
	}
	clear(plain)
	key, err := unwrap(from, b, sealed)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	out := make([]byte, 0, len(sealed))
	out = append(out, format)
	out = encrypt(to, out, key, b.associated(wrappedKey))
	return append(out, sealed[headLen:]...), nil
}

func unwrap(master cipher.AEAD, b binding, sealed []byte) ([]byte, error) {
	if len(sealed) < headLen+overhead || sealed[0] != format {
		return nil, errBroken
	}
	key, err := master.Open(nil, nil, sealed[1:headLen], b.associated(wrappedKey))
	if err != nil || len(key) != dataKeyLen {
		return nil, errBroken
	}
	return key, nil
}
