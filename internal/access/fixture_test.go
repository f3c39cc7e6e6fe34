package access_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/access/accesstest"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	orgA = "org_aaaaaaaaaaaaaaaaaaaaaaaa"
	orgB = "org_bbbbbbbbbbbbbbbbbbbbbbbb"
	prod = "env_111111111111111111111111"
	test = "env_222222222222222222222222"
)

// tenants has two organizations; the first has the environments prod and test.
type tenants struct{ deleted string }

func (tenants) OrganizationID(name string) (string, error) {
	if name == orgA || name == orgB {
		return name, nil
	}
	return "", fault.New(fault.NotFound, "no such organization").WithCode("organization_not_found")
}

func (t tenants) EnvironmentID(organization, name string) (string, error) {
	for id, n := range map[string]string{prod: "prod", test: "test"} {
		if organization == orgA && (name == id || name == n) && id != t.deleted {
			return id, nil
		}
	}
	return "", fault.New(fault.NotFound, "no such environment").WithCode("environment_not_found")
}

// server is a registry over a store in memory, with a clock that stands.
type server struct {
	t     *testing.T
	store *accesstest.Store
	keys  *access.Registry
	mu    sync.Mutex
	now   time.Time
	made  int
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
	s.keys.Set(s.store.Things())
	return nil
}

func newServer(t *testing.T, with ...func(*access.Settings)) *server {
	t.Helper()
	s := &server{t: t, store: accesstest.New(), now: time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)}
	settings := access.Settings{
		Store: s.store, Pepper: []byte(strings.Repeat("p", 32)), Tenants: tenants{}, Now: s.clock, Refresh: s.refresh,
	}
	for _, f := range with {
		f(&settings)
	}
	keys, err := access.NewRegistry(settings)
	if err != nil {
		t.Fatal(err)
	}
	s.keys = keys
	return s
}

// make creates a key as the server itself does.
func (s *server) make(organization string, roles ...access.Role) (access.Key, secret.String) {
	s.t.Helper()
	s.made++
	return s.create(access.Input{Organization: organization, Name: fmt.Sprintf("key %d", s.made), Roles: roles})
}

func (s *server) create(in access.Input) (access.Key, secret.String) {
	s.t.Helper()
	k, whole, err := s.keys.Create(s.t.Context(), access.By{Principal: access.System()}, in)
	if err != nil {
		s.t.Fatal(err)
	}
	return k, whole
}

func (s *server) by(organization string, roles ...access.Role) access.By {
	k, _ := s.make(organization, roles...)
	return access.By{Principal: access.Principal{Key: k}, Address: "192.0.2.7"}
}

func (s *server) enters(whole secret.String) bool {
	s.t.Helper()
	_, err := s.keys.Authenticate(s.t.Context(), whole.Reveal())
	if err != nil && (fault.KindOf(err) != fault.Unauthenticated || fault.From(err).Code != "invalid_api_key") {
		s.t.Fatalf("refused with %v", err)
	}
	return err == nil
}

func code(err error) string {
	if err == nil {
		return ""
	}
	return fault.From(err).Code
}
