package ident

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
)

// Prefix tells what an identifier names.
type Prefix string

// Request names one HTTP request: in the answer's x-request-id, in an error's
// error_id, and in the log.
const Request Prefix = "req"

// randomBytes is 96 bits: a collision within a billion identifiers has odds of about one in 10^11.
const randomBytes = 12

// New returns a fresh identifier such as "req_5f0c2d1e9a7b4c3d2e1f0a9b".
func New(p Prefix) string {
	var b [randomBytes]byte
	rand.Read(b[:]) // never fails (crypto/rand since Go 1.24)
	buf := make([]byte, 0, len(p)+1+2*randomBytes)
	buf = append(buf, p...)
	buf = append(buf, '_')
	return string(hex.AppendEncode(buf, b[:]))
}

// Check returns an error unless s is an identifier with prefix p.
func Check(p Prefix, s string) error {
	digits, ok := strings.CutPrefix(s, string(p)+"_")
	if !ok {
		return fmt.Errorf("%q does not begin with %q", s, string(p)+"_")
	}
	if b, err := hex.DecodeString(digits); err != nil || len(b) != randomBytes || digits != strings.ToLower(digits) {
		return fmt.Errorf("%q does not end in %d lower-case hexadecimal digits", s, 2*randomBytes)
	}
	return nil
}
