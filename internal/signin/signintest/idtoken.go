package signintest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Fault is something that a provider, or somebody in its place, does wrong.
type Fault string

// What can be wrong with an ID token.
const (
	WrongNonce       Fault = "the nonce of another sign-in"
	NoNonce          Fault = "no nonce"
	WrongAudience    Fault = "the audience of another client"
	SeveralAudiences Fault = "two audiences and nobody named as the one it is for"
	OtherParty       Fault = "issued to another client (azp)"
	WrongIssuer      Fault = "another issuer"
	Expired          Fault = "expired"
	NoExpiry         Fault = "no expiry"
	FromTheFuture    Fault = "issued in an hour"
	AlgNone          Fault = "not signed (alg none)"
	HS256            Fault = "signed with the client secret (HS256)"
	HS256Key         Fault = "signed with the public key as a secret (HS256)"
	UnknownKey       Fault = "signed with a key that is not published"
	Forged           Fault = "signed with another key under a published key's id"
	Altered          Fault = "claims altered after signing"
	NoSubject        Fault = "no subject"
	EndlessSubject   Fault = "a subject of 10,000 characters"
	NulSubject       Fault = "a subject with a NUL"
	Garbage          Fault = "no token at all but some text"
)

// What can be wrong with the provider itself.
const (
	NoToken               Fault = "no id_token in the answer" //nolint:gosec // says what is missing
	Down                  Fault = "answers nothing but 503"
	KeysDown              Fault = "its keys cannot be had"
	TokenDown             Fault = "its token endpoint answers 503" //nolint:gosec // says what is down
	Redirects             Fault = "its token endpoint redirects"
	Endless               Fault = "answers that never end"
	OtherIssuerDiscovered Fault = "its discovery names another issuer"
	PlainTokenEndpoint    Fault = "its discovery names a token endpoint without TLS"
)

// TokenFaults returns what can be wrong with a token; each must be refused.
func TokenFaults() []Fault {
	return []Fault{
		WrongNonce, NoNonce, WrongAudience, SeveralAudiences, OtherParty, WrongIssuer, Expired, NoExpiry, FromTheFuture, AlgNone, HS256, HS256Key,
		UnknownKey, Forged, Altered, NoSubject, EndlessSubject, NulSubject, Garbage, NoToken,
	}
}

func newKey() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

// idToken returns the ID token of a grant, with the faults that were asked for.
func (p *Provider) idToken(g grant) (string, error) {
	payload, err := json.Marshal(p.claims(g))
	if err != nil {
		return "", err
	}
	p.mu.Lock()
	k := p.keys[len(p.keys)-1]
	p.mu.Unlock()
	switch {
	case p.does(Garbage):
		return "eyJ.not.a-token", nil
	case p.does(AlgNone):
		enc := base64.RawURLEncoding.EncodeToString
		return enc([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + enc(payload) + ".", nil
	case p.does(HS256):
		return sign(jose.HS256, []byte(p.Secret.Reveal()), k.id, payload)
	case p.does(HS256Key):
		der, err := x509.MarshalPKIXPublicKey(k.private.Public())
		if err != nil {
			return "", err
		}
		return sign(jose.HS256, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), k.id, payload)
	case p.does(UnknownKey), p.does(Forged):
		other, err := newKey()
		if err != nil {
			return "", err
		}
		id := k.id
		if p.does(UnknownKey) {
			id = "never-published"
		}
		return sign(jose.ES256, other, id, payload)
	}
	signed, err := sign(jose.ES256, k.private, k.id, payload)
	if err != nil || !p.does(Altered) {
		return signed, err
	}
	parts := strings.Split(signed, ".")
	parts[1] = base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(payload), `"sub":"`, `"sub":"root-`, 1)))
	return strings.Join(parts, "."), nil
}

// claims returns what the token says, right but for the faults.
func (p *Provider) claims(g grant) map[string]any {
	now := time.Now
	if p.Now != nil {
		now = p.Now
	}
	c := map[string]any{
		"iss": p.URL, "aud": p.ClientID, "sub": g.who.Subject, "nonce": g.nonce,
		"iat": now().Unix(), "exp": now().Add(5 * time.Minute).Unix(),
		"name": g.who.Name, "email": g.who.Email, "email_verified": g.who.Verified, "groups": g.who.Groups,
	}
	if g.who.Hosted != "" {
		c["hd"] = g.who.Hosted
	}
	maps.Copy(c, g.who.Claims)
	for fault, change := range map[Fault]func(){
		WrongNonce:       func() { c["nonce"] = rand.Text() },
		NoNonce:          func() { delete(c, "nonce") },
		WrongAudience:    func() { c["aud"] = "another-client" },
		SeveralAudiences: func() { c["aud"] = []string{p.ClientID, "another-client"} },
		OtherParty:       func() { c["azp"] = "another-client" },
		WrongIssuer:      func() { c["iss"] = p.URL + "/" },
		Expired:          func() { c["exp"] = now().Add(-time.Second).Unix() },
		NoExpiry:         func() { delete(c, "exp") },
		FromTheFuture:    func() { c["iat"], c["exp"] = now().Add(time.Hour).Unix(), now().Add(2*time.Hour).Unix() },
		NoSubject:        func() { delete(c, "sub") },
		EndlessSubject:   func() { c["sub"] = strings.Repeat("x", 10_000) },
		NulSubject:       func() { c["sub"] = g.who.Subject + "\x00" },
	} {
		if p.does(fault) {
			change()
		}
	}
	return c
}

func sign(alg jose.SignatureAlgorithm, with any, id string, payload []byte) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: with, KeyID: id}}, nil)
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}
