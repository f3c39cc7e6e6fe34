package signin

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/adit-hq/adit/internal/secret"
)

// A token is a prefix that tells what it is to people, to scanners of leaked
// secrets and to the audit's own net, and 256 random bits. The prefix of the one
// kind never begins the other.
const (
	sessionToken = "adit_session_"
	linkToken    = "adit_link_"
)

const tokenBytes = 32

// newToken returns a fresh token and the hash that stands for it in the
// database. A fast hash is right: nobody guesses 256 bits, however fast.
func newToken(kind string) (secret.String, []byte) {
	var b [tokenBytes]byte
	rand.Read(b[:]) // never fails (crypto/rand since Go 1.24)
	whole := kind + base64.RawURLEncoding.EncodeToString(b[:])
	return secret.New(whole), tokenHash(whole)
}

// readToken returns the hash of a token of the kind. What cannot be one is not
// even looked up.
func readToken(kind, presented string) ([]byte, bool) {
	digits, ok := strings.CutPrefix(presented, kind)
	if !ok || len(digits) != base64.RawURLEncoding.EncodedLen(tokenBytes) {
		return nil, false
	}
	if _, err := base64.RawURLEncoding.Strict().DecodeString(digits); err != nil {
		return nil, false
	}
	return tokenHash(presented), true
}

func tokenHash(whole string) []byte {
	sum := sha256.Sum256([]byte(whole))
	return sum[:]
}
