package diagnose_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/bedrock"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/diagnose"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/federation"
	"github.com/adit-hq/adit/internal/issuer"
	"github.com/adit-hq/adit/internal/signing"
	"github.com/adit-hq/adit/internal/signing/signingtest"
	"github.com/adit-hq/adit/internal/tenant"
)

const (
	host  = "example.com" // what httptest's certificate is for
	orgID = "org_111111111111111111111111"
	envID = "env_aaaaaaaaaaaaaaaaaaaaaaaa"
	keyID = "key_cccccccccccccccccccccccc"
	arn   = "arn:aws:iam::111122223333:role/Bedrock"
	model = "amazon.titan-embed-text-v2:0"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stand is a server with a public URL, and an AWS that was set up for it.
type stand struct {
	t        *testing.T
	settings diagnose.Settings
	env      tenant.Environment
	aws      *emulator.Emulator
	page     http.Handler // what the public URL serves
	trust    string
	said     error // of the real call
}

func newStand(t *testing.T, options ...emulator.Option) *stand {
	t.Helper()
	signer, _, err := signingtest.NewSigner(t.Context(), signing.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	own, err := issuer.New(issuer.Settings{URL: "https://" + host, Signer: signer})
	if err != nil {
		t.Fatal(err)
	}
	s := &stand{t: t, page: own.Handler(), trust: federation.ExpectedTrust(host, "aws", "111122223333", "env:"+orgID+":"+envID, "bedrock", false)}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.page.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	role := emulator.IAMRole{ARN: arn, TrustPolicy: s.trust, Inline: map[string]string{"bedrock": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"bedrock:*","Resource":"*"}]}`}}
	s.aws, err = emulator.New(append([]emulator.Option{
		emulator.WithAccount("111122223333"), emulator.WithIssuer(host, own.Handler()), emulator.WithRole(role),
		emulator.WithOIDCProvider(emulator.OIDCProvider{ARN: "arn:aws:iam::111122223333:oidc-provider/" + host, ClientIDs: []string{"bedrock"}}),
	}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	s.env = tenant.Environment{
		ID: envID, Organization: orgID, OrganizationName: "research", Name: "prod", Region: "us-east-1", RoleARN: arn, Audiences: []string{"bedrock"}, Session: time.Hour,
		SessionName: tenant.ByKey, State: tenant.Ready, Models: []string{model},
	}
	client := &http.Client{Transport: s.aws.Transport()}
	f := federation.New(federation.Settings{
		Issuer: own, HTTP: client,
		Environment:  func(string) (tenant.Environment, error) { return s.env, nil },
		Organization: func(string) (tenant.Organization, error) { return tenant.Organization{}, nil },
	})
	t.Cleanup(f.Close)
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	s.settings = diagnose.Settings{
		Issuer: own, Exchanger: f, Models: s, Invoker: s, HTTP: client, Roots: pool,
		Lookup: func(context.Context, string) ([]string, error) { return []string{"93.184.215.14"}, nil },
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
		},
	}
	return s
}

func (s *stand) List(ctx context.Context, e tenant.Environment, creds credential.Credentials) (bedrock.Listing, error) {
	return bedrock.List(ctx, bedrock.ListSettings{Region: e.Region, Credentials: creds, HTTP: s.aws.Transport()})
}

func (s *stand) Invoke(_ context.Context, _ tenant.Environment, _ string, creds credential.Credentials) (string, error) {
	if creds.AccessKeyID == "" {
		s.t.Error("invoked without credentials")
	}
	return "1024 numbers", s.said
}

// walk walks, and returns the verdicts as "name verdict".
func (s *stand) walk(o diagnose.Options) diagnose.Diagnosis {
	s.t.Helper()
	var streamed []diagnose.Step
	d := diagnose.Walk(s.t.Context(), s.settings, s.env, caller.Caller{Organization: orgID, Key: keyID}, o, func(step diagnose.Step) { streamed = append(streamed, step) })
	if len(streamed) != len(d.Steps) {
		s.t.Errorf("%d steps streamed, %d kept", len(streamed), len(d.Steps))
	}
	text, err := json.Marshal(d)
	if err != nil || strings.Contains(string(text), "eyJ") {
		s.t.Errorf("a token is told, or %v", err)
	}
	for _, step := range d.Steps {
		if got := step.Remedy; strings.Count(got, " prod") != strings.Count(got, " prod --org research") {
			s.t.Errorf("step %s has a command that finds no environment of another organization than default: %s", step.Name, got)
		}
		if step.Message == "" || step.Verdict == diagnose.Failed && (step.Remedy == "" || step.Kind == "") {
			s.t.Errorf("step %s %s has no words: %+v", step.Name, step.Verdict, step)
		}
	}
	return d
}

func step(d diagnose.Diagnosis, name string) diagnose.Step {
	i := slices.IndexFunc(d.Steps, func(s diagnose.Step) bool { return s.Name == name })
	return d.Steps[i]
}

func fact(s diagnose.Step, name string) string {
	for _, f := range s.Facts {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

func TestAHealthyPathIsGoneToTheEnd(t *testing.T) {
	s := newStand(t)
	d := s.walk(diagnose.Options{Invoke: true})
	var names []string
	for _, one := range d.Steps {
		names = append(names, one.Name)
		if one.Verdict != diagnose.OK {
			t.Errorf("%s: %s: %s", one.Name, one.Verdict, one.Message)
		}
	}
	want := "public_url tls discovery jwks clock token exchange probe identity models access invoke"
	if got := strings.Join(names, " "); got != want || d.Verdict != diagnose.OK {
		t.Errorf("%s: %s", d.Verdict, got)
	}
	if got := fact(step(d, diagnose.Identity), "arn"); got != "arn:aws:sts::111122223333:assumed-role/Bedrock/adit-"+envID+"-"+keyID {
		t.Errorf("identity %s", got)
	}
	if kid := fact(step(d, diagnose.Token), "kid"); !strings.Contains(fact(step(d, diagnose.JWKS), "kids"), kid) {
		t.Errorf("kid %s", kid)
	}
}

func TestWithoutInvokeNothingIsCalled(t *testing.T) {
	s := newStand(t)
	s.settings.Invoker = nil
	if d := s.walk(diagnose.Options{}); step(d, diagnose.Invoke).Verdict != diagnose.Skipped || d.Verdict != diagnose.OK {
		t.Errorf("%+v", step(d, diagnose.Invoke))
	} else if said := step(d, diagnose.Invoke).Message; strings.Contains(said, "--") { // pages have a box, and the API a field
		t.Errorf("it names a flag: %q", said)
	}
}

func TestHowFarAWSsClockIsReadsPlainly(t *testing.T) {
	for off, want := range map[time.Duration]string{0: "within 1s", -time.Second: "within 1s", 20 * time.Second: " behind", -20 * time.Second: " ahead"} {
		s := newStand(t)
		s.settings.Now = func() time.Time { return time.Now().Add(off) }
		if got := fact(step(s.walk(diagnose.Options{}), diagnose.Clock), "clock_difference"); !strings.HasSuffix(got, want) || strings.Contains(got, "-") {
			t.Errorf("%v: %q, want %q", off, got, want)
		}
	}
}

// replaced serves the documents with a change.
func replaced(own http.Handler, change func(header http.Header, path string, body []byte) []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		own.ServeHTTP(rec, r)
		body := change(rec.Header(), r.URL.Path, rec.Body.Bytes())
		for name, v := range rec.Header() {
			if name != "Content-Length" {
				w.Header()[name] = v
			}
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(body)
	})
}

func TestWhatIsWrongIsSaidInItsStepAndTheOthersGoOnWhereTheyCan(t *testing.T) {
	swap := func(from, to string) func(*stand) {
		return func(s *stand) {
			s.page = replaced(s.page, func(_ http.Header, _ string, body []byte) []byte {
				return []byte(strings.ReplaceAll(string(body), from, to))
			})
		}
	}
	header := func(name, value string) func(*stand) {
		return func(s *stand) {
			s.page = replaced(s.page, func(h http.Header, _ string, body []byte) []byte { h.Set(name, value); return body })
		}
	}
	role := func(change func(*emulator.IAMRole)) func(*stand) {
		return func(s *stand) {
			if err := s.aws.UpdateRole(arn, change); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		change  func(*stand)
		step    string
		verdict diagnose.Verdict
		kind    fault.Kind
		says    string // message, remedy or a fact
		last    diagnose.Verdict
	}{
		"no DNS record": {func(s *stand) {
			s.settings.Lookup = func(context.Context, string) ([]string, error) { return nil, errors.New("no such host") }
		}, diagnose.PublicURL, diagnose.Failed, fault.Config, "does not resolve in DNS", diagnose.OK},
		"a private address": {func(s *stand) {
			s.settings.Lookup = func(context.Context, string) ([]string, error) { return []string{"10.0.0.7"}, nil }
		}, diagnose.PublicURL, diagnose.Warning, 0, "10.0.0.7", diagnose.OK},
		"nobody listens": {func(s *stand) {
			s.settings.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("connection refused") }
		}, diagnose.TLS, diagnose.Failed, fault.Unavailable, "connection refused", diagnose.OK},
		"a private CA": {func(s *stand) { s.settings.Roots = x509.NewCertPool() }, diagnose.TLS, diagnose.Warning, 0, "adit aws setup", diagnose.OK},
		"an expired certificate": {func(s *stand) {
			s.settings.Now = func() time.Time { return time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC) }
		}, diagnose.TLS, diagnose.Failed, fault.Config, "expired", diagnose.OK},
		"another issuer answers":     {swap("https://example.com", "https://other.example.com"), diagnose.Discovery, diagnose.Failed, fault.Config, "belongs to another issuer", diagnose.OK},
		"an old export":              {swap(`"jti",`, ``), diagnose.Discovery, diagnose.Warning, 0, "claims_supported", diagnose.OK},
		"a page":                     {func(s *stand) { s.page = http.NotFoundHandler() }, diagnose.Discovery, diagnose.Failed, fault.Config, "404", diagnose.OK},
		"a redirect":                 {func(s *stand) { s.page = http.RedirectHandler("https://elsewhere.example.com", http.StatusFound) }, diagnose.JWKS, diagnose.Failed, fault.Config, "redirect", diagnose.OK},
		"no-store":                   {header("Cache-Control", "no-store"), diagnose.JWKS, diagnose.Warning, 0, "parallel exchanges", diagnose.OK},
		"no Cache-Control":           {header("Cache-Control", ""), diagnose.JWKS, diagnose.Warning, 0, "12 hours", diagnose.OK},
		"text":                       {header("Content-Type", "text/html"), diagnose.JWKS, diagnose.Warning, 0, "text/html", diagnose.OK},
		"the signing key is missing": {swap(`"kid":"`, `"kid":"old-`), diagnose.JWKS, diagnose.Failed, fault.Config, "not among", diagnose.OK},
		"a private key is published": {swap(`"kid":`, `"d":"x","kid":`), diagnose.JWKS, diagnose.Failed, fault.Config, "PRIVATE", diagnose.OK},
		"an unknown role": {func(s *stand) { s.env.RoleARN = "arn:aws:iam::111122223333:role/Absent" }, diagnose.Exchange, diagnose.Failed, fault.Refused,
			"trust policy that would have matched", diagnose.Skipped},
		"no role": {func(s *stand) { s.env.RoleARN = "" }, diagnose.Exchange, diagnose.Failed, fault.Forbidden, "adit aws setup", diagnose.Skipped},
		"another subject": {role(func(r *emulator.IAMRole) {
			r.TrustPolicy = strings.ReplaceAll(r.TrustPolicy, envID, "env_bbbbbbbbbbbbbbbbbbbbbbbb")
		}),
			diagnose.Exchange, diagnose.Failed, fault.Refused, `"example.com:sub": "env:` + orgID + ":" + envID, diagnose.Skipped},
		"a token that AWS takes for none": {func(s *stand) {
			no := emulator.Fault{Kind: emulator.FaultStatus, Code: "InvalidIdentityToken", Message: "The ID Token provided is not a valid JWT", Operation: "AssumeRoleWithWebIdentity"}
			if err := s.aws.Inject(no); err != nil {
				s.t.Fatal(err)
			}
		}, diagnose.Exchange, diagnose.Failed, fault.Refused, "See the steps before this one.", diagnose.Skipped},
		"no TagSession": {func(s *stand) { s.env.SessionTags = true }, diagnose.Exchange, diagnose.Failed, fault.Refused, "lacks sts:TagSession", diagnose.Skipped},
		"an open role": {role(func(r *emulator.IAMRole) {
			r.TrustPolicy = strings.NewReplacer(`"example.com:aud": "bedrock",`, `"example.com:aud": "bedrock"`, `"example.com:sub": "env:`+orgID+":"+envID+`"`, "").Replace(r.TrustPolicy)
		}), diagnose.Probe, diagnose.Failed, fault.Refused, "admits subjects of other organizations", diagnose.OK},
		"a wildcard": {role(func(r *emulator.IAMRole) {
			r.TrustPolicy = strings.NewReplacer("StringEquals", "StringLike", envID, "*").Replace(r.TrustPolicy)
		}), diagnose.Probe, diagnose.Warning, 0, `"example.com:aud": "bedrock"`, diagnose.OK},
		"no policy":        {role(func(r *emulator.IAMRole) { r.Inline = nil }), diagnose.Models, diagnose.Failed, fault.Refused, "adit aws setup", diagnose.OK},
		"an unknown model": {func(s *stand) { s.env.Models = []string{"amazon.absent-v1"} }, diagnose.Access, diagnose.Failed, fault.Config, "has no model amazon.absent-v1", diagnose.OK},
		"no model":         {func(s *stand) { s.env.Models = nil }, diagnose.Access, diagnose.Skipped, 0, "no enabled models", diagnose.Skipped},
		"a call that fails": {func(s *stand) { s.said = fault.New(fault.Refused, "AWS denied the call").WithRemedy("Ask.") }, diagnose.Invoke, diagnose.Failed,
			fault.Refused, "AWS denied", diagnose.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t)
			c.change(s)
			d := s.walk(diagnose.Options{Invoke: true})
			got := step(d, c.step)
			if all, _ := json.Marshal(got); got.Verdict != c.verdict || !strings.Contains(strings.NewReplacer(`\"`, `"`, `\n`, "\n").Replace(string(all)), c.says) {
				t.Errorf("step %s: %s", c.step, all)
			}
			for _, step := range d.Steps {
				if strings.Contains(step.Message+step.Remedy, "adit doctor") {
					t.Errorf("step %s sends to the doctor: %s %s", step.Name, step.Message, step.Remedy)
				}
			}
			if c.verdict == diagnose.Failed && (got.Kind != c.kind.String() || d.Verdict != diagnose.Failed) {
				t.Errorf("kind %s, whole %s", got.Kind, d.Verdict)
			}
			if last := d.Steps[len(d.Steps)-1]; last.Verdict != c.last && name != "an expired certificate" {
				t.Errorf("the last step %s is %s: %s", last.Name, last.Verdict, last.Message)
			}
		})
	}
}

func TestAClockThatIsOffIsToldBeforeAWSRefusesIt(t *testing.T) {
	for skew, want := range map[time.Duration]diagnose.Verdict{20 * time.Second: diagnose.OK, 2 * time.Minute: diagnose.Warning, -20 * time.Minute: diagnose.Failed} {
		s := newStand(t, emulator.WithClockSkew(skew))
		if got := step(s.walk(diagnose.Options{}), diagnose.Clock); got.Verdict != want {
			t.Errorf("%v: %+v", skew, got)
		}
	}
}

func TestAnInterruptedWalkSkipsWhatIsLeft(t *testing.T) {
	s := newStand(t)
	ctx, cancel := context.WithCancel(t.Context())
	d := diagnose.Walk(ctx, s.settings, s.env, caller.Caller{Organization: orgID, Key: keyID}, diagnose.Options{}, func(s diagnose.Step) {
		if s.Name == diagnose.TLS {
			cancel()
		}
	})
	if len(d.Steps) != 12 || step(d, diagnose.TLS).Verdict != diagnose.OK || step(d, diagnose.Exchange).Verdict != diagnose.Skipped {
		t.Errorf("%+v", d.Steps)
	}
}

func TestTheThumbprintIsToldForAPrivateCAOnly(t *testing.T) {
	s := newStand(t)
	if got, err := diagnose.Thumbprint(t.Context(), s.settings); got != "" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	s.settings.Roots = x509.NewCertPool()
	if got, err := diagnose.Thumbprint(t.Context(), s.settings); len(got) != 40 || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}
