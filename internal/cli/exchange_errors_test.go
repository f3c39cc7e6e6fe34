package cli

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/app"
)

const (
	refusedRole     = "arn:aws:iam::111122223333:role/search"
	refusedProvider = "arn:aws:iam::111122223333:oidc-provider/issuer.adit.test"
)

// refusing is a server whose environment prod has a role that AWS lets it
// assume, until the test makes AWS refuse.
type refusing struct {
	t       *testing.T
	aws     *emulator.Emulator
	environ []string
	url     string
	subject string
	ahead   atomic.Int64 // nanoseconds by which the clocks of both are ahead
}

func (r *refusing) now() time.Time { return time.Now().Add(time.Duration(r.ahead.Load())) }

// newRefusing starts one. It reads nothing of the process's environment, so
// that tests can run beside each other.
func newRefusing(t *testing.T) *refusing {
	t.Helper()
	r := &refusing{t: t}
	aws, err := emulator.New(emulator.WithoutDefaultKey(), emulator.WithClock(r.now))
	if err != nil {
		t.Fatal(err)
	}
	r.aws = aws
	r.serve()
	environment := r.adit("env", "create", "prod", "--region", "us-east-1", "--role-arn", refusedRole, "--model", "amazon.titan-embed-text-v2:0", "-o", "json").exits(0).json()
	r.subject = environment["subject"].(string)
	r.do(aws.AddOIDCProvider(emulator.OIDCProvider{ARN: refusedProvider, ClientIDs: []string{"bedrock"}}))
	r.do(aws.AddRole(emulator.IAMRole{ARN: refusedRole, TrustPolicy: r.trust(r.subject), Inline: map[string]string{
		"all": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"bedrock:*","Resource":"*"}]}`,
	}}))
	return r
}

func (r *refusing) serve() {
	r.t.Helper()
	dir := filepath.Join(r.t.TempDir(), "adit")
	a, err := app.New(app.Settings{
		Listen: "127.0.0.1:0", Transport: r.aws.Transport(), Log: slog.New(slog.DiscardHandler), Version: "v0.0.0-test",
		State: app.StateSettings{DataDir: dir, IssuerURL: "https://" + issuerHost, Signing: app.Rotation{Algorithm: "ES256"}, Now: r.now},
	})
	r.do(err)
	r.do(r.aws.ServeIssuer(issuerHost, a.Handler()))
	ctx, end := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	r.t.Cleanup(func() {
		end()
		r.do(<-done)
		r.do(a.Close())
	})
	r.url = a.URL()
	r.environ = []string{"HOME=" + r.t.TempDir(), "ADIT_DATA_DIR=" + dir}
}

func (r *refusing) do(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *refusing) trust(subject string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity",
		"Principal":{"Federated":"` + refusedProvider + `"},
		"Condition":{"StringEquals":{"issuer.adit.test:aud":"bedrock","issuer.adit.test:sub":"` + subject + `"}}}]}`
}

func (r *refusing) adit(args ...string) did {
	r.t.Helper()
	var out, errs bytes.Buffer
	p := Process{Version: "v0.0.0-test", Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Environ: r.environ}
	code := Run(r.t.Context(), p, args...)
	return did{r.t, "adit " + strings.Join(args, " "), code, out.String(), errs.String()}
}

// exchanges counts the calls of STS since the trail was cleared, and the tokens in them.
func (r *refusing) exchanges() (calls, tokens int) {
	sent := map[string]bool{}
	for _, e := range r.aws.Trail() {
		if e.Operation == "AssumeRoleWithWebIdentity" {
			calls++
			if e.Token != nil {
				sent[e.Token.ID] = true
			}
		}
	}
	return calls, len(sent)
}

// awsNo is one of AWS's errors, and what must come of it.
type awsNo struct {
	fault  emulator.Fault
	calls  int // of AssumeRoleWithWebIdentity
	tokens int // that were in them
	exit   int
	tells  []string
}

// awsNos are all the errors that AWS documents for an exchange, and those of
// every service. After each the remedy is named.
func awsNos() map[string]awsNo {
	said := func(code, message string) emulator.Fault {
		return emulator.Fault{Kind: emulator.FaultStatus, Code: code, Message: message}
	}
	policy := []string{"adit aws setup --environment prod", "iss https://issuer.adit.test", "aud bedrock", "sub env:org_", "role " + refusedRole,
		`"sts:AssumeRoleWithWebIdentity"`, `"issuer.adit.test:sub": "env:org_`, `"issuer.adit.test:aud": "bedrock"`, refusedProvider}
	with := func(more ...string) []string { return append(more, policy...) }
	return map[string]awsNo{
		"no verification key": {said("InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements"),
			3, 1, 6, []string{"InvalidIdentityToken", "could not get the keys", "adit doctor --environment prod", "within 5 seconds", "last fetched", "kid "}},
		"no provider": {said("InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://issuer.adit.test"),
			1, 1, 5, with("does not know Adit's identity provider", "account 111122223333")},
		"audience": {said("InvalidIdentityToken", "Incorrect token audience"),
			1, 1, 5, with("audience bedrock")},
		"thumbprint": {said("InvalidIdentityToken", "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint"),
			1, 1, 5, []string{"TLS certificate", "thumbprint of a private CA", "adit aws setup --environment prod"}},
		"another fault of the token": {said("InvalidIdentityToken", "The ID Token provided is not a valid JWT"),
			1, 1, 5, []string{"adit doctor --environment prod", "not a valid JWT"}},
		"expired": {said("ExpiredTokenException", ""),
			2, 2, 5, []string{"as expired", "Set this machine's clock", "clock: this machine's clock agrees with AWS's"}},
		"issuer out of reach": {said("IDPCommunicationError", ""),
			3, 1, 6, []string{"could not reach Adit's identity provider", "adit doctor --environment prod"}},
		"claim": {said("IDPRejectedClaim", ""),
			2, 2, 5, []string{"refused a claim", "adit doctor --environment prod"}},
		"denied": {said("AccessDenied", ""),
			1, 1, 5, with("Not authorized to perform sts:AssumeRoleWithWebIdentity", "kid ")},
		"duration": {said("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."),
			1, 1, 5, []string{"longer than the role allows", "--max-session 1h", "duration 1h"}},
		"role ARN or session name": {said("ValidationError", "1 validation error detected"),
			1, 1, 5, []string{"role ARN", "session duration", refusedRole}},
		"too many tags": {said("PackedPolicyTooLarge", "Packed policy consumes 115% of allotted space, please use smaller policy."),
			1, 1, 5, []string{"115%", "fewer or shorter tags"}},
		"malformed policy": {said("MalformedPolicyDocument", ""),
			1, 1, 5, []string{"malformed"}},
		"region": {said("RegionDisabledException", ""),
			1, 1, 5, []string{"us-east-1", "Activate"}},
		"throttled": {emulator.Fault{Kind: emulator.FaultThrottle}, 4, 1, 6, []string{"throttling", "retries by itself"}},
		"failing":   {emulator.Fault{Kind: emulator.FaultStatus, Status: 503}, 4, 1, 6, []string{"failing", "503"}},
		"cut off":   {emulator.Fault{Kind: emulator.FaultCut}, 4, 1, 6, []string{"cannot be reached", "this machine's connection to"}},
	}
}

func TestEveryRefusalOfAnExchangeEndsWithItsCodeAndItsRemedy(t *testing.T) {
	rows := awsNos()
	stands, verified := map[string]*refusing{}, map[string]chan did{}
	for name, row := range rows { // all at once: some wait between their tries
		r := newRefusing(t)
		r.adit("aws", "verify", "prod").exits(0).says("is ready")
		row.fault.Operation = "AssumeRoleWithWebIdentity"
		r.do(r.aws.Inject(row.fault))
		r.aws.ClearTrail()
		answer := make(chan did, 1)
		go func() { answer <- r.adit("aws", "verify", "prod") }()
		stands[name], verified[name] = r, answer
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			r, got := stands[name], <-verified[name]
			got.t = t
			got.exits(row.exit).tells(row.tells...)
			if calls, tokens := r.exchanges(); calls != row.calls || tokens != row.tokens {
				t.Errorf("%d calls with %d tokens, not %d with %d", calls, tokens, row.calls, row.tokens)
			}
			if strings.Contains(got.out+got.err, "eyJ") {
				t.Error("a token is shown")
			}
			r.aws.ClearFaults()
			r.adit("aws", "verify", "prod").exits(0).says("is ready")
		})
	}
}

// What goes wrong in an account, as it happens there and without injection.
func TestWhatIsWrongInTheAccountIsNamed(t *testing.T) {
	change := func(trust string) func(*refusing) error {
		return func(r *refusing) error {
			return r.aws.UpdateRole(refusedRole, func(role *emulator.IAMRole) { role.TrustPolicy = trust })
		}
	}
	for name, row := range map[string]struct {
		spoil func(*refusing) error
		exit  int
		tells []string
	}{
		"no such role":    {func(r *refusing) error { return r.aws.DeleteRole(refusedRole) }, 5, []string{"AccessDenied", "trust policy that would have matched", "adit aws setup"}},
		"another subject": {func(r *refusing) error { return change(r.trust("env:org_0:env_0"))(r) }, 5, []string{"AccessDenied", `"issuer.adit.test:sub": "SUBJECT"`}},
		"tags without the right": {func(r *refusing) error {
			r.adit("env", "update", "prod", "--session-tags").exits(0)
			return nil
		}, 5, []string{"AccessDenied", "sts:TagSession"}},
		"sessions longer than the role's": {func(r *refusing) error {
			r.adit("env", "update", "prod", "--session", "2h").exits(0)
			return nil
		}, 5, []string{"ValidationError", "--max-session 2h"}},
		"an audience that the provider has not": {func(r *refusing) error {
			r.adit("env", "update", "prod", "--audience", "other").exits(0)
			return nil
		}, 5, []string{"Incorrect token audience", "audience other"}},
		"an account without the provider": {func(r *refusing) error {
			r.adit("env", "update", "prod", "--role-arn", "arn:aws:iam::444455556666:role/search").exits(0)
			return nil
		}, 5, []string{"No OpenIDConnect provider", "account 444455556666"}},
		"no subject asked for": {func(r *refusing) error {
			return change(strings.ReplaceAll(r.trust("x"), `,"issuer.adit.test:sub":"x"`, ""))(r)
		}, 4, []string{"unsafe", "adit aws setup prod", "adit env accept prod"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRefusing(t)
			r.do(row.spoil(r))
			for i := range row.tells {
				row.tells[i] = strings.ReplaceAll(row.tells[i], "SUBJECT", r.subject)
			}
			r.adit("aws", "verify", "prod").exits(row.exit).tells(row.tells...)
		})
	}
}

// Bedrock's own No to a session: it is dropped, and got anew, once.
func TestASessionThatBedrockRefusesIsReplacedOnce(t *testing.T) {
	r := newRefusing(t)
	r.adit("aws", "verify", "prod").exits(0)
	key := strings.TrimSpace(r.adit("key", "create", "search", "--env", "prod", "--quiet").exits(0).out)
	fine := emulator.Fault{Kind: emulator.FaultDelay, Delay: time.Millisecond}
	expired := emulator.Fault{Kind: emulator.FaultExpiredToken, Count: 1}
	unknown := emulator.Fault{Kind: emulator.FaultStatus, Status: http.StatusForbidden, Code: "UnrecognizedClientException", Count: 1}
	always := expired
	always.Count = 0
	for _, row := range []struct {
		after  time.Duration
		fault  emulator.Fault
		status int
		calls  int // of AssumeRoleWithWebIdentity
	}{
		{0, fine, http.StatusOK, 1},
		{time.Minute, expired, http.StatusOK, 1},
		{time.Minute, unknown, http.StatusOK, 1},
		{time.Second, expired, http.StatusOK, 0}, // so young that a new one would fare no better
		{time.Minute, always, http.StatusBadGateway, 1},
		{time.Minute, fine, http.StatusOK, 0},
	} {
		r.ahead.Add(int64(row.after))
		r.do(r.aws.Inject(row.fault))
		r.aws.ClearTrail()
		if status := r.embed(key); status != row.status {
			t.Errorf("%s %s: HTTP %d, not %d", row.fault.Kind, row.fault.Code, status, row.status)
		}
		if calls, _ := r.exchanges(); calls != row.calls {
			t.Errorf("%s %s: %d exchanges, not %d", row.fault.Kind, row.fault.Code, calls, row.calls)
		}
		r.aws.ClearFaults()
	}
}

func (r *refusing) embed(key string) int {
	r.t.Helper()
	q, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, r.url+"/v1/embeddings", strings.NewReader(`{"model":"prod/amazon.titan-embed-text-v2:0","input":"Good morning"}`))
	r.do(err)
	q.Header.Set("Authorization", "Bearer "+key)
	q.Header.Set("Content-Type", "application/json")
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(q)
	r.do(err)
	r.do(answer.Body.Close())
	return answer.StatusCode
}
