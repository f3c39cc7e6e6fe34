package emulator

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

// FuzzWebToken: no text makes the parser panic, what it accepts has the three
// parts it was made of, and no text that was not signed is proven.
func FuzzWebToken(f *testing.F) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		f.Fatal(err)
	}
	key := &verifyingKey{id: "k", rsa: &private.PublicKey}
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	claims := `{"iss":"https://a.test","sub":"s","aud":["a"],"exp":2,"iat":1,"https://aws.amazon.com/tags":{"principal_tags":{"k":["v"]}}}`
	f.Add(part(`{"alg":"RS256","kid":"k"}`) + "." + part(claims) + "." + part("x"))
	f.Add(part(`{"alg":"none"}`) + "." + part(claims) + ".")
	f.Add("a.b.c")
	f.Add("...")
	f.Fuzz(func(t *testing.T, text string) {
		w, err := parseWebToken(text)
		if err != nil {
			if strings.Contains(err.Error(), text) && len(text) > 8 {
				t.Errorf("the refusal repeats the token: %v", err)
			}
			return
		}
		again := string(w.signed) + "." + base64.RawURLEncoding.EncodeToString(w.signature)
		if again != text || w.algorithm == "" || w.claims.issuer == "" || w.claims.subject == "" || len(w.claims.audiences) == 0 || w.claims.expires.IsZero() {
			t.Errorf("%q became %+v", text, w)
		}
		if key.verify(w) == nil {
			t.Errorf("%q is proven by a key that did not sign it", text)
		}
		_ = w.claims.inTime(time.Unix(0, 0))
	})
}

// FuzzKeySet: no document makes the reader panic, and none with a private
// member at the top of a key is taken.
func FuzzKeySet(f *testing.F) {
	f.Add([]byte(`{"keys":[{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB"}]}`))
	f.Add([]byte(`{"keys":[{"kty":"EC","kid":"a","crv":"P-256","x":"","y":""},{"kty":"oct","k":"AA"}]}`))
	f.Add([]byte(`{"keys":[]}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		set, err := parseJWKS(document)
		var private errPrivate
		if err != nil && !errors.As(err, &private) {
			return
		}
		var seen struct {
			Keys []map[string]json.RawMessage `json:"keys"`
		}
		if json.Unmarshal(document, &seen) != nil {
			return // folding of names; the strict reader saw it otherwise
		}
		if bytes.Contains(document, []byte(`"keys"`)) && private == (errPrivate{}) {
			for _, k := range seen.Keys {
				if k["d"] != nil || k["k"] != nil {
					t.Errorf("took %q", document)
				}
			}
		}
		for id, k := range set {
			if id == "" || (k.rsa != nil && k.ecdsa != nil) {
				t.Errorf("%q became %q: %+v", document, id, k)
			}
		}
	})
}

// FuzzTrustPolicy: no document makes the reader or the evaluation panic, and a
// policy that names no provider lets none in.
func FuzzTrustPolicy(f *testing.F) {
	f.Add([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"p"},"Action":"sts:*","Condition":{"StringLike":{"a:sub":"*"}}}]}`))
	f.Add([]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","NotAction":"sts:x","Condition":{"Null":{"a:b":"true"},"DateLessThan":{"c:d":"2026-01-01"}}}}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		p, err := parseTrustPolicy(document)
		if err != nil {
			return
		}
		const stranger = "arn:aws:iam::111122223333:oidc-provider/never.named.test"
		if p.allows("sts:AssumeRoleWithWebIdentity", stranger, func(string) []string { return []string{"x"} }) && !bytes.Contains(document, []byte("never")) {
			t.Errorf("%q lets a stranger in", document)
		}
	})
}
