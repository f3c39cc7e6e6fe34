package telemetry_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/telemetry"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// collector stands in for an OpenTelemetry collector that answers with status.
type collector struct {
	status int
	mu     sync.Mutex
	path   string
	body   []byte
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.path, c.body = r.URL.Path, append(c.body, body...)
	w.WriteHeader(c.status)
}

// traceOneCall runs tracing against a collector and returns what the log says.
func traceOneCall(t *testing.T, c *collector, variable, path string) string {
	t.Helper()
	server := httptest.NewServer(c)
	defer server.Close()
	var out bytes.Buffer
	log := telemetry.Logger(&out, slog.LevelInfo, "json")
	ctx := context.Background()
	shutdown, tracer, err := telemetry.StartTracing(ctx, []string{variable + "=" + server.URL + path}, "1.2.3", log)
	if err != nil {
		t.Fatal(err)
	}
	_, call := telemetry.StartCall(ctx, tracer, "amazon.titan-embed-text-v2:0", 256, 1)
	call.End(fault.New(fault.Invalid, "canary"))
	if err := shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestSpansReachTheCollectorWithoutTheTextsOfFaults(t *testing.T) {
	for variable, paths := range map[string][2]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT":        {"/tenant", "/tenant/v1/traces"},
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": {"/own/path", "/own/path"},
	} {
		c := &collector{status: http.StatusOK}
		log := traceOneCall(t, c, variable, paths[0])
		if c.path != paths[1] {
			t.Errorf("%s: spans went to %q, want %q", variable, c.path, paths[1])
		}
		for _, want := range []string{"service.name", "adit", "1.2.3", "embeddings amazon.titan-embed-text-v2:0", "aws.bedrock", "invalid"} {
			if !bytes.Contains(c.body, []byte(want)) {
				t.Errorf("%s: no %q in what was sent", variable, want)
			}
		}
		if bytes.Contains(c.body, []byte("canary")) || log != "" {
			t.Errorf("%s: the message of a fault was sent, or the log says %q", variable, log)
		}
	}
}

func TestACollectorThatRefusesSpansIsNamedInTheLog(t *testing.T) {
	log := traceOneCall(t, &collector{status: http.StatusForbidden}, "OTEL_EXPORTER_OTLP_ENDPOINT", "")
	if !strings.Contains(log, "traces are being lost") {
		t.Errorf("the log says %q", log)
	}
}

func TestWithoutAnEndpointThereIsNoTracing(t *testing.T) {
	endpoint := "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1"
	for _, environ := range [][]string{
		nil,
		{"OTEL_EXPORTER_OTLP_ENDPOINT="},
		{endpoint, "OTEL_SDK_DISABLED=true"},
		{endpoint, "OTEL_TRACES_EXPORTER=none"},
	} {
		shutdown, tracer, err := telemetry.StartTracing(context.Background(), environ, "dev", slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		before := context.Background()
		if after, _ := telemetry.StartCall(before, tracer, "m", 0, 1); after != before {
			t.Errorf("%v: a span was started", environ)
		}
		if err := shutdown(before); err != nil {
			t.Error(err)
		}
	}
}

func TestAnEndpointThatIsNoURLIsAFaultThatSaysWhatToSet(t *testing.T) {
	for _, endpoint := range []string{"localhost:4318", "grpc://collector:4317", "http://", "http://user:canary@%zz"} {
		_, _, err := telemetry.StartTracing(context.Background(), []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + endpoint}, "dev", nil)
		if fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), "OTEL_EXPORTER_OTLP_ENDPOINT") || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
}
