package tenant_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/tenant"
	"github.com/adit-hq/adit/internal/tenant/tenanttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const roleARN = "arn:aws:iam::123456789012:role/teams/search/adit-prod"

// server is a registry over a store in memory, with a clock that stands, and the organization "acme".
type server struct {
	*tenant.Registry
	t     testing.TB
	store *tenanttest.Store
	acme  tenant.Organization
	mu    sync.Mutex
	now   time.Time
}

func newServer(t testing.TB, with ...func(*tenant.Settings)) *server {
	t.Helper()
	s := &server{t: t, now: time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)}
	settings := tenant.Settings{Now: s.clock}
	for _, f := range with {
		f(&settings)
	}
	s.Registry, s.store = tenanttest.NewRegistry(settings)
	s.acme = s.organization("acme")
	return s
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

func admin() audit.Actor { return audit.Actor{Organization: "org_x", Key: "key_1", Name: "admin"} }

func (s *server) organization(name string) tenant.Organization {
	s.t.Helper()
	o, err := s.CreateOrganization(s.t.Context(), admin(), tenant.OrganizationInput{Name: name})
	if err != nil {
		s.t.Fatal(err)
	}
	return o
}

// environment makes one with a role in eu-central-1.
func (s *server) environment(name string) tenant.Environment {
	s.t.Helper()
	e, _, err := s.CreateEnvironment(s.t.Context(), admin(), s.acme.ID, tenant.EnvironmentInput{Name: name, Region: "eu-central-1", RoleARN: roleARN})
	if err != nil {
		s.t.Fatal(err)
	}
	return e
}

// read returns the environment as it is in force.
func (s *server) read(id string) tenant.Environment {
	s.t.Helper()
	e, err := s.EnvironmentByID(id)
	if err != nil {
		s.t.Fatal(err)
	}
	return e
}

// did plays an exchange and writes what follows.
func (s *server) did(id, outcome string) tenant.Environment {
	s.t.Helper()
	s.pass(time.Second)
	s.Exchanged(id, tenant.Activity{Exchanged: s.clock(), Outcome: outcome, Why: "AWS said " + outcome})
	if err := s.Flush(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	return s.read(id)
}

func (s *server) probed(id string, v tenant.Verdict) tenant.Environment {
	s.t.Helper()
	s.pass(time.Second)
	e, err := s.Probed(s.t.Context(), audit.System(), id, roleARN, v, "the role let in env:org_other:env_other")
	if err != nil {
		s.t.Fatal(err)
	}
	return e
}

// events returns the actions since the nth event.
func (s *server) actions(from int) (list []string) {
	for _, e := range s.store.Audit.Events()[from:] {
		list = append(list, e.Action)
	}
	return list
}

func code(err error) string {
	if err == nil {
		return ""
	}
	return fault.From(err).Code
}

func places(err error) (list []string) {
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) {
		if err == nil {
			return nil
		}
		return []string{fault.From(err).Param}
	}
	for _, each := range joined.Unwrap() {
		list = append(list, fault.From(each).Param)
	}
	return list
}

func ptr[T any](v T) *T { return &v }
