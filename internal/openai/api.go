package openai

import (
	"context"
	"log/slog"
	"net/http"
	"path"
	"time"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/gateway"
	"github.com/adit-hq/adit/internal/limit"
	"github.com/adit-hq/adit/internal/telemetry"
)

// Gateway is what the API asks for vectors.
type Gateway interface {
	Embed(context.Context, caller.Caller, gateway.Request) (*gateway.Response, error)
	Models(caller.Caller) []gateway.Info
	Model(caller.Caller, string) (gateway.Info, error)
	Metrics(caller.Caller, string) *telemetry.ModelMetrics
	Rate(caller.Caller, string) limit.State
	Ready(context.Context, caller.Caller) []gateway.Readiness
}

// Settings are what the API is built from.
type Settings struct {
	Gateway Gateway
	// Auth tells who calls.
	Auth Authenticator
	// Timeout is the deadline of a request. Default 10 minutes, OpenAI's clients' own.
	Timeout time.Duration
	// MaxBody is the largest request body in bytes. Default 32 MiB.
	MaxBody int64
	Metrics *telemetry.Metrics
	// Tracer makes spans; nil makes none.
	Tracer telemetry.Tracer
	Log    *slog.Logger
}

const (
	defaultTimeout = 10 * time.Minute
	defaultMaxBody = 32 << 20
)

// API serves /v1.
type API struct {
	Settings
	started time.Time
}

// New returns the API with defaults filled in.
func New(s Settings) *API {
	if s.Timeout == 0 {
		s.Timeout = defaultTimeout
	}
	if s.MaxBody == 0 {
		s.MaxBody = defaultMaxBody
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	return &API{Settings: s, started: time.Now()}
}

// Handler returns all routes.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /v1/embeddings", a.authenticated(a.embeddings))
	mux.Handle("GET /v1/models", a.authenticated(a.listModels))
	mux.Handle("GET /v1/models/{name...}", a.authenticated(a.showModel))
	mux.HandleFunc("GET /health", a.health)
	mux.HandleFunc("GET /v1/ready", a.ready)
	for pattern, methods := range map[string]string{"/v1/embeddings": "POST", "/v1/models": "GET", "/v1/models/{name...}": "GET", "/health": "GET", "/v1/ready": "GET"} {
		mux.HandleFunc(pattern, a.wrongMethod(methods))
	}
	mux.HandleFunc("/", a.unknownPath)
	return a.recorded(a.Auth.guarded(a, a.direct(mux)))
}

// direct answers a path such as //v1/models, which the mux would redirect in
// HTML, as one that does not exist.
func (a *API) direct(mux http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := r.URL.Path; path.Clean(p) != p && path.Clean(p)+"/" != p {
			a.unknownPath(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}
