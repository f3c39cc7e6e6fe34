package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/secret"
)

const (
	issuerHost  = "adit.example.com"
	issuerURL   = "https://" + issuerHost
	awsAccount  = "111122223333"
	titanV2     = "amazon.titan-embed-text-v2:0"
	keyOfMaster = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
)

// log collects what a server tells, from many goroutines.
type log struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(b)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// replica is a running server that keeps state, in front of an emulator, and the
// operator's client of it.
type replica struct {
	t testing.TB
	*App
	aws     *emulator.Emulator
	control *client.Client
	log     *log
	http    *http.Client
	// lost says that the database was taken away on purpose.
	lost bool
	// stop tells the server to stop; ended is closed when it did.
	stop  context.CancelFunc
	ended chan struct{}
}

// newAWS is an emulator whose STS finds the issuer once one is served.
func newAWS(t testing.TB, opts ...emulator.Option) *emulator.Emulator {
	t.Helper()
	aws, err := emulator.New(opts...)
	if err != nil {
		t.Fatal(err)
	}
	return aws
}

// startReplica starts a server; change may alter its settings.
func startReplica(t testing.TB, aws *emulator.Emulator, change func(*Settings)) *replica {
	t.Helper()
	said := &log{}
	s := Settings{
		Listen: "127.0.0.1:0", MetricsListen: "127.0.0.1:0", Transport: aws.Transport(), Grace: time.Second,
		State: StateSettings{DataDir: t.TempDir(), IssuerURL: issuerURL, Signing: Rotation{Algorithm: "ES256"}, Poll: 50 * time.Millisecond},
		Log:   slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(&s)
	}
	a, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := aws.ServeIssuer(issuerHost, a.Handler()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var came error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		came = a.Run(ctx)
	}()
	r := &replica{t: t, App: a, aws: aws, log: said, stop: stop, ended: ended, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}}
	t.Cleanup(func() {
		stop()
		if <-ended; came != nil {
			t.Error(came)
		}
		if err := a.Close(); err != nil && !r.lost {
			t.Error(err)
		}
		r.http.CloseIdleConnections()
	})
	if key, err := OperatorKey(s.State.DataDir); err == nil { // a second replica has none
		r.control = r.clientOf(key)
	}
	return r
}

// shared makes replicas share a database.
func shared(database, dir string) func(*Settings) {
	return func(s *Settings) {
		s.State.Database, s.State.MasterKey = database, secret.New(keyOfMaster)
		s.State.DataDir = dir
	}
}

// sharedSQLite is a database file that several replicas open.
func sharedSQLite(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "shared.db") }

func (r *replica) clientOf(key secret.String) *client.Client {
	r.t.Helper()
	c, err := client.New(client.Settings{URL: r.URL(), Key: key, HTTP: r.http})
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

// trusting is a trust policy for the issuer's tokens with these conditions under StringEquals.
func trusting(conditions ...string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRoleWithWebIdentity","sts:TagSession"],
		"Principal":{"Federated":"arn:aws:iam::%s:oidc-provider/%s"},"Condition":{"StringEquals":{%s}}}]}`, awsAccount, issuerHost, strings.Join(conditions, ","))
}

func audience() string { return fmt.Sprintf(`"%s:aud":"bedrock"`, issuerHost) }

func subjects(of ...string) string {
	return fmt.Sprintf(`"%s:sub":["%s"]`, issuerHost, strings.Join(of, `","`))
}

// role makes the provider, if there is none, and a role with a trust policy, as
// an administrator would in the console; it returns the role's ARN.
func (r *replica) role(name, trustPolicy string) string {
	r.t.Helper()
	provider := "arn:aws:iam::" + awsAccount + ":oidc-provider/" + issuerHost
	if len(r.aws.IAM().Providers) == 0 {
		if err := r.aws.AddOIDCProvider(emulator.OIDCProvider{ARN: provider, ClientIDs: []string{"bedrock"}}); err != nil {
			r.t.Fatal(err)
		}
	}
	arn := "arn:aws:iam::" + awsAccount + ":role/" + name
	err := r.aws.AddRole(emulator.IAMRole{ARN: arn, TrustPolicy: trustPolicy, Attached: []string{"arn:aws:iam::aws:policy/AmazonBedrockFullAccess"}})
	if err != nil {
		r.t.Fatal(err)
	}
	return arn
}

// environment makes one with a model, whose role is still to come.
func (r *replica) environment(org, name string) wire.Environment {
	r.t.Helper()
	e, err := r.control.CreateEnvironment(r.t.Context(), org, wire.EnvironmentInput{Name: name, Region: "us-east-1", Models: []string{titanV2}})
	if err != nil {
		r.t.Fatal(err)
	}
	return e
}

func (r *replica) setRole(org, env, arn string) {
	r.t.Helper()
	if _, err := r.control.UpdateEnvironment(r.t.Context(), org, env, wire.EnvironmentPatch{RoleARN: &arn}); err != nil {
		r.t.Fatal(err)
	}
}

// ready makes an environment with a role of its own that trusts it and nobody else.
func (r *replica) ready(org, name string) wire.Environment {
	r.t.Helper()
	e := r.environment(org, name)
	r.setRole(org, e.ID, r.role("adit-"+name, trusting(audience(), subjects(e.Subject))))
	return e
}

func (r *replica) organization(name string) string {
	r.t.Helper()
	o, err := r.control.CreateOrganization(r.t.Context(), wire.OrganizationInput{Name: name})
	if err != nil {
		r.t.Fatal(err)
	}
	return o.ID
}

func (r *replica) key(org, name string, roles ...string) string {
	r.t.Helper()
	k, err := r.control.CreateKey(r.t.Context(), org, wire.KeyInput{Name: name, Roles: roles})
	if err != nil {
		r.t.Fatal(err)
	}
	return k.Secret
}

// answer is what /v1 said.
type answer struct {
	status int
	body   string
}

func (r *replica) get(path, key string) answer {
	r.t.Helper()
	return r.send(http.MethodGet, path, key, "")
}

// embed asks for the vector of a text.
func (r *replica) embed(key, model, text string) answer {
	r.t.Helper()
	return r.send(http.MethodPost, "/v1/embeddings", key, fmt.Sprintf(`{"model":%q,"input":%q}`, model, text))
}

func (r *replica) send(method, path, key, body string) answer {
	req, err := http.NewRequest(method, r.URL()+path, strings.NewReader(body))
	if err != nil {
		r.t.Error(err)
		return answer{}
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := r.http.Do(req)
	if err != nil {
		r.t.Error(err)
		return answer{}
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Error(err)
	}
	return answer{resp.StatusCode, string(b)}
}

// calls counts the requests of an operation that reached AWS.
func (r *replica) calls(operation string) int {
	n := 0
	for _, e := range r.aws.Trail() {
		if e.Operation == operation {
			n++
		}
	}
	return n
}

// clock is a time that stands still until tests move it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Now()} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (r *replica) show(env string) wire.Environment {
	r.t.Helper()
	if err := r.state.tenants.Flush(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	e, err := r.control.Environment(r.t.Context(), "default", env)
	if err != nil {
		r.t.Fatal(err)
	}
	return e
}

func withTrust(policy string) func(*emulator.IAMRole) {
	return func(r *emulator.IAMRole) { r.TrustPolicy = policy }
}

// eventually waits until something holds, at most for so long.
func eventually(t *testing.T, most time.Duration, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(most)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", most, what)
		}
		time.Sleep(5 * time.Millisecond) // what is waited for needs the processor too
	}
}
