package telemetry

import (
	"context"
	"io"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
)

// Logger returns a logger that writes records of at least the given level to w,
// as lines of JSON, or as key=value text where format is "text". A record made
// with a context gets the context's request id as request_id and the id of its
// trace, Adit's own or the one the client sent, as trace_id.
func Logger(w io.Writer, level slog.Level, format string) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if format == "text" {
		return slog.New(scoped{slog.NewTextHandler(w, options)})
	}
	return slog.New(scoped{slog.NewJSONHandler(w, options)})
}

type requestIDKey struct{}

// WithRequestID returns a context whose log records carry id as request_id.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID returns the id that [WithRequestID] set, or "".
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// scoped adds to each record what the record's context knows.
type scoped struct{ slog.Handler }

func (s scoped) Handle(ctx context.Context, record slog.Record) error {
	if ctx != nil {
		if id := RequestID(ctx); id != "" {
			record.AddAttrs(slog.String("request_id", id))
		}
		if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
			record.AddAttrs(slog.String("trace_id", span.TraceID().String()))
		}
	}
	return s.Handler.Handle(ctx, record)
}

func (s scoped) WithAttrs(attrs []slog.Attr) slog.Handler {
	return scoped{s.Handler.WithAttrs(attrs)}
}

func (s scoped) WithGroup(name string) slog.Handler {
	return scoped{s.Handler.WithGroup(name)}
}
