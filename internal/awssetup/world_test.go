package awssetup_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/awssetup"
)

const (
	issuer   = "https://issuer.adit.test"
	host     = "issuer.adit.test"
	accounts = "111122223333"
	provider = "arn:aws:iam::111122223333:oidc-provider/issuer.adit.test"
)

func facts() awssetup.Facts {
	return awssetup.Facts{
		Issuer: issuer, OrganizationID: "org_0123456789abcdef01234567", OrganizationName: "default",
		EnvironmentID: "env_89abcdef0123456789abcdef", EnvironmentName: "prod", Region: "us-east-1",
		Audiences: []string{"bedrock"}, Session: time.Hour,
	}
}

// world is an emulated AWS account and its administrator.
type world struct {
	t     testing.TB
	aws   *emulator.Emulator
	key   emulator.Key
	admin awssetup.AWS
}

// newAccount makes an account and opens it for its administrator.
func newAccount(t testing.TB) (*emulator.Emulator, awssetup.AWS) {
	t.Helper()
	w := newWorld(t)
	return w.aws, w.admin
}

// newWorld makes an account whose AWS can reach the issuer.
func newWorld(t testing.TB, opts ...emulator.Option) *world {
	t.Helper()
	discovery := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"issuer":"` + issuer + `","jwks_uri":"` + issuer + `/.well-known/jwks.json"}`))
	})
	e, err := emulator.New(append([]emulator.Option{emulator.WithIssuer(host, discovery)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, aws: e}
	if w.key, err = e.AddUser("administrator", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`); err != nil {
		t.Fatal(err)
	}
	w.admin = w.as(w.key)
	return w
}

func (w *world) as(k emulator.Key) awssetup.AWS {
	w.t.Helper()
	// Not IAM's home region, for which its calls must be signed all the same.
	a, err := awssetup.Open(w.t.Context(), awssetup.Access{
		Region: "eu-west-1", EndpointURL: "http://aws.test", HTTP: &http.Client{Transport: w.aws.Transport()},
		Credentials: aws.NewCredentialsCache(credentials.NewStaticCredentialsProvider(k.AccessKeyID, k.SecretAccessKey, k.SessionToken)),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

func (w *world) plan(f awssetup.Facts, o awssetup.Options) *awssetup.Plan {
	w.t.Helper()
	p, err := awssetup.NewPlan(w.t.Context(), f, o, w.admin)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *world) setup(f awssetup.Facts, o awssetup.Options) *awssetup.Plan {
	w.t.Helper()
	p := w.plan(f, o)
	w.apply(p)
	return p
}

func (w *world) apply(p *awssetup.Plan) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	defer cancel()
	if err := p.Apply(ctx, nil); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) removal(f awssetup.Facts, o awssetup.Options) *awssetup.Plan {
	w.t.Helper()
	p, err := awssetup.NewRemoval(w.t.Context(), f, o, w.admin)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// steps are a plan's steps as "action kind".
func steps(p *awssetup.Plan) []string {
	var out []string
	for _, s := range p.Steps {
		out = append(out, string(s.Action)+" "+s.Kind)
	}
	return out
}
