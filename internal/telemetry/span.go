package telemetry

import (
	"context"
	"net/http"

	"github.com/adit-hq/adit/internal/fault"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Span is one request or one call in a trace. It takes names, numbers and codes
// only. The zero value, which a tracer that is off gives, ignores all.
type Span struct{ span trace.Span }

// StartRequest begins the span of a request from a client. Where the header has a
// W3C traceparent the span continues that trace, and the context carries it even
// when tracing is off, so that logs show the client's trace id. The route is the
// pattern, such as "/v1/embeddings", not the path that was sent.
func StartRequest(ctx context.Context, tracer Tracer, header http.Header, method, route string) (context.Context, Span) {
	if len(header["Traceparent"]) > 0 { // the canonical key: Get would allocate
		ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(header))
	}
	if off(tracer) {
		return ctx, Span{}
	}
	ctx, span := tracer.Start(ctx, method+" "+route, trace.WithSpanKind(trace.SpanKindServer))
	if span.IsRecording() {
		span.SetAttributes(attribute.String("http.request.method", method), attribute.String("http.route", route))
		if id := RequestID(ctx); id != "" {
			span.SetAttributes(attribute.String("adit.request_id", id))
		}
	}
	return ctx, Span{span}
}

// StartCall begins the span of one InvokeModel call. The names are those of the
// OpenTelemetry semantic conventions for GenAI, embeddings span and AWS Bedrock.
// modelID is what InvokeModel is sent; 0 dimensions are not known.
func StartCall(ctx context.Context, tracer Tracer, modelID string, dimensions, texts int) (context.Context, Span) {
	if off(tracer) {
		return ctx, Span{}
	}
	ctx, span := tracer.Start(ctx, "embeddings "+modelID, trace.WithSpanKind(trace.SpanKindClient))
	if span.IsRecording() {
		span.SetAttributes(
			attribute.String("gen_ai.operation.name", "embeddings"),
			attribute.String("gen_ai.provider.name", "aws.bedrock"),
			attribute.String("gen_ai.request.model", modelID),
			attribute.Int("adit.texts", texts),
		)
		if dimensions > 0 {
			span.SetAttributes(attribute.Int("gen_ai.embeddings.dimension.count", dimensions))
		}
	}
	return ctx, Span{span}
}

// off reports whether spans of the tracer go nowhere. Starting them all the same
// would cost a new context each.
func off(tracer Tracer) bool {
	_, none := tracer.(noop.Tracer)
	return none || tracer == nil
}

func (s Span) recording() bool { return s.span != nil && s.span.IsRecording() }

// Model records the configured name of the model that a request asked for. A
// name that is not configured must not come here: it is the client's text.
func (s Span) Model(name string) {
	if s.recording() {
		s.span.SetAttributes(attribute.String("gen_ai.request.model", name))
	}
}

// Answered records the model that answered and the tokens that went in, which
// are estimated where exact is false. An empty model is not known.
func (s Span) Answered(model string, tokens int, exact bool) {
	if !s.recording() {
		return
	}
	s.span.SetAttributes(attribute.Int("gen_ai.usage.input_tokens", tokens), attribute.Bool("adit.tokens_exact", exact))
	if model != "" {
		s.span.SetAttributes(attribute.String("gen_ai.response.model", model))
	}
}

// AWSRequest records the request id that AWS gave a call.
func (s Span) AWSRequest(id string) {
	if s.recording() && id != "" {
		s.span.SetAttributes(attribute.String("aws.request_id", id))
	}
}

// Status records the HTTP status of an answer.
func (s Span) Status(code int) {
	if s.recording() {
		s.span.SetAttributes(attribute.Int("http.response.status_code", code))
	}
}

// End ends the span. Of an error it keeps AWS's code, or else the kind of fault,
// and AWS's request id; never a message, since a message may quote a text.
func (s Span) End(err error) {
	if s.span == nil {
		return
	}
	if err != nil && s.span.IsRecording() {
		s.span.SetStatus(codes.Error, "")
		s.span.SetAttributes(attribute.String("error.type", Outcome(err)))
		if f := fault.From(err); f.AWS != nil {
			s.AWSRequest(f.AWS.RequestID)
		}
	}
	s.span.End()
}

// Outcome names how a call ended as metrics and spans show it: [OK], AWS's error
// code, or the kind of fault.
func Outcome(err error) string {
	if err == nil {
		return OK
	}
	f := fault.From(err)
	if f.AWS != nil && isWord(f.AWS.Code) {
		return f.AWS.Code
	}
	return f.Kind.String()
}
