package federation_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/federation"
	"github.com/adit-hq/adit/internal/issuer"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/tenant"
)

const (
	org1 = "org_111111111111111111111111"
	org2 = "org_222222222222222222222222"
	env1 = "env_aaaaaaaaaaaaaaaaaaaaaaaa"
	env2 = "env_bbbbbbbbbbbbbbbbbbbbbbbb"
	key1 = "key_cccccccccccccccccccccccc"
	key2 = "key_dddddddddddddddddddddddd"
	arn1 = "arn:aws:iam::111122223333:role/adit/Bedrock"
)

// stand is a federation with everything around it in memory.
type stand struct {
	t      *testing.T
	sts    *fakeSTS
	issuer *fakeIssuer
	f      *federation.Federation
	logged *bytes.Buffer

	mu        sync.Mutex
	envs      map[string]tenant.Environment
	orgs      map[string]tenant.Organization
	down      error // of the directory
	full      error // of the audit
	events    []audit.Event
	did       []tenant.Activity
	probes    []tenant.Verdict
	unwritten error // of the ledger
	fell      int
	counts    map[string]int
}

func environment(org, id string) tenant.Environment {
	return tenant.Environment{
		ID: id, Organization: org, OrganizationName: "research", Name: "prod", Provider: "bedrock", Region: "eu-central-1", RoleARN: arn1, Audiences: []string{"bedrock", "other"},
		Session: time.Hour, SessionName: tenant.ByKey, State: tenant.Ready, Probed: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), Version: 1,
	}
}

func newStand(t *testing.T, change ...func(*federation.Settings)) *stand {
	t.Helper()
	s := &stand{
		t: t, sts: &fakeSTS{t: t}, issuer: &fakeIssuer{kid: "kid-1"}, logged: &bytes.Buffer{},
		envs:   map[string]tenant.Environment{env1: environment(org1, env1), env2: environment(org2, env2)},
		orgs:   map[string]tenant.Organization{org1: {ID: org1}, org2: {ID: org2}},
		counts: map[string]int{},
	}
	settings := federation.Settings{
		Issuer: s.issuer, Environment: s.environment, Organization: s.organization, Ledger: (*ledger)(s), Audit: (*book)(s), Observe: (*observer)(s),
		UserHashKey: []byte("test"), HTTP: &http.Client{Transport: s.sts}, Log: slog.New(slog.NewTextHandler(&locked{w: s.logged}, nil)),
	}
	for _, c := range change {
		c(&settings)
	}
	s.f = federation.New(settings)
	t.Cleanup(s.f.Close)
	return s
}

type locked struct {
	mu sync.Mutex
	w  *bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

func (s *stand) environment(id string) (tenant.Environment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down != nil {
		return tenant.Environment{}, s.down
	}
	e, ok := s.envs[id]
	if !ok {
		return e, fault.New(fault.NotFound, "there is no such environment")
	}
	return e, nil
}

func (s *stand) organization(id string) (tenant.Organization, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.orgs[id], nil
}

// change changes an environment as an administrator would.
func (s *stand) change(id string, by func(*tenant.Environment)) {
	s.mu.Lock()
	e := s.envs[id]
	by(&e)
	e.Version++
	s.envs[id] = e
	s.mu.Unlock()
	s.reconcile()
}

func (s *stand) remove(id string) {
	s.mu.Lock()
	delete(s.envs, id)
	s.mu.Unlock()
	s.reconcile()
}

func (s *stand) reconcile() {
	s.mu.Lock()
	var all []tenant.Environment
	for _, e := range s.envs {
		all = append(all, e)
	}
	s.mu.Unlock()
	s.f.Reconcile(all)
}

func (s *stand) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func by(org, key string) caller.Caller {
	return caller.Caller{Organization: org, Key: key, Name: "name of " + key}
}

// get gives the credentials of a caller, which must come.
func (s *stand) get(env string, c caller.Caller) credential.Credentials {
	s.t.Helper()
	got, err := s.f.For(env).Credentials(s.t.Context(), c)
	if err != nil {
		s.t.Fatalf("no credentials: %v", err)
	}
	return got
}

// fails gives the fault of a caller's attempt, which must fail.
func (s *stand) fails(env string, c caller.Caller) *fault.Error {
	s.t.Helper()
	_, err := s.f.For(env).Credentials(s.t.Context(), c)
	var f *fault.Error
	if !errors.As(err, &f) {
		s.t.Fatalf("err = %v, want a fault", err)
	}
	return f
}

// refused is fails for who does not care why.
func (s *stand) refused(env string, c caller.Caller) {
	s.t.Helper()
	if f := s.fails(env, c); f.Message == "" {
		s.t.Errorf("a fault without words: %+v", f)
	}
}

// calls asserts how many calls STS got so far.
func (s *stand) calls(want int) {
	s.t.Helper()
	if got := s.sts.count(); got != want {
		s.t.Errorf("%d calls to STS, want %d", got, want)
	}
}

// tokens asserts how many different tokens STS got so far.
func (s *stand) tokens(want int) {
	s.t.Helper()
	seen := map[string]bool{}
	for _, c := range s.sts.seen() {
		seen[c.token] = true
	}
	if len(seen) != want {
		s.t.Errorf("%d different tokens were sent, want %d", len(seen), want)
	}
}

type ledger stand

func (l *ledger) Exchanged(_ string, a tenant.Activity) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.did = append(l.did, a)
}

func (l *ledger) Probed(_ context.Context, _ audit.Actor, id, role string, v tenant.Verdict, _ string) (tenant.Environment, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.unwritten != nil {
		return tenant.Environment{}, l.unwritten
	}
	l.probes = append(l.probes, v)
	e := l.envs[id]
	switch {
	case e.RoleARN != role:
	case v == tenant.Safe:
		e.State, e.Probed = tenant.Ready, time.Now()
	case v == tenant.Open:
		e.State = tenant.Unsafe
	default:
		return e, nil
	}
	e.Version++
	l.envs[id] = e
	return e, nil
}

type book stand

func (b *book) Room() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.full
}

func (b *book) Record(_ context.Context, e audit.Event) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.full != nil {
		return b.full
	}
	b.events = append(b.events, e)
	return nil
}

type observer stand

func (o *observer) Exchanged(_, outcome string, _ time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.counts[outcome]++
}
func (o *observer) Sessions(int) {}
func (o *observer) FellBack(string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fell++
}

// fakeIssuer makes tokens that say what they are for.
type fakeIssuer struct {
	mu     sync.Mutex
	kid    string
	n      int
	fails  error
	claims []issuer.Claims
	// unfetched says that nobody asked for its keys yet.
	unfetched bool
}

func (i *fakeIssuer) LastFetch() map[string]time.Time {
	if i.unfetched {
		return nil
	}
	return map[string]time.Time{issuer.JWKS: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)}
}

func (i *fakeIssuer) Mint(_ context.Context, c issuer.Claims) (issuer.Token, error) {
	return i.make("env:"+c.Organization+":"+c.Environment, c)
}

func (i *fakeIssuer) MintProbe(_ context.Context, kind, org, env, audience string) (issuer.Token, error) {
	subject := "env:" + org + ":probe"
	if kind == issuer.ProbeForeign {
		subject = "env:org_000000000000000000000000:probe"
	}
	return i.make(subject, issuer.Claims{Organization: org, Environment: env, Audience: audience})
}

func (i *fakeIssuer) make(subject string, c issuer.Claims) (issuer.Token, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.fails != nil {
		return issuer.Token{}, i.fails
	}
	i.n++
	i.claims = append(i.claims, c)
	jti := fmt.Sprintf("tok_%d", i.n)
	now := time.Now()
	return issuer.Token{
		Compact: secret.New("eyJhbGciOiJSUzI1NiJ9." + subject + "." + jti + ".signature-" + i.kid), Issuer: "https://id.example.com", Subject: subject,
		Audience: c.Audience, KID: i.kid, JTI: jti, Issued: now, Expires: now.Add(5 * time.Minute),
	}, nil
}

func (i *fakeIssuer) set(change func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	change()
}
