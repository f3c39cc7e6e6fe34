package openai

import (
	"context"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/gateway"
	"github.com/adit-hq/adit/internal/ident"
	"github.com/adit-hq/adit/internal/ingress"
	"github.com/adit-hq/adit/internal/telemetry"
)

// record is what the log and the metrics say of one request. It never holds text.
type record struct {
	caller string
	model  string
	texts  int
	spent  gateway.Spent
	fault  *fault.Error
	cut    error
	status int

	stopwatch *telemetry.Stopwatch
	metrics   *telemetry.ModelMetrics
}

// asks notes what a request for embeddings is about.
func (n *record) asks(metrics *telemetry.ModelMetrics, model string, texts int) {
	n.model, n.texts, n.metrics = model, texts, metrics
	metrics.RequestBegins()
}

// label is the model's name if there is such a model. A name that a client made
// up could be anything, a text too, and stays out of logs and metrics.
func (n *record) label() string {
	if n.fault != nil && n.fault.Code == "model_not_found" {
		return ""
	}
	return n.model
}

type recordKey struct{}

// note returns the request's record.
func note(ctx context.Context) *record {
	if n, ok := ctx.Value(recordKey{}).(*record); ok {
		return n
	}
	return new(record)
}

// recorded gives each request an id, and logs and counts it when it ends.
func (a *API) recorded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := ident.New(ident.Request)
		n := &record{stopwatch: telemetry.StartStopwatch()}
		ctx := context.WithValue(telemetry.WithRequestID(r.Context(), id), recordKey{}, n)
		ctx, span := telemetry.StartRequest(ctx, a.Tracer, r.Header, ingress.Method(r.Method), route(r.URL.Path))
		w.Header()["X-Request-Id"] = []string{id}
		r = r.WithContext(ctx)
		w = ingress.WatchStatus(w, &n.status)
		defer func() {
			if cause := recover(); cause != nil {
				a.panicked(w, r, n, cause)
			}
			n.describe(span)
			a.finish(ctx, r, n)
			if n.cut != nil {
				panic(http.ErrAbortHandler) // the answer is cut short: the connection must not look whole
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// panicked answers for a handler that panicked, or has its answer cut short if it
// began. Only what the runtime itself says is logged: other words may quote a text.
func (a *API) panicked(w http.ResponseWriter, r *http.Request, n *record, cause any) {
	f := fault.New(fault.Internal, "panic: %T", cause)
	if said, ok := cause.(runtime.Error); ok {
		f.Message = "panic: " + said.Error()
	}
	a.Log.ErrorContext(r.Context(), "panic", "cause", f.Message, "stack", string(debug.Stack()))
	if n.status != 0 {
		n.cut = f
		return
	}
	a.fail(w, r, f)
}

func (a *API) finish(ctx context.Context, r *http.Request, n *record) {
	spent := n.stopwatch.Spent()
	if r.URL.Path == "/v1/embeddings" {
		if n.metrics == nil {
			n.asks(a.Metrics.Model(""), "", 0) // it was refused before it was read
		}
		n.metrics.RequestEnds(n.status, spent)
	}
	level := slog.LevelInfo
	if n.status >= http.StatusInternalServerError || n.cut != nil {
		level = slog.LevelError
	}
	if r.URL.Path == "/health" || r.URL.Path == "/v1/ready" {
		level = slog.LevelDebug
	}
	if !a.Log.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", ingress.Method(r.Method)), slog.String("path", route(r.URL.Path)), slog.Int("status", n.status),
		ms("ms", spent.Total), ms("aws_ms", spent.AWS), ms("queued_ms", spent.Queued),
	}
	if name := n.label(); name != "" {
		attrs = append(attrs, slog.String("model", name), slog.String("caller", n.caller), slog.Int("texts", n.texts),
			slog.Int("tokens", n.spent.Tokens), slog.Int("tokens_estimated", n.spent.Estimated))
	}
	if n.fault != nil {
		attrs = append(attrs, attributes(n.fault)...)
	}
	if n.cut != nil {
		attrs = append(attrs, slog.String("cut", n.cut.Error()))
	}
	a.Log.LogAttrs(ctx, level, "request", attrs...)
}

// describe tells the request's span what became of it, and ends it.
func (n *record) describe(span telemetry.Span) {
	if name := n.label(); name != "" {
		span.Model(name)
		span.Answered("", n.spent.Tokens+n.spent.Estimated, n.spent.Estimated == 0)
	}
	span.Status(n.status)
	if n.fault == nil {
		span.End(nil)
		return
	}
	span.End(n.fault)
}

// route is a path as traces and the log name it: never one that a client made up.
func route(path string) string {
	switch {
	case path == "/v1/embeddings", path == "/v1/models", path == "/v1/ready", path == "/health":
		return path
	case strings.HasPrefix(path, "/v1/models/"):
		return "/v1/models/{name}"
	}
	return "unknown"
}

func ms(key string, d time.Duration) slog.Attr {
	return slog.Float64(key, float64(d.Microseconds())/1000)
}

// authenticated calls the handler for a known caller.
func (a *API) authenticated(h func(http.ResponseWriter, *http.Request, caller.Caller)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := a.Auth.caller(r)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		note(r.Context()).caller = c.Name
		h(w, r, c)
	})
}
