package secret

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// String is a string that never prints itself. The zero value is empty.
//
// The value stands behind a pointer because fmt calls no methods on unexported
// fields: there it prints an address.
type String struct{ value *string }

// New returns value as a secret.
func New(value string) String { return String{&value} }

// Reveal returns the value. Every call is a place to look at in a review.
func (s String) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// Empty reports whether there is no value.
func (s String) Empty() bool { return s.Reveal() == "" }

// Equal compares with other in a time that does not depend on where they differ, nor on their lengths.
func (s String) Equal(other string) bool {
	a, b := sha256.Sum256([]byte(s.Reveal())), sha256.Sum256([]byte(other))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// String returns "[redacted]", or "" for an empty secret.
func (s String) String() string {
	if s.Empty() {
		return ""
	}
	return redacted
}

// Format prints the secret as "[redacted]" under every verb.
func (s String) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// GoString keeps %#v from printing the value.
func (s String) GoString() string { return "secret.String(" + s.String() + ")" }

// MarshalText keeps encoders from writing the value.
func (s String) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue keeps slog from writing the value.
func (s String) LogValue() slog.Value { return slog.StringValue(s.String()) }
