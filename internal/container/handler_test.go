package container_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/container"
	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/telemetry"
	"github.com/adit-hq/adit/internal/tenant"
)

// stand is an endpoint over an organization with the environments prod and test.
type stand struct {
	*httptest.Server
	recorded []audit.Event
	address  func(*http.Request) string
	log      strings.Builder
	full     error // what recording fails with
	refused  error // what the exchange fails with
}

// keys are those that the stand knows, by what is presented.
func keys() map[string]access.Key {
	return map[string]access.Key{
		"both":   {ID: "key_1", Organization: "org_1", Roles: []access.Role{access.Credentials}},
		"prod":   {ID: "key_2", Organization: "org_1", Roles: []access.Role{access.Credentials}, Environments: []string{"env_prod"}},
		"invoke": {ID: "key_3", Organization: "org_1", Roles: []access.Role{access.Invoke}},
		"admin":  {ID: "key_4", Organization: "org_1", Roles: []access.Role{access.Admin}},
		"other":  {ID: "key_5", Organization: "org_2", Roles: []access.Role{access.Credentials}},
	}
}

func newStand(t *testing.T) *stand {
	t.Helper()
	s := &stand{}
	h := container.New(container.Settings{
		Log: telemetry.Logger(&s.log, slog.LevelInfo, "text"),
		Address: func(r *http.Request) string {
			if s.address == nil {
				return ""
			}
			return s.address(r)
		},
		Authenticate: func(_ context.Context, presented string) (access.Principal, error) {
			k, ok := keys()[presented]
			if !ok {
				return access.Principal{}, fault.New(fault.Unauthenticated, "the API key is unknown")
			}
			return access.Principal{Key: k}, nil
		},
		Environments: func(organization string) ([]tenant.Environment, error) {
			if organization != "org_1" {
				return nil, nil
			}
			return []tenant.Environment{
				{ID: "env_prod", Organization: "org_1", Name: "prod", RoleARN: "arn:aws:iam::111122223333:role/prod"},
				{ID: "env_test", Organization: "org_1", Name: "test"},
			}, nil
		},
		Credentials: func(_ context.Context, environment string, c caller.Caller) (credential.Credentials, error) {
			return credential.Credentials{
				AccessKeyID: "ASIA" + environment + c.Key, SecretAccessKey: secret.New("secret"), SessionToken: secret.New("session"),
				Expires: time.Unix(2_000_000_000, 0), Account: "111122223333", Identity: "assumed",
			}, s.refused
		},
		Record: func(_ context.Context, e audit.Event) error {
			s.recorded = append(s.recorded, e)
			return s.full
		},
	})
	s.Server = httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// ask returns the status, and the access key or the error's code.
func (s *stand) ask(t *testing.T, query, authorization string) (status int, said string) {
	t.Helper()
	req, _ := http.NewRequest(http.MethodGet, s.URL+container.Path+query, nil)
	req.Header.Set("Authorization", authorization)
	resp, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var body map[string]string
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	if resp.Header.Get("Cache-Control") != "no-store" {
		t.Error("credentials may be cached on the way")
	}
	id := resp.Header.Get("X-Request-Id")
	if !strings.HasPrefix(id, "req_") || resp.StatusCode != http.StatusOK && !strings.Contains(s.log.String(), "request_id="+id) {
		t.Errorf("the answer %d has the id %q, the log says %q", resp.StatusCode, id, s.log.String())
	}
	if body["code"] != "" {
		return resp.StatusCode, body["code"]
	}
	return resp.StatusCode, body["AccessKeyId"]
}

func TestOnlyKeysWithTheRoleTakeCredentialsOfTheirEnvironments(t *testing.T) {
	s := newStand(t)
	for _, c := range []struct {
		query, authorization string
		status               int
		said                 string
	}{
		{"?environment=prod", "both", 200, "ASIAenv_prodkey_1"},
		{"?environment=env_test", "Bearer both", 200, "ASIAenv_testkey_1"},
		{"", "prod", 200, "ASIAenv_prodkey_2"},
		{"?environment=test", "prod", 404, "environment_not_found"},
		{"?environment=absent", "both", 404, "environment_not_found"},
		{"", "both", 400, "environment_needed"},
		{"?environment=prod", "invoke", 403, "role_missing"},
		{"?environment=prod", "admin", 403, "role_missing"},
		{"?environment=prod", "other", 404, "environment_not_found"},
		{"?environment=prod", "wrong", 401, "unauthenticated"},
		{"?environment=prod", "", 401, "unauthenticated"},
		{"?environment=prod", "Bearer ", 401, "unauthenticated"},
	} {
		if status, said := s.ask(t, c.query, c.authorization); status != c.status || said != c.said {
			t.Errorf("%q with %q: %d %s, want %d %s", c.query, c.authorization, status, said, c.status, c.said)
		}
	}
	if len(s.recorded) != 3 {
		t.Errorf("%d takes were recorded, and three keys took credentials", len(s.recorded))
	}
}

func TestTheAuditTellsTheAddressBehindTheProxy(t *testing.T) {
	s := newStand(t)
	s.address = func(*http.Request) string { return "198.51.100.7" }
	if status, said := s.ask(t, "", "prod"); status != http.StatusOK {
		t.Fatalf("%d %s", status, said)
	}
	if len(s.recorded) != 1 || s.recorded[0].Actor.Address != "198.51.100.7" {
		t.Errorf("recorded %+v", s.recorded)
	}
}

func TestAKeyOfSeveralEnvironmentsIsToldHowToNameOne(t *testing.T) {
	s := newStand(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+container.Path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "both")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	for _, want := range []string{"prod, test", container.Path + "?environment=NAME", "`adit env credentials NAME`"} {
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%q is not in %s, %v", want, text, err)
		}
	}
}

func TestCredentialsThatCannotBeRecordedAreNotHandedOut(t *testing.T) {
	s := newStand(t)
	s.full = fault.New(fault.Unavailable, "the audit has no room").WithCode("audit_unavailable")
	if status, said := s.ask(t, "", "prod"); status != http.StatusServiceUnavailable || said != "audit_unavailable" {
		t.Errorf("%d %s", status, said)
	}
}

func TestARefusalOfAWSIsNoReasonToTryAgain(t *testing.T) {
	s := newStand(t)
	s.refused = fault.New(fault.Refused, "AWS refused the role").WithCode("role_refuses")
	if status, said := s.ask(t, "", "prod"); status != http.StatusFailedDependency || said != "role_refuses" {
		t.Errorf("%d %s", status, said)
	}
	if len(s.recorded) != 0 {
		t.Error("credentials that nobody got were recorded")
	}
}

func TestAWSsSDKReadsTheAnswer(t *testing.T) {
	s := newStand(t)
	provider := endpointcreds.New(s.URL+container.Path+"?environment=prod", func(o *endpointcreds.Options) { o.AuthorizationToken = "both" })
	got, err := provider.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []any{"ASIAenv_prodkey_1", "secret", "session", "111122223333", time.Unix(2_000_000_000, 0).UTC()}
	if diff := cmp.Diff(want, []any{got.AccessKeyID, got.SecretAccessKey, got.SessionToken, got.AccountID, got.Expires.UTC()}); diff != "" {
		t.Error(diff)
	}
}
