package trust_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/trust"
	"github.com/adit-hq/adit/internal/trust/trusttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	orgA = "org_aaaaaaaaaaaaaaaaaaaaaaaa"
	orgB = "org_bbbbbbbbbbbbbbbbbbbbbbbb"
	prod = "env_111111111111111111111111"
)

// tenants has two organizations; the first has the environment prod.
type tenants struct{}

func (tenants) OrganizationID(name string) (string, error) {
	if name == orgA || name == orgB {
		return name, nil
	}
	return "", fault.New(fault.NotFound, "no such organization").WithCode("organization_not_found")
}

func (tenants) EnvironmentID(organization, name string) (string, error) {
	if organization == orgA && (name == prod || name == "prod") {
		return prod, nil
	}
	return "", fault.New(fault.NotFound, "no such environment").WithCode("environment_not_found")
}

// server is a registry over a store in memory, with a clock that stands, and an
// issuer with the same clock.
type server struct {
	t      testing.TB
	store  *trusttest.Store
	trust  *trust.Registry
	issuer *trusttest.Issuer
	mu     sync.Mutex
	now    time.Time
	made   int
}

func (s *server) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *server) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func (s *server) refresh(context.Context) error {
	s.trust.Set(s.store.Things())
	return nil
}

func newServer(t testing.TB, with ...func(*trust.Settings)) *server {
	t.Helper()
	s := &server{t: t, store: trusttest.NewStore(), issuer: trusttest.NewIssuer(), now: time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)}
	t.Cleanup(s.issuer.Close)
	s.issuer.Now = s.clock
	settings := trust.Settings{
		Store: s.store, Tenants: tenants{}, Egress: s.issuer.Policy(), Now: s.clock, Refresh: s.refresh,
		Own: func(issuer string) bool { return issuer == "https://adit.example.com" },
	}
	for _, f := range with {
		f(&settings)
	}
	s.trust = trust.New(settings)
	return s
}

// trusts makes a rule of the organization for subjects of the server's issuer.
func (s *server) trusts(organization, subject string) trust.Issuer {
	s.t.Helper()
	s.made++
	return s.create(trust.Input{Organization: organization, Name: fmt.Sprintf("rule %d", s.made), URL: s.issuer.URL, Subject: subject})
}

func (s *server) create(in trust.Input) trust.Issuer {
	s.t.Helper()
	i, err := s.trust.Create(s.t.Context(), system(), in)
	if err != nil {
		s.t.Fatal(err)
	}
	return i
}

func system() access.By { return access.By{Principal: access.System()} }

func (s *server) present(token string) (caller.Caller, error) {
	return s.trust.Authenticate(s.t.Context(), token)
}

// lets wants the token to be taken, and returns whose it is.
func (s *server) lets(token string) caller.Caller {
	s.t.Helper()
	c, err := s.present(token)
	if err != nil {
		s.t.Fatalf("refused: %v", err)
	}
	return c
}

// refuses wants the token to be refused as every bad one is, and returns the words.
func (s *server) refuses(token string) string {
	s.t.Helper()
	c, err := s.present(token)
	if err == nil {
		s.t.Errorf("let in as %+v", c)
		return ""
	}
	f := fault.From(err)
	if f.Kind != fault.Unauthenticated || f.Code != "invalid_token" {
		s.t.Errorf("kind %v, code %q: %v", f.Kind, f.Code, err)
	}
	return f.Sentence()
}

// job are the claims of a job on the main branch of acme/search, made for the first organization.
func (s *server) job() trusttest.Claims {
	return s.issuer.GitHub("acme/search", "main", trust.Audience(orgA))
}

// fetches is how often the issuer's keys were read.
func (s *server) fetches() int { return s.issuer.Requests(trusttest.KeysPath) }

func code(err error) string {
	if err == nil {
		return ""
	}
	return fault.From(err).Code
}

// params are the fields that a fault names, in order.
func params(err error) []string {
	var all fault.Inputs
	if errors.As(err, &all) {
		var names []string
		for _, each := range all {
			names = append(names, fault.From(each).Param)
		}
		return names
	}
	if err == nil {
		return nil
	}
	return []string{fault.From(err).Param}
}
