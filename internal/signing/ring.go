package signing

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// Ring is the keys of one issuer at one version: next, active and retiring
// ones. It does not change, and holds no private key, sealed or not.
type Ring struct {
	issuer     string
	version    int64
	keys       []Key
	public     []json.RawMessage
	algorithms []string
}

// newRing makes a ring of the keys that are published. A key whose public half
// cannot be used is left out, and told.
func newRing(issuer string, keys []Key, version int64) (*Ring, error) {
	r := &Ring{issuer: issuer, version: version}
	var faults []string
	for _, k := range inOrder(keys) {
		if k.State == Gone {
			continue
		}
		jwk, err := publicJWK(k)
		if err != nil {
			faults = append(faults, fmt.Sprintf("%s: %v", k.ID, err))
			continue
		}
		k.Sealed = nil
		r.keys = append(r.keys, k)
		r.public = append(r.public, jwk)
		if !slices.Contains(r.algorithms, k.Algorithm) {
			r.algorithms = append(r.algorithms, k.Algorithm)
		}
	}
	if faults != nil {
		return r, fmt.Errorf("keys with unusable public halves: %s", strings.Join(faults, "; "))
	}
	return r, nil
}

// inOrder sorts the active key first, for verifiers that look no further, then
// the next ones and the retiring ones, each oldest first.
func inOrder(keys []Key) []Key {
	rank := map[State]int{Active: 0, Next: 1, Retiring: 2, Gone: 3}
	keys = slices.Clone(keys)
	slices.SortStableFunc(keys, func(a, b Key) int {
		if rank[a.State] != rank[b.State] {
			return rank[a.State] - rank[b.State]
		}
		if c := a.Created.Compare(b.Created); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return keys
}

// publicJWK returns what is published of a key. It is written anew from the
// public numbers: nothing else that the stored text may hold gets out.
func publicJWK(k Key) (json.RawMessage, error) {
	var jwk jose.JSONWebKey
	if err := jwk.UnmarshalJSON(k.Public); err != nil {
		return nil, fmt.Errorf("no JWK")
	}
	jwk = jwk.Public()
	if kid, err := thumbprint(&jwk); err != nil || kid != k.ID || jwk.KeyID != k.ID || jwk.Algorithm != k.Algorithm {
		return nil, fmt.Errorf("another key's JWK")
	}
	return json.Marshal(jose.JSONWebKey{Key: jwk.Key, KeyID: jwk.KeyID, Algorithm: jwk.Algorithm, Use: "sig"})
}

// Issuer returns the id of the issuer that the keys belong to.
func (r *Ring) Issuer() string { return r.issuer }

// Version returns the version of the keys in the store; it grows with every change.
func (r *Ring) Version() int64 { return r.version }

// Keys returns the published keys, the active one first. Sealed is always nil.
func (r *Ring) Keys() []Key { return slices.Clone(r.keys) }

// Public returns the members of the JWKS: one JSON object a key, the active one first.
func (r *Ring) Public() []json.RawMessage { return slices.Clone(r.public) }

// Algorithms returns those of the published keys, each once.
func (r *Ring) Algorithms() []string { return slices.Clone(r.algorithms) }

// Active returns the key that signs, if there is one.
func (r *Ring) Active() (Key, bool) { return first(r.keys, Active) }

// Has reports whether a key with that kid is published.
func (r *Ring) Has(kid string) bool {
	return slices.ContainsFunc(r.keys, func(k Key) bool { return k.ID == kid })
}

func first(keys []Key, s State) (Key, bool) {
	if i := slices.IndexFunc(keys, func(k Key) bool { return k.State == s }); i >= 0 {
		return keys[i], true
	}
	return Key{}, false
}
