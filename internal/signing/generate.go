package signing

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"github.com/adit-hq/adit/internal/fault"
)

// rsaBits is the size of RSA keys. AWS takes 2048 and more; 3072 makes a
// signature three times as slow, and keys here live for a month.
const rsaBits = 2048

// Purpose is what the private halves are sealed for; their id is the kid and
// their state the key's.
const Purpose = "signing-key"

// generate returns a fresh key pair: the kid, the public half as a JWK and the
// private half as PKCS #8. The caller clears the private half. No kid begins
// with "-", as one thumbprint in 64 does: people give it to commands, which
// would take it for a flag.
func generate(algorithm string) (kid string, public, private []byte, err error) {
	for {
		pair, err := newPair(algorithm)
		if err != nil {
			return "", nil, nil, err
		}
		jwk := jose.JSONWebKey{Key: pair.Public(), Algorithm: algorithm, Use: "sig"}
		if jwk.KeyID, err = thumbprint(&jwk); err != nil {
			return "", nil, nil, err
		}
		if strings.HasPrefix(jwk.KeyID, "-") {
			continue
		}
		if public, err = jwk.MarshalJSON(); err != nil {
			return "", nil, nil, err
		}
		private, err = x509.MarshalPKCS8PrivateKey(pair)
		return jwk.KeyID, public, private, err
	}
}

func newPair(algorithm string) (crypto.Signer, error) {
	switch algorithm {
	case RS256:
		return rsa.GenerateKey(rand.Reader, rsaBits)
	case ES256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	default:
		return nil, fault.New(fault.Config, "%q is not a signing algorithm", algorithm)
	}
}

// thumbprint returns the kid of a key: its RFC 7638 thumbprint in base64url.
func thumbprint(jwk *jose.JSONWebKey) (string, error) {
	sum, err := jwk.Thumbprint(crypto.SHA256)
	return base64.RawURLEncoding.EncodeToString(sum), err
}

// newJWS returns what signs with a private half that was unsealed. The
// algorithm is the key's own, and tokens cannot choose another.
func newJWS(k Key, private []byte) (jose.Signer, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(private)
	if err != nil {
		return nil, err
	}
	pair, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, fault.New(fault.Internal, "a signing key of an unknown type")
	}
	if kid, err := thumbprint(&jose.JSONWebKey{Key: pair.Public()}); err != nil || kid != k.ID {
		return nil, fault.New(fault.Config, "the private half of signing key %s belongs to another key", k.ID).WithCode("seal_broken")
	}
	key := jose.SigningKey{Algorithm: jose.SignatureAlgorithm(k.Algorithm), Key: jose.JSONWebKey{Key: pair, KeyID: k.ID}}
	return jose.NewSigner(key, (&jose.SignerOptions{}).WithType("JWT"))
}
