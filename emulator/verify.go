package emulator

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	_ "crypto/sha256" // registers the hashes of the 256 algorithms
	_ "crypto/sha512" // registers those of the 384 and 512 ones
	"errors"
	"fmt"
	"math/big"
)

// verifyingKey is one public key of an issuer; exactly one of rsa and ecdsa is
// set, or neither when its kid is not unique.
type verifyingKey struct {
	id        string
	algorithm string // the JWK's alg, "" when it names none
	rsa       *rsa.PublicKey
	ecdsa     *ecdsa.PublicKey
}

// verifier is what an algorithm of RFC 7518 needs: AWS takes these six.
type verifier struct {
	hash  crypto.Hash
	curve elliptic.Curve // nil for RSA
}

func verifierOf(algorithm string) (verifier, bool) {
	switch algorithm {
	case "RS256":
		return verifier{crypto.SHA256, nil}, true
	case "RS384":
		return verifier{crypto.SHA384, nil}, true
	case "RS512":
		return verifier{crypto.SHA512, nil}, true
	case "ES256":
		return verifier{crypto.SHA256, elliptic.P256()}, true
	case "ES384":
		return verifier{crypto.SHA384, elliptic.P384()}, true
	case "ES512":
		return verifier{crypto.SHA512, elliptic.P521()}, true
	}
	return verifier{}, false
}

// verify proves that the key signed the token, under the algorithm that both
// the token and the key name.
func (k *verifyingKey) verify(t *webToken) error {
	v, ok := verifierOf(t.algorithm)
	if !ok {
		return errors.New("its algorithm is not one that AWS takes")
	}
	if k.algorithm != "" && k.algorithm != t.algorithm {
		return errors.New("its algorithm is not its key's")
	}
	h := v.hash.New()
	h.Write(t.signed)
	digest := h.Sum(nil)
	switch {
	case v.curve == nil && k.rsa != nil:
		if rsa.VerifyPKCS1v15(k.rsa, v.hash, digest, t.signature) == nil {
			return nil
		}
	case v.curve != nil && k.ecdsa != nil && k.ecdsa.Curve == v.curve:
		size := (v.curve.Params().BitSize + 7) / 8
		if len(t.signature) == 2*size && ecdsa.Verify(k.ecdsa, digest, number(t.signature[:size]), number(t.signature[size:])) {
			return nil
		}
	default:
		return errors.New("its algorithm does not fit its key")
	}
	return errors.New("its signature is not its key's")
}

func number(b []byte) *big.Int { return new(big.Int).SetBytes(b) }

// rsaKey reads modulus and exponent, 2048 to 8192 bits.
func rsaKey(n, e string) (*rsa.PublicKey, error) {
	modulus, err := decodeBase64URL(n)
	if err != nil {
		return nil, errors.New("its n is not base64url")
	}
	exponent, err := decodeBase64URL(e)
	if err != nil || len(exponent) > 4 {
		return nil, errors.New("its e is not a small number in base64url")
	}
	k := &rsa.PublicKey{N: number(modulus), E: int(number(exponent).Int64())}
	if bits := k.N.BitLen(); bits < 2048 || bits > 8192 || k.E < 3 || k.E%2 == 0 || k.E > 1<<31-1 {
		return nil, fmt.Errorf("it is no RSA key of 2048 to 8192 bits, but has %d and e=%d", bits, k.E)
	}
	return k, nil
}

// ecKey reads a point and proves that it is on its curve.
func ecKey(curve, x, y string) (*ecdsa.PublicKey, error) {
	var c elliptic.Curve
	switch curve {
	case "P-256":
		c = elliptic.P256()
	case "P-384":
		c = elliptic.P384()
	case "P-521":
		c = elliptic.P521()
	default:
		return nil, errors.New("its crv is not P-256, P-384 or P-521")
	}
	size := (c.Params().BitSize + 7) / 8
	bx, errX := decodeBase64URL(x)
	by, errY := decodeBase64URL(y)
	if errX != nil || errY != nil || len(bx) != size || len(by) != size {
		return nil, fmt.Errorf("its x or y is not %d bytes in base64url", size)
	}
	k, err := ecdsa.ParseUncompressedPublicKey(c, append(append([]byte{4}, bx...), by...))
	if err != nil {
		return nil, errors.New("its point is not on its curve")
	}
	return k, nil
}
