package issuer_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"slices"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/issuer"
	"github.com/adit-hq/adit/internal/signing"
)

// judge verifies as a relying party does, by discovery alone.
func judge(ctx context.Context, i *issuer.Issuer, raw string) (*oidc.IDToken, error) {
	provider, err := oidc.NewProvider(ctx, i.URL())
	if err != nil {
		return nil, err
	}
	return provider.Verifier(&oidc.Config{ClientID: "bedrock"}).Verify(ctx, raw)
}

func TestARelyingPartyVerifiesTokensByDiscovery(t *testing.T) {
	for _, algorithm := range []string{signing.RS256, signing.ES256} {
		signer, _ := keys(t, signing.Settings{Algorithm: algorithm})
		i := newIssuer(t, issuer.Settings{Signer: signer})
		ctx := publish(t, i.Handler())
		token := mint(t, i, claims())
		got, err := judge(ctx, i, token.Compact.Reveal())
		if err != nil {
			t.Fatalf("%s: %v", algorithm, err)
		}
		if got.Subject != "env:"+orgID+":"+envID || !slices.Equal(got.Audience, []string{"bedrock"}) || !got.Expiry.Equal(token.Expires) || !got.IssuedAt.Equal(token.Issued) {
			t.Errorf("%s: got %+v", algorithm, got)
		}
		if fetched := i.LastFetch(); len(fetched) != 2 || fetched[issuer.JWKS].IsZero() {
			t.Errorf("fetched: %v", fetched)
		}
		other := claims()
		other.Audience = "another"
		if _, err := judge(ctx, i, mint(t, i, other).Compact.Reveal()); err == nil {
			t.Error("a token for another audience was taken")
		}
	}
}

func TestTokensOfARotatedKeyVerifyAndOfARevokedOneDoNot(t *testing.T) {
	at := time.Now().Add(-40 * 24 * time.Hour)
	signer, _ := keys(t, signing.Settings{Now: func() time.Time { return at }})
	i := newIssuer(t, issuer.Settings{Signer: signer})
	ctx := publish(t, i.Handler())
	before := mint(t, i, claims())
	etag := ask(i.Handler(), "GET", "/o/acme/.well-known/jwks.json").Header().Get("Etag")
	at = at.Add(31 * 24 * time.Hour)
	if err := signer.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := mint(t, i, claims())
	if after.KID == before.KID {
		t.Fatal("nothing rotated")
	}
	for _, token := range []issuer.Token{before, after} {
		if _, err := judge(ctx, i, token.Compact.Reveal()); err != nil {
			t.Errorf("after a rotation: %v", err)
		}
	}
	if again := ask(i.Handler(), "GET", "/o/acme/.well-known/jwks.json").Header().Get("Etag"); again == etag {
		t.Error("the JWKS changed and its ETag did not")
	}
	if _, err := signer.Revoke(t.Context(), audit.System(), before.KID, false); err != nil {
		t.Fatal(err)
	}
	if _, err := judge(ctx, i, before.Compact.Reveal()); err == nil {
		t.Error("a token of a revoked key was taken")
	}
	if _, err := judge(ctx, i, after.Compact.Reveal()); err != nil {
		t.Errorf("after a revocation: %v", err)
	}
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// forgeries returns tokens made from a true one and the public keys, as an
// attacker could.
func forgeries(t *testing.T, i *issuer.Issuer, token issuer.Token) map[string]string {
	t.Helper()
	parts := segments(t, token)
	_, body, err := i.Documents()
	if err != nil {
		t.Fatal(err)
	}
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(body, &set); err != nil {
		t.Fatal(err)
	}
	public := set.Key(token.KID)[0]
	der, err := x509.MarshalPKIXPublicKey(public.Key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := public.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	withMAC := func(key []byte) string {
		text := encode([]byte(`{"alg":"HS256","kid":"`+token.KID+`","typ":"JWT"}`)) + "." + parts[1]
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(text))
		return text + "." + encode(mac.Sum(nil))
	}
	other := "RS256"
	if public.Algorithm == other {
		other = "ES256"
	}
	changed, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	header := func(text string) string { return encode([]byte(text)) + "." + parts[1] + "." + parts[2] }
	next := "none" // any kid that is not published
	for _, k := range set.Keys {
		if k.KeyID != token.KID {
			next = k.KeyID
		}
	}
	return map[string]string{
		"none":                              encode([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + parts[1] + ".",
		"none, with the signature":          header(`{"alg":"none","kid":"` + token.KID + `"}`),
		"None in another spelling":          header(`{"alg":"nOnE","kid":"` + token.KID + `"}`),
		"HS256 with the public key's DER":   withMAC(der),
		"HS256 with the public key's PEM":   withMAC(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})),
		"HS256 with the public key's JWK":   withMAC(raw),
		"HS256 with the whole JWKS":         withMAC(body),
		"the other algorithm":               header(`{"alg":"` + other + `","kid":"` + token.KID + `"}`),
		"another key's kid":                 header(`{"alg":"` + public.Algorithm + `","kid":"` + next + `"}`),
		"an unknown kid":                    header(`{"alg":"` + public.Algorithm + `","kid":"x"}`),
		"a payload of another organization": parts[0] + "." + encode([]byte(string(changed[:60])+"0"+string(changed[61:]))) + "." + parts[2],
		"a payload with a later exp":        parts[0] + "." + encode(append(slices.Clone(changed[:len(changed)-1]), []byte(`,"exp":9999999999}`)...)) + "." + parts[2],
		"no signature":                      parts[0] + "." + parts[1] + ".",
		"a signature cut":                   parts[0] + "." + parts[1] + "." + parts[2][:len(parts[2])-4],
	}
}

func TestForgedTokensAreRefusedByEveryVerifier(t *testing.T) {
	for _, algorithm := range []string{signing.RS256, signing.ES256} {
		signer, _ := keys(t, signing.Settings{Algorithm: algorithm})
		i := newIssuer(t, issuer.Settings{Signer: signer})
		ctx := publish(t, i.Handler())
		token := mint(t, i, claims())
		if _, err := judge(ctx, i, token.Compact.Reveal()); err != nil {
			t.Fatal(err)
		}
		_, body, _ := i.Documents()
		var set jose.JSONWebKeySet
		if err := json.Unmarshal(body, &set); err != nil {
			t.Fatal(err)
		}
		for name, forged := range forgeries(t, i, token) {
			if _, err := judge(ctx, i, forged); err == nil {
				t.Errorf("%s: go-oidc takes %s", algorithm, name)
			}
			parsed, err := jose.ParseSignedCompact(forged, []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.HS256})
			if err != nil {
				continue
			}
			if _, err := parsed.Verify(set); err == nil {
				t.Errorf("%s: go-jose takes %s", algorithm, name)
			}
		}
	}
}

func TestOurOwnTokensAreKnownAsSuch(t *testing.T) {
	signer, _ := keys(t, signing.Settings{})
	i := newIssuer(t, issuer.Settings{Signer: signer})
	token := mint(t, i, claims())
	own := map[string]string{"a token": token.Compact.Reveal()}
	for name, forged := range forgeries(t, i, token) {
		own[name] = forged
	}
	other := newIssuer(t, issuer.Settings{Signer: signer, URL: "https://other.example.com"})
	own["our key under another name"] = mint(t, other, claims()).Compact.Reveal()
	got := map[string]bool{}
	for name, text := range own {
		got[name] = i.IsOwn(text)
	}
	want := map[string]bool{}
	for name := range own {
		want[name] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("own tokens (-want +got):\n%s", diff)
	}
	foreign := newIssuer(t, issuer.Settings{URL: "https://other.example.com"})
	for _, text := range []string{
		"", "x", "adit_000000000000000000000000_secret", "eyJ..", "eyJhbGciOiJub25lIn0.e30.", "a.b.c",
		mint(t, foreign, claims()).Compact.Reveal(), token.Compact.Reveal() + ".x",
	} {
		if i.IsOwn(text) {
			t.Errorf("%d characters were taken for our token", len(text))
		}
	}
}
