package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/telemetry"
	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// record gives work a tracer and returns the spans that it ended.
func record(t *testing.T, work func(telemetry.Tracer)) tracetest.SpanStubs {
	t.Helper()
	kept := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(kept))
	work(provider.Tracer("test"))
	spans := kept.GetSpans()
	if err := provider.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	return spans
}

func attributes(span tracetest.SpanStub) map[string]any {
	found := map[string]any{}
	for _, a := range span.Attributes {
		found[string(a.Key)] = a.Value.AsInterface()
	}
	return found
}

func TestACallIsASpanWithTheNamesOfGenAI(t *testing.T) {
	spans := record(t, func(tracer telemetry.Tracer) {
		header := http.Header{"Traceparent": {"00-" + clientTrace + "-00f067aa0ba902b7-01"}}
		ctx := telemetry.WithRequestID(context.Background(), "req_1")
		ctx, request := telemetry.StartRequest(ctx, tracer, header, "POST", "/v1/embeddings")
		request.Model("cohere-embeddings")
		_, call := telemetry.StartCall(ctx, tracer, "cohere.embed-english-v3", 1024, 96)
		call.AWSRequest("aws-1")
		call.Answered("cohere.embed-english-v3", 420, true)
		call.End(nil)
		request.Status(200)
		request.End(nil)
	})
	if len(spans) != 2 {
		t.Fatalf("%d spans", len(spans))
	}
	call, request := spans[0], spans[1]
	if diff := cmp.Diff(map[string]any{
		"gen_ai.operation.name": "embeddings", "gen_ai.provider.name": "aws.bedrock",
		"gen_ai.request.model": "cohere.embed-english-v3", "gen_ai.response.model": "cohere.embed-english-v3",
		"gen_ai.embeddings.dimension.count": int64(1024), "gen_ai.usage.input_tokens": int64(420),
		"adit.tokens_exact": true, "adit.texts": int64(96), "aws.request_id": "aws-1",
	}, attributes(call)); diff != "" {
		t.Errorf("call (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{
		"http.request.method": "POST", "http.route": "/v1/embeddings", "http.response.status_code": int64(200),
		"gen_ai.request.model": "cohere-embeddings", "adit.request_id": "req_1",
	}, attributes(request)); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	if call.Name != "embeddings cohere.embed-english-v3" || call.SpanKind != trace.SpanKindClient || request.SpanKind != trace.SpanKindServer {
		t.Errorf("call %q is %v, request %q is %v", call.Name, call.SpanKind, request.Name, request.SpanKind)
	}
	if request.SpanContext.TraceID().String() != clientTrace || call.Parent.SpanID() != request.SpanContext.SpanID() {
		t.Error("the spans do not continue the client's trace")
	}
}

func TestAFailedSpanKeepsCodesAndNoMessage(t *testing.T) {
	refused := fault.New(fault.Refused, "canary in the message").WithDetail("canary").WithRemedy("canary")
	refused.AWS = &fault.AWS{Code: "ValidationException", Message: "canary in AWS's words", RequestID: "aws-2"}
	for _, c := range []struct {
		err  error
		want map[string]any
	}{
		{fmt.Errorf("canary: %w", refused), map[string]any{"error.type": "ValidationException", "aws.request_id": "aws-2"}},
		{context.DeadlineExceeded, map[string]any{"error.type": "deadline"}},
		{errors.New("canary"), map[string]any{"error.type": "internal"}},
	} {
		spans := record(t, func(tracer telemetry.Tracer) {
			_, call := telemetry.StartCall(context.Background(), tracer, "m", 0, 1)
			call.End(c.err)
		})
		got := attributes(spans[0])
		for key, want := range c.want {
			if got[key] != want {
				t.Errorf("%s = %v, want %v", key, got[key], want)
			}
		}
		if spans[0].Status.Code != codes.Error {
			t.Errorf("status %v", spans[0].Status)
		}
		if all := fmt.Sprintf("%+v", spans); strings.Contains(all, "canary") {
			t.Errorf("a message is in the span: %s", all)
		}
	}
}

func TestATracerThatIsOffCostsNothing(t *testing.T) {
	ctx, header, err := context.Background(), http.Header{}, errors.New("failed")
	for name, tracer := range map[string]telemetry.Tracer{"nil": nil, "noop": noop.Tracer{}} {
		n := testing.AllocsPerRun(100, func() {
			ctx, request := telemetry.StartRequest(ctx, tracer, header, "POST", "/v1/embeddings")
			_, call := telemetry.StartCall(ctx, tracer, "m", 1024, 96)
			call.AWSRequest("id")
			call.Answered("m", 1, true)
			call.End(err)
			request.Model("m")
			request.Status(200)
			request.End(nil)
		})
		if n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
