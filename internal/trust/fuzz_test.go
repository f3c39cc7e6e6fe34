package trust_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/trust"
	"github.com/adit-hq/adit/internal/trust/trusttest"
)

// Whatever is presented, nobody is let in with what the issuer did not sign, and
// every refusal is the same fault.
func FuzzAuthenticate(f *testing.F) {
	s := newServer(f)
	s.trusts(orgA, mainBranch)
	good := s.issuer.Mint(s.job())
	s.lets(good)
	parts := strings.Split(good, ".")
	f.Add(good)
	f.Add(parts[0] + "." + parts[1] + ".")
	f.Add(trusttest.Unsigned(map[string]any{"alg": "none", "kid": "key-1"}, s.job(), nil))
	f.Add(trusttest.Unsigned(map[string]any{"alg": "HS256", "kid": "key-1"}, s.job(), make([]byte, 32)))
	f.Add(trusttest.Unsigned(map[string]any{"alg": "ES256", "kid": "key-1", "jwk": map[string]string{"kty": "oct", "k": "eA"}}, s.job(), make([]byte, 64)))
	f.Fuzz(func(t *testing.T, token string) {
		_, err := s.trust.Authenticate(t.Context(), token)
		if err == nil {
			// The last letter of a signature of 64 bytes has four bits that mean nothing.
			if len(token) != len(good) || token[:len(token)-1] != good[:len(good)-1] {
				t.Fatalf("let in with %q", token)
			}
			return
		}
		if x := fault.From(err); x.Kind != fault.Unauthenticated || x.Code != "invalid_token" || x.Message == "" || len(x.Sentence()) > 4000 {
			t.Fatalf("%q: %v", token, err)
		}
	})
}

// Whatever claims the issuer signs, only those that say what the rule wants, and
// say it once, let anybody in.
func FuzzClaims(f *testing.F) {
	s := newServer(f)
	s.trusts(orgA, "repo:acme/*:ref:refs/heads/main")
	key := s.issuer.Signing()
	seed := func(c trusttest.Claims) {
		b, err := json.Marshal(c)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	seed(s.job())
	seed(s.job().With(trusttest.Claims{"aud": []string{"x", trust.Audience(orgA)}, "nbf": nil, "iat": nil}))
	seed(s.issuer.Kubernetes("search", "indexer", trust.Audience(orgA)))
	f.Add([]byte(`{"iss":"` + s.issuer.URL + `","sub":"` + mainBranch + `","aud":"adit:` + orgA + `","exp":1775045100}`))
	f.Fuzz(func(t *testing.T, claims []byte) {
		if len(claims) > 8<<10 {
			return
		}
		token := trusttest.MintWith(jose.SigningKey{Algorithm: jose.ES256, Key: key.Key}, map[string]any{"kid": key.KeyID}, claims)
		c, err := s.trust.Authenticate(t.Context(), token)
		if err != nil {
			if x := fault.From(err); x.Kind != fault.Unauthenticated || x.Code != "invalid_token" {
				t.Fatalf("%s: %v", claims, err)
			}
			return
		}
		var all map[string]any
		if json.Unmarshal(claims, &all) != nil {
			t.Fatalf("let in with %q, which is no JSON", claims)
		}
		exp, _ := all["exp"].(float64)
		late := time.Unix(int64(exp), 0).Add(time.Minute)
		if all["iss"] != s.issuer.URL || all["sub"] != c.Name || !trust.Fits("repo:acme/*:ref:refs/heads/main", c.Name) || !s.clock().Before(late) || c.Organization != orgA {
			t.Fatalf("let in as %+v with %s", c, claims)
		}
		switch aud := all["aud"].(type) {
		case string:
			if aud != trust.Audience(orgA) {
				t.Fatalf("audience %q", aud)
			}
		case []any:
			ours := 0
			for _, each := range aud {
				if text, _ := each.(string); strings.HasPrefix(text, "adit:") {
					ours++
				}
			}
			if ours != 1 {
				t.Fatalf("audiences %v", aud)
			}
		default:
			t.Fatalf("audience %v", aud)
		}
	})
}

// Whatever an issuer publishes is read without harm.
func FuzzReadKeys(f *testing.F) {
	f.Add([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","use":"sig","kid":"key-1","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`))
	f.Add([]byte(`{"keys":[{"kty":"EC","crv":"P-256","kid":"k","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}`))
	f.Add([]byte(`{"keys":[{"kty":"RSA","kid":"k","e":"AQAB","n":"` + strings.Repeat("x", 342) + `"}]}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		n, err := trust.ReadKeys(document)
		if (err == nil) != (n > 0) || err != nil && fault.From(err).Code != "issuer_unavailable" {
			t.Fatalf("%d keys, %v", n, err)
		}
	})
}

// Whatever a header says, keys are kept for a minute to a day.
func FuzzFreshness(f *testing.F) {
	f.Add("max-age=600", "", "", "")
	f.Add("", "Wed, 01 Apr 2026 13:00:00 GMT", "Wed, 01 Apr 2026 12:00:00 GMT", "7")
	f.Add("max-age=-1,max-age=9999999999", "x", "", "99999999999999999999")
	f.Fuzz(func(t *testing.T, control, expires, date, age string) {
		h := http.Header{"Cache-Control": {control}, "Expires": {expires}, "Date": {date}, "Age": {age}}
		if d := trust.Freshness(h, time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)); d < time.Minute || d > 24*time.Hour {
			t.Fatal(d)
		}
	})
}
