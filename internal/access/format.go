package access

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"hash/crc32"
	"strings"

	"github.com/adit-hq/adit/internal/ident"
	"github.com/adit-hq/adit/internal/secret"
)

// The parts of an API key: "adit_", 24 hexadecimal digits of its id, "_", 43
// digits of base 62 (256 bits), and 6 more that are a checksum of all before
// them. The fixed beginning and the checksum let scanners of repositories tell
// a key from a word, and let us refuse a mistyped one without asking anybody.
const (
	keyPrefix    = "adit_"
	idDigits     = 24
	secretDigits = 43
	sumDigits    = 6
	keyLength    = len(keyPrefix) + idDigits + 1 + secretDigits + sumDigits
)

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// newSecret returns the whole API key for an id, with a fresh secret.
func newSecret(id string) secret.String {
	var b strings.Builder
	b.Grow(keyLength)
	b.WriteString(keyPrefix + strings.TrimPrefix(id, string(ident.Key)+"_") + "_")
	var random [2 * secretDigits]byte
	for n := 0; n < secretDigits; {
		rand.Read(random[:]) // never fails (crypto/rand since Go 1.24)
		for _, c := range random {
			// 248 is the greatest multiple of 62 in a byte: above it digits would not be equally likely.
			if c < 248 && n < secretDigits {
				b.WriteByte(digits[c%62])
				n++
			}
		}
	}
	b.WriteString(checksum(b.String()))
	return secret.New(b.String())
}

// parse takes an API key apart into the id of its record and its secret.
func parse(presented string) (id, secretPart string, ok bool) {
	if len(presented) != keyLength || !strings.HasPrefix(presented, keyPrefix) {
		return "", "", false
	}
	hex := presented[len(keyPrefix) : len(keyPrefix)+idDigits]
	rest := presented[len(keyPrefix)+idDigits:]
	id = string(ident.Key) + "_" + hex
	if ident.Check(ident.Key, id) != nil || rest[0] != '_' {
		return "", "", false
	}
	secretPart = rest[1 : 1+secretDigits]
	for i := range len(secretPart) {
		if strings.IndexByte(digits, secretPart[i]) < 0 {
			return "", "", false
		}
	}
	body := presented[:keyLength-sumDigits]
	return id, secretPart, checksum(body) == presented[keyLength-sumDigits:]
}

// checksum is the CRC-32 (IEEE) of s in six digits of base 62. It is no secret.
func checksum(s string) string {
	sum := crc32.ChecksumIEEE([]byte(s))
	var out [sumDigits]byte
	for i := sumDigits - 1; i >= 0; i-- {
		out[i] = digits[sum%62]
		sum /= 62
	}
	return string(out[:])
}

// macOf is how a secret is recognised: HMAC-SHA-256 under the pepper, over the
// key's id too, so that a MAC moved to another key's row opens nothing. A slow
// hash is for passwords; 256 random bits cannot be guessed.
func macOf(pepper []byte, id, secretPart string) []byte {
	mac := hmac.New(sha256.New, pepper)
	mac.Write([]byte("adit api key 1\x00" + id + "\x00" + secretPart))
	return mac.Sum(nil)
}
