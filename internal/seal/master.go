package seal

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

// masterLen is the length of a master key in bytes: AES-256.
const masterLen = 32

// Master is the key that everything is sealed under: 32 bytes that never print
// themselves. The zero value is no key; [OpenVault] refuses it.
type Master struct {
	// bytes are raw, 32 of them.
	bytes secret.String
}

// NewMaster returns a fresh random master key.
func NewMaster() Master {
	var b [masterLen]byte
	rand.Read(b[:]) // never fails (crypto/rand since Go 1.24)
	return Master{secret.New(string(b[:]))}
}

// ParseMaster reads a master key as 64 hexadecimal digits or 44 characters of
// base64, with white space around it. The text stands in no error.
func ParseMaster(text secret.String) (Master, error) {
	s := strings.TrimSpace(text.Reveal())
	var b []byte
	var err error
	switch len(s) {
	case 0:
		return Master{}, badMaster("the master key is empty")
	case hex.EncodedLen(masterLen):
		b, err = hex.DecodeString(s)
	case base64.StdEncoding.EncodedLen(masterLen):
		b, err = base64.StdEncoding.Strict().DecodeString(s)
	default:
		return Master{}, badMaster(fmt.Sprintf("the master key has %d characters", len(s)))
	}
	switch {
	case err != nil || len(b) != masterLen: // err names the byte at fault: it is not kept
		return Master{}, badMaster("the master key is neither hexadecimal nor base64")
	case strings.Count(string(b), string(b[:1])) == masterLen:
		return Master{}, badMaster("the master key is one byte repeated, which is easy to guess")
	}
	return Master{secret.New(string(b))}, nil
}

func badMaster(what string) error {
	return fault.New(fault.Config, "%s", what).WithCode("bad_master_key").
		WithRemedy("Use 32 random bytes as 64 hexadecimal digits or 44 base64 characters, such as the output of `openssl rand -hex 32`.")
}

// Encode returns the key as [ParseMaster] reads it: 64 hexadecimal digits, or
// nothing for the zero value.
func (m Master) Encode() secret.String {
	if m.zero() {
		return secret.String{}
	}
	return secret.New(hex.EncodeToString([]byte(m.bytes.Reveal())))
}

func (m Master) zero() bool { return len(m.bytes.Reveal()) != masterLen }

// String returns "[redacted]", or "" for the zero value.
func (m Master) String() string { return m.bytes.String() }

// Format prints the key as "[redacted]" under every verb.
func (m Master) Format(f fmt.State, verb rune) { m.bytes.Format(f, verb) }

// GoString keeps %#v from printing the key.
func (m Master) GoString() string { return "seal.Master(" + m.bytes.String() + ")" }

// MarshalText keeps encoders from writing the key.
func (m Master) MarshalText() ([]byte, error) { return m.bytes.MarshalText() }

// LogValue keeps slog from writing the key.
func (m Master) LogValue() slog.Value { return m.bytes.LogValue() }
