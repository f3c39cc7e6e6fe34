package container

import (
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
	"github.com/adit-hq/adit/internal/ingress"
	"github.com/adit-hq/adit/internal/telemetry"
	"github.com/adit-hq/adit/internal/tenant"
)

// Path is where the endpoint is; ?environment=NAME says which environment is
// meant where the API key may use several.
const Path = "/v1/aws/credentials"

// ActionTake is the audit action of credentials that were handed out.
const ActionTake = "credentials.take"

// Settings are whom the endpoint asks.
type Settings struct {
	// Authenticate tells whose an API key is.
	Authenticate func(ctx context.Context, presented string) (access.Principal, error)
	// Refused is asked when a key was refused, and returns the fault that answers
	// the request: that one, or another, such as when its address sends too many
	// wrong ones. Default: always that one.
	Refused func(r *http.Request, err error) error
	// Environments are those of the organization with that id.
	Environments func(organization string) ([]tenant.Environment, error)
	// Credentials are an environment's, by its id, for a caller.
	Credentials func(ctx context.Context, environment string, c caller.Caller) (credential.Credentials, error)
	// Record keeps the event; credentials that cannot be recorded are not handed out.
	Record func(context.Context, audit.Event) error
	// Address tells where a request comes from. Default: its peer, which may be a proxy.
	Address func(*http.Request) string
	// Timeout bounds a request. Default 30 seconds.
	Timeout time.Duration
	// Log gets failures.
	Log *slog.Logger
}

// answer is what AWS's SDKs read (AWS SDKs and Tools reference, container credential provider).
type answer struct {
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string `json:"SecretAccessKey"`
	Token           string `json:"Token"`
	Expiration      string `json:"Expiration"`
	AccountID       string `json:"AccountId,omitempty"`
	RoleARN         string `json:"RoleArn"`
}

// New returns the handler of [Path].
func New(s Settings) http.Handler {
	if s.Timeout == 0 {
		s.Timeout = 30 * time.Second
	}
	if s.Address == nil {
		s.Address = ingress.Proxies(nil).Address
	}
	if s.Refused == nil {
		s.Refused = func(_ *http.Request, err error) error { return err }
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := ident.New(ident.Request)
		w.Header().Set("X-Request-Id", id)
		w.Header().Set("Cache-Control", "no-store")
		if r.Method != http.MethodGet {
			w.Header().Set("Allow", http.MethodGet)
			fail(w, http.StatusMethodNotAllowed, fault.New(fault.Invalid, "only GET is allowed here").WithCode("method_not_allowed"))
			return
		}
		ctx, cancel := context.WithTimeout(telemetry.WithRequestID(r.Context(), id), s.Timeout)
		defer cancel()
		a, err := s.take(ctx, r)
		if err != nil {
			f := fault.From(err)
			s.Log.WarnContext(ctx, "a request for AWS credentials was refused", "status", status(f), "reason", f.Sentence())
			fail(w, status(f), f)
			return
		}
		write(w, http.StatusOK, a)
	})
}

// take finds out who asks and for what, and gets it.
func (s Settings) take(ctx context.Context, r *http.Request) (answer, error) {
	key := presented(r)
	p, err := s.Authenticate(ctx, key)
	if err != nil && key != "" {
		err = s.Refused(r, err)
	}
	if err != nil {
		return answer{}, err
	}
	if !p.May(access.TakeCredentials, p.Key.Organization) {
		return answer{}, fault.New(fault.Forbidden, "this API key may not get AWS credentials").WithCode("role_missing").
			WithRemedy("Use a key that has the role credentials.")
	}
	e, err := s.environment(p, r.URL.Query().Get("environment"))
	if err != nil {
		return answer{}, err
	}
	c, err := s.Credentials(ctx, e.ID, p.Caller())
	if err != nil {
		return answer{}, err
	}
	err = s.Record(ctx, audit.Event{
		Organization: e.Organization, Actor: p.Actor(s.Address(r)), Action: ActionTake, Target: e.ID, Outcome: "ok",
		Details: map[string]string{"identity": c.Identity, "expires": c.Expires.UTC().Format(time.RFC3339)},
	})
	if err != nil {
		return answer{}, err
	}
	return answer{
		AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey.Reveal(), Token: c.SessionToken.Reveal(),
		Expiration: c.Expires.UTC().Format(time.RFC3339), AccountID: c.Account, RoleARN: e.RoleARN,
	}, nil
}

// environment finds the one that is named among those that the key may use; no
// name means the only one. A foreign one and none are the same.
func (s Settings) environment(p access.Principal, name string) (tenant.Environment, error) {
	all, err := s.Environments(p.Key.Organization)
	if err != nil {
		return tenant.Environment{}, err
	}
	var usable []tenant.Environment
	var names []string
	for _, e := range all {
		if p.Caller().MayUseEnvironment(e.ID) && (name == "" || name == e.Name || name == e.ID) {
			usable = append(usable, e)
			names = append(names, e.Name)
		}
	}
	switch {
	case len(usable) == 1:
		return usable[0], nil
	case len(usable) > 1:
		return tenant.Environment{}, fault.New(fault.Invalid, "this API key may use several environments").WithCode("environment_needed").
			WithRemedy("Name one of %s: with %s?environment=NAME, or `adit env credentials NAME`.", strings.Join(names, ", "), Path)
	case name != "":
		return tenant.Environment{}, fault.New(fault.NotFound, "this API key has no access to such an environment").WithCode("environment_not_found").
			WithRemedy("Check the name, or ask an administrator to allow it for the key.")
	}
	return tenant.Environment{}, fault.New(fault.NotFound, "this API key has no access to any environment").WithCode("environment_not_found").
		WithRemedy("Ask an administrator to create one, or to allow one for the key.")
}

// presented is the API key. SDKs send AWS_CONTAINER_AUTHORIZATION_TOKEN as it
// is, so that it may stand there with the word Bearer or without.
func presented(r *http.Request) string {
	key, raw := ingress.Key(r), strings.TrimSpace(r.Header.Get("Authorization"))
	if key == "" && !strings.EqualFold(raw, "Bearer") {
		return raw
	}
	return key
}

// status is the HTTP status of a fault. SDKs try 5xx again and nothing else.
func status(f *fault.Error) int {
	switch f.Kind {
	case fault.Invalid, fault.TooLarge:
		return http.StatusBadRequest
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Throttled:
		return http.StatusTooManyRequests
	case fault.Refused, fault.Config:
		return http.StatusFailedDependency
	case fault.Unavailable, fault.Deadline, fault.Canceled:
		return http.StatusServiceUnavailable
	case fault.Internal:
	}
	return http.StatusInternalServerError
}

// fail answers in the shape whose code and message SDKs show.
func fail(w http.ResponseWriter, code int, f *fault.Error) {
	name := f.Code
	if name == "" {
		name = f.Kind.String()
	}
	if code == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(f.RetryAfter.Seconds())))))
	}
	write(w, code, map[string]string{"code": name, "message": f.Sentence()})
}

func write(w http.ResponseWriter, code int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		code, b = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(append(b, '\n'))
}
