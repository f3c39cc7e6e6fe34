package control

import (
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
	"github.com/adit-hq/adit/internal/ingress"
	"github.com/adit-hq/adit/internal/telemetry"
)

// recorded gives every request its id and the headers that all answers have,
// turns a panic into an answer, and logs what became of it.
func (a *api) recorded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{id: ident.New(ident.Request), address: a.proxies.Client(r)}
		ctx := context.WithValue(telemetry.WithRequestID(r.Context(), c.id), callKey{}, c)
		r = r.WithContext(ctx)
		h := w.Header()
		h.Set("X-Request-Id", c.id)
		h.Set("Cache-Control", "no-store") // answers hold what not everyone may see
		h.Set("X-Content-Type-Options", "nosniff")
		began := a.s.Now()
		sw := ingress.WatchStatus(w, &c.status)
		defer func() {
			if cause := recover(); cause != nil {
				c.cut = c.status != 0 // the answer began, and must not look whole
				if !c.cut {
					a.fail(sw, r, fault.New(fault.Internal, "panic: %v", cause))
				}
				a.s.Log.ErrorContext(ctx, "panic", slog.Any("cause", cause), slog.String("stack", string(debug.Stack())))
			}
			a.finish(ctx, r, c, a.s.Now().Sub(began))
			if c.cut {
				panic(http.ErrAbortHandler)
			}
		}()
		next.ServeHTTP(sw, r)
	})
}

func (a *api) finish(ctx context.Context, r *http.Request, c *call, spent time.Duration) {
	level := slog.LevelInfo
	if c.status >= http.StatusInternalServerError || c.cut {
		level = slog.LevelError
	}
	attrs := []slog.Attr{
		slog.String("method", ingress.Method(r.Method)), slog.String("operation", c.operation()), slog.Int("status", c.status),
		slog.Float64("ms", float64(spent.Microseconds())/1000),
	}
	if c.known {
		attrs = append(attrs, slog.String("key", c.who.Key.ID))
	}
	if c.organization.ID != "" {
		attrs = append(attrs, slog.String("organization", c.organization.ID))
	}
	if c.cut {
		attrs = append(attrs, slog.Bool("cut", true))
	}
	if f := c.fault; f != nil {
		attrs = append(attrs, slog.String("fault", f.Kind.String()), slog.String("code", f.Code))
		// A fault of the input may quote it; what is ours or AWS's is for the log.
		if f.Kind != fault.Invalid && f.Kind != fault.NotFound {
			attrs = append(attrs, slog.String("error", f.Error()))
		}
	}
	a.s.Log.LogAttrs(ctx, level, "control request", attrs...)
}
