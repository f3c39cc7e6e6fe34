package emulator_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adit-hq/adit/emulator"
)

const (
	idpHost  = "issuer.example.test"
	idpPath  = idpHost + "/o/1" // an issuer with a path, as condition keys have it
	idpURL   = "https://" + idpPath
	account  = "111122223333"
	provider = "arn:aws:iam::" + account + ":oidc-provider/" + idpPath
	roleARN  = "arn:aws:iam::" + account + ":role/service/Embedder"
	subject  = "env:org_1:env_1"
)

type fields = map[string]any

// signingKeys are made once: RSA keys are slow to make.
var signingKeys = sync.OnceValue(func() [3]*rsa.PrivateKey {
	var keys [3]*rsa.PrivateKey
	for i := range keys {
		keys[i], _ = rsa.GenerateKey(rand.Reader, 2048)
	}
	return keys
})

// testIssuer serves what AWS would fetch; everything can be bent.
type testIssuer struct {
	mu        sync.Mutex
	discovery fields
	keys      []any
	control   string // Cache-Control of the JWKS
	slow      bool   // answers only when the caller has given up
	hits      atomic.Int64
}

func newIssuer() *testIssuer {
	return &testIssuer{
		discovery: fields{
			"issuer": idpURL, "jwks_uri": idpURL + "/.well-known/jwks.json", "response_types_supported": []string{"id_token"},
			"subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256", "ES256"},
			"claims_supported": []string{"sub", "aud", "exp", "iat", "iss"},
		},
		keys: []any{rsaJWK(0), rsaJWK(1)}, control: "public, max-age=300",
	}
}

func rsaJWK(i int) fields {
	public := signingKeys()[i].PublicKey
	return fields{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "k" + string(rune('0'+i)), "n": b64(public.N.Bytes()), "e": b64(big.NewInt(int64(public.E)).Bytes())}
}

func (i *testIssuer) set(change func()) { i.mu.Lock(); defer i.mu.Unlock(); change() }

func (i *testIssuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch r.URL.Path {
	case "/o/1/.well-known/openid-configuration":
		_ = json.NewEncoder(w).Encode(i.discovery)
	case "/o/1/.well-known/jwks.json":
		i.hits.Add(1)
		if i.slow {
			<-r.Context().Done()
			return
		}
		w.Header().Set("Cache-Control", i.control)
		_ = json.NewEncoder(w).Encode(fields{"keys": i.keys})
	default:
		http.NotFound(w, r)
	}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// goodClaims are those of a token that is welcome at a time.
func goodClaims(now time.Time, more fields) fields {
	c := fields{"iss": idpURL, "sub": subject, "aud": "bedrock", "iat": now.Unix(), "nbf": now.Unix() - 60, "exp": now.Unix() + 300, "jti": "j-1"}
	for name, v := range more {
		if c[name] = v; v == nil {
			delete(c, name)
		}
	}
	return c
}

func signRSA(which int, header, claims fields) string {
	h := fields{"alg": "RS256", "typ": "JWT", "kid": "k" + string(rune('0'+which))}
	maps.Copy(h, header)
	text := part(h) + "." + part(claims)
	sum := sha256.Sum256([]byte(text))
	sig, _ := rsa.SignPKCS1v15(rand.Reader, signingKeys()[which], crypto.SHA256, sum[:])
	return text + "." + b64(sig)
}

func part(v any) string {
	raw, _ := json.Marshal(v)
	return b64(raw)
}

func ecKeyPair() (*ecdsa.PrivateKey, fields) {
	k, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	point, _ := k.PublicKey.Bytes()
	return k, fields{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "e0", "x": b64(point[1:33]), "y": b64(point[33:])}
}

func signEC(k *ecdsa.PrivateKey, claims fields) string {
	text := part(fields{"alg": "ES256", "kid": "e0"}) + "." + part(claims)
	sum := sha256.Sum256([]byte(text))
	r, s, _ := ecdsa.Sign(rand.Reader, k, sum[:])
	return text + "." + b64(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

// trustDocument trusts the test issuer under conditions, for the given actions.
func trustDocument(actions, conditions string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` + provider + `"},"Action":` + actions + `,"Condition":` + conditions + `}]}`
}

const assumeOnly = `"sts:AssumeRoleWithWebIdentity"`

var exact = `{"StringEquals":{"` + idpPath + `:aud":"bedrock","` + idpPath + `:sub":"` + subject + `"}}`

// federation is an emulator that knows the issuer as a provider, and a role.
type federation struct {
	*emulator.Emulator
	issuer *testIssuer
	now    atomic.Int64 // seconds
}

func newFederation(t *testing.T, opts ...emulator.Option) *federation {
	t.Helper()
	f := &federation{issuer: newIssuer()}
	f.now.Store(time.Now().Unix())
	e, err := emulator.New(append([]emulator.Option{
		emulator.WithClock(f.time), emulator.WithIssuer(idpHost, f.issuer),
		emulator.WithOIDCProvider(emulator.OIDCProvider{ARN: provider, ClientIDs: []string{"bedrock", "other"}}),
		emulator.WithRole(emulator.IAMRole{ARN: roleARN, TrustPolicy: trustDocument(assumeOnly, exact), Inline: map[string]string{"embed": document(anyModel)}}),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	f.Emulator = e
	return f
}

func (f *federation) time() time.Time          { return time.Unix(f.now.Load(), 0) }
func (f *federation) pass(d time.Duration)     { f.now.Add(int64(d / time.Second)) }
func (f *federation) token(more fields) string { return signRSA(0, nil, goodClaims(f.time(), more)) }

func (f *federation) trust(t *testing.T, document string) {
	t.Helper()
	if err := f.UpdateRole(roleARN, func(r *emulator.IAMRole) { r.TrustPolicy = document }); err != nil {
		t.Fatal(err)
	}
}

// exchange sends a token unsigned, with more parameters, and answers "200" or
// the code and message of AWS, and the answer.
func (f *federation) exchange(t testing.TB, token string, more ...string) (outcome, answer string) {
	t.Helper()
	form := url.Values{
		"Action": {"AssumeRoleWithWebIdentity"}, "Version": {"2011-06-15"}, "RoleArn": {roleARN}, "RoleSessionName": {"caller-1"}, "WebIdentityToken": {token},
	}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	req, err := http.NewRequest(http.MethodPost, "https://sts.us-east-1.amazonaws.com/", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	status, _, body := ask(t, f.Emulator, req)
	if status == http.StatusOK {
		return "200", body
	}
	return elementOf(body, "Code") + ": " + elementOf(body, "Message"), body
}

// session is the key that an exchange gave.
func (f *federation) session(t testing.TB, token string, more ...string) emulator.Key {
	t.Helper()
	outcome, answer := f.exchange(t, token, more...)
	if outcome != "200" {
		t.Fatal(outcome)
	}
	return emulator.Key{AccessKeyID: elementOf(answer, "AccessKeyId"), SecretAccessKey: elementOf(answer, "SecretAccessKey"), SessionToken: elementOf(answer, "SessionToken")}
}

// invoke calls a model with a key and answers status and message.
func (f *federation) invoke(t testing.TB, k emulator.Key, model string) (int, string) {
	t.Helper()
	body := `{"inputText":"x"}`
	if strings.HasPrefix(model, "cohere") {
		body = cohereBody("", "a")
	}
	status, code, answer := ask(t, f.Emulator, signed(t, k, f.time(), "POST", "http://aws.test/model/"+url.PathEscape(model)+"/invoke", body))
	return status, code + " " + answer
}

func elementOf(answer, name string) string {
	m := regexp.MustCompile(`<` + name + `>([^<]*)</` + name + `>`).FindStringSubmatch(answer)
	if m == nil {
		return ""
	}
	return strings.NewReplacer("&#39;", "'", "&#34;", `"`, "&amp;", "&").Replace(m[1])
}
