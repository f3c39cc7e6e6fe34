package emulator

import (
	"errors"
	"fmt"
	"slices"
)

// maxKeys is how many keys of a JWKS AWS takes.
const maxKeys = 100

// keySet is an issuer's public keys by kid. A kid that names two keys maps to
// nil: nobody can say which one was meant.
type keySet map[string]*verifyingKey

// errPrivate is a JWKS that publishes a private key. It is the one mistake of
// an issuer that must not be taken for a passing failure.
type errPrivate struct {
	index  int
	member string
}

func (e errPrivate) Error() string {
	return fmt.Sprintf("the JWKS publishes the private member %q of its key %d: that key is known to the world, replace it", e.member, e.index+1)
}

// parseJWKS reads a JSON Web Key Set (RFC 7517). Keys of a kind or use that
// STS has no use for are passed over; a key that is malformed fails the set.
func parseJWKS(document []byte) (keySet, error) {
	v, err := parseJSON(document)
	if err != nil {
		return nil, fmt.Errorf("the JWKS is not JSON: %w", err)
	}
	list, ok := v.member("keys")
	if !ok || list.kind != kindArray {
		return nil, errors.New("the JWKS has no list of keys")
	}
	if len(list.items) > maxKeys {
		return nil, fmt.Errorf("the JWKS has %d keys; AWS takes at most %d", len(list.items), maxKeys)
	}
	set := keySet{}
	for i, item := range list.items {
		for _, m := range item.members {
			if slices.Contains([]string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"}, m.name) {
				return nil, errPrivate{i, m.name}
			}
		}
		k, err := parseJWK(item)
		if err != nil {
			return nil, fmt.Errorf("key %d of the JWKS: %w", i+1, err)
		}
		if k == nil {
			continue
		}
		if _, twice := set[k.id]; twice {
			k = &verifyingKey{id: k.id}
		}
		set[k.id] = k
	}
	return set, nil
}

// parseJWK is nil for a key that cannot verify a token here.
func parseJWK(v value) (*verifyingKey, error) {
	if v.kind != kindObject {
		return nil, errors.New("it is not a JSON object")
	}
	text := map[string]string{}
	for _, m := range v.members {
		switch m.name {
		case "kty", "kid", "use", "alg", "n", "e", "crv", "x", "y":
			if m.value.kind != kindString {
				return nil, fmt.Errorf("its %s is not a text", m.name)
			}
			text[m.name] = m.value.text
		}
	}
	if text["kid"] == "" || (text["use"] != "" && text["use"] != "sig") {
		return nil, nil
	}
	k := &verifyingKey{id: text["kid"], algorithm: text["alg"]}
	var err error
	switch text["kty"] {
	case "RSA":
		k.rsa, err = rsaKey(text["n"], text["e"])
	case "EC":
		k.ecdsa, err = ecKey(text["crv"], text["x"], text["y"])
	case "":
		err = errors.New("it has no kty")
	default:
		return nil, nil
	}
	return k, err
}
