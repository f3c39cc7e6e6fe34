package awssetup_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	"github.com/aws/aws-sdk-go-v2/service/bedrock/types"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/go-jose/go-jose/v4"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/awssetup"
	"github.com/adit-hq/adit/internal/model"
)

// signer is the issuer's key.
type signer struct {
	t   *testing.T
	key jose.JSONWebKey
}

func newSigner(t *testing.T) *signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &signer{t, jose.JSONWebKey{Key: key, KeyID: "k1", Algorithm: "ES256", Use: "sig"}}
}

func (s *signer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == "/keys" {
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{s.key.Public()}})
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"issuer": issuer, "jwks_uri": issuer + "/keys", "response_types_supported": []string{"id_token"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"ES256"}, "claims_supported": []string{"sub", "aud", "exp", "iat", "iss"},
	})
}

func (s *signer) token(subject, audience string, extra map[string]any) string {
	s.t.Helper()
	sign, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: s.key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		s.t.Fatal(err)
	}
	now := time.Now().Unix()
	claims := map[string]any{"iss": issuer, "sub": subject, "aud": audience, "iat": now, "nbf": now - 60, "exp": now + 300, "jti": subject}
	for k, v := range extra {
		claims[k] = v
	}
	text, err := json.Marshal(claims)
	if err != nil {
		s.t.Fatal(err)
	}
	signed, err := sign.Sign(text)
	if err != nil {
		s.t.Fatal(err)
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		s.t.Fatal(err)
	}
	return compact
}

// exchange assumes the role with a token and returns how AWS's clients are then set up.
func (w *world) exchange(arn, token string) (aws.Config, error) {
	c := aws.Config{Region: "us-east-1", BaseEndpoint: aws.String("http://aws.test"), HTTPClient: &http.Client{Transport: w.aws.Transport()}}
	got, err := sts.NewFromConfig(c).AssumeRoleWithWebIdentity(w.t.Context(), &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: &arn, RoleSessionName: aws.String("test"), WebIdentityToken: &token, DurationSeconds: aws.Int32(7200),
	})
	if err != nil {
		return c, err
	}
	c.Credentials = credentials.NewStaticCredentialsProvider(*got.Credentials.AccessKeyId, *got.Credentials.SecretAccessKey, *got.Credentials.SessionToken)
	return c, nil
}

func TestTheRoleTakesItsOwnSubjectOnly(t *testing.T) {
	key := newSigner(t)
	w := newWorld(t, emulator.WithIssuer(host, key))
	f := facts()
	f.SessionTags, f.Session = true, 2*time.Hour
	p := w.setup(f, awssetup.Options{})
	tags := map[string]any{"https://aws.amazon.com/tags": map[string]any{"principal_tags": map[string]any{"team": []string{"search"}}}}
	for name, c := range map[string]struct {
		token string
		works bool
	}{
		"its own":              {key.token(f.Subject(), "bedrock", nil), true},
		"with tags":            {key.token(f.Subject(), "bedrock", tags), true},
		"another environment":  {key.token("env:"+f.OrganizationID+":env_000000000000000000000000", "bedrock", nil), false},
		"another organization": {key.token("env:org_000000000000000000000000:"+f.EnvironmentID, "bedrock", nil), false},
		"a probe":              {key.token("env:"+f.OrganizationID+":probe-1", "bedrock", nil), false},
		"another audience":     {key.token(f.Subject(), "gcp", nil), false},
	} {
		if _, err := w.exchange(p.RoleARN, c.token); (err == nil) != c.works {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheRolesHolderMayListAndEmbedWithEveryModelAndNothingElse(t *testing.T) {
	key := newSigner(t)
	w := newWorld(t, emulator.WithIssuer(host, key), emulator.WithCohereV4OnDemand(),
		emulator.WithListedModel(emulator.ListedModel{ID: "acme.chat-v1:0", Name: "Chat", Provider: "Acme", Inference: []string{"ON_DEMAND"}}))
	f := facts()
	f.Session = 2 * time.Hour
	p := w.setup(f, awssetup.Options{})
	c, err := w.exchange(p.RoleARN, key.token(f.Subject(), "bedrock", nil))
	if err != nil {
		t.Fatal(err)
	}
	runtime := bedrockruntime.NewFromConfig(c)
	for _, u := range model.Offered(f.Region) {
		params, err := u.Family.Resolve(nil)
		if err != nil {
			t.Fatal(err)
		}
		body := u.Family.Codec.AppendRequest(nil, []string{"a mine"}, params)
		if _, err := runtime.InvokeModel(t.Context(), &bedrockruntime.InvokeModelInput{ModelId: aws.String(u.ID.String()), Body: body, ContentType: aws.String("application/json")}); err != nil {
			t.Errorf("%s: %v", u.ID, err)
		}
	}
	control := bedrock.NewFromConfig(c)
	_, err = control.ListFoundationModels(t.Context(), &bedrock.ListFoundationModelsInput{ByOutputModality: types.ModelModalityEmbedding})
	if err != nil {
		t.Error(err)
	}
	for name, try := range map[string]func() error{
		"another model": func() error {
			_, err := runtime.InvokeModel(t.Context(), &bedrockruntime.InvokeModelInput{ModelId: aws.String("acme.chat-v1:0"), Body: []byte("{}")})
			return err
		},
		"another region": func() error {
			_, err := runtime.InvokeModel(t.Context(), &bedrockruntime.InvokeModelInput{ModelId: aws.String("amazon.titan-embed-text-v2:0"), Body: []byte(`{"inputText":"x"}`)}, func(o *bedrockruntime.Options) { o.Region = "us-west-2" })
			return err
		},
		"describing a model": func() error {
			_, err := control.GetFoundationModel(t.Context(), &bedrock.GetFoundationModelInput{ModelIdentifier: aws.String("amazon.titan-embed-text-v2:0")})
			return err
		},
	} {
		if err := try(); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
