package trust

import (
	"crypto"
	"errors"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"

	"github.com/adit-hq/adit/internal/fault"
)

// The bounds of an issuer's keys.
const (
	maxKeys    = 100
	maxKID     = 256
	minRSABits = 2048 // NIST SP 800-131A
	// maxRSABits bounds what a signature costs to look at, for whoever sends one:
	// with the largest key that a token has room for it is two seconds.
	maxRSABits = 8192
	// maxAlike is how many keys may have one id: each is tried.
	maxAlike = 4
	// stale is how much longer keys are taken than they are fresh when the issuer cannot be asked.
	stale = time.Hour
)

// keys are what an issuer published at one moment. They are never changed; nil has none.
type keys struct {
	byID  map[string][]key
	until time.Time // fresh before it
}

// key verifies tokens.
type key struct {
	public     any    // *rsa.PublicKey, *ecdsa.PublicKey or ed25519.PublicKey
	alg        string // "" if the issuer does not say
	thumbprint string // RFC 7638, with SHA-256
}

func (k *keys) has(kid string) bool       { return k != nil && len(k.byID[kid]) > 0 }
func (k *keys) fresh(now time.Time) bool  { return k != nil && now.Before(k.until) }
func (k *keys) usable(now time.Time) bool { return k != nil && now.Before(k.until.Add(stale)) }

// holds reports whether the key that verified a token once is still published.
func (k *keys) holds(kid, thumbprint string) bool {
	for _, each := range k.byID[kid] {
		if each.thumbprint == thumbprint {
			return true
		}
	}
	return false
}

// verify returns the thumbprint of the key that signed the token, or why none
// did. Which of the issuer's keys may be it is said by kid alone, and which
// algorithm by the key.
func (k *keys) verify(t *token) (thumbprint, why string) {
	candidates := k.byID[t.kid]
	if len(candidates) == 0 {
		return "", "the issuer does not publish the key"
	}
	for _, each := range candidates {
		if each.alg != "" && each.alg != t.alg {
			continue
		}
		if _, err := t.signed.Verify(each.public); err == nil {
			return each.thumbprint, ""
		}
	}
	return "", "the signature does not match the key"
}

// readKeys reads a JWK set (RFC 7517). Keys that it does not know, that are not
// for signatures, too weak, too large or without an id are passed over, as the RFC says.
func readKeys(document []byte) (*keys, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(document, &set); err != nil || set.Keys == nil {
		return nil, problem("the issuer's keys are not a JSON Web Key Set")
	}
	if len(set.Keys) > maxKeys {
		return nil, problem("the issuer publishes %d keys; at most %d are accepted", len(set.Keys), maxKeys)
	}
	k := &keys{byID: make(map[string][]key, len(set.Keys))}
	for _, raw := range set.Keys {
		var each jose.JSONWebKey
		if err := each.UnmarshalJSON(raw); err != nil || !usableKey(&each) || len(k.byID[each.KeyID]) >= maxAlike {
			continue
		}
		thumbprint, err := each.Thumbprint(crypto.SHA256)
		if err != nil {
			continue
		}
		k.byID[each.KeyID] = append(k.byID[each.KeyID], key{public: each.Key, alg: each.Algorithm, thumbprint: string(thumbprint)})
	}
	if len(k.byID) == 0 {
		return nil, problem("the issuer publishes no usable key with an id (RSA of %d to %d bits, P-256, P-384, P-521 or Ed25519)", minRSABits, maxRSABits)
	}
	return k, nil
}

func usableKey(k *jose.JSONWebKey) bool {
	if !k.Valid() || !k.IsPublic() || k.KeyID == "" || len(k.KeyID) > maxKID || (k.Use != "" && k.Use != "sig") {
		return false
	}
	if rsa, ok := k.Key.(interface{ Size() int }); ok { // bytes of the modulus
		return rsa.Size()*8 >= minRSABits && rsa.Size()*8 <= maxRSABits
	}
	return true
}

// problem is why keys cannot be had, in words that the organization may read.
func problem(format string, args ...any) error {
	return fault.New(fault.Unavailable, format, args...).WithCode("issuer_unavailable")
}

// sentenceOf is what of a failed reading may be shown: the message, never the cause.
func sentenceOf(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Sentence()
	}
	return "its documents could not be read"
}
