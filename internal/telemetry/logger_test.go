package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/telemetry"
	"github.com/google/go-cmp/cmp"
)

const clientTrace = "4bf92f3577b34da6a3ce929d0e0e4736"

// fromClient is a context of a request that came with a traceparent header.
func fromClient() context.Context {
	header := http.Header{"Traceparent": {"00-" + clientTrace + "-00f067aa0ba902b7-01"}}
	ctx, _ := telemetry.StartRequest(context.Background(), nil, header, "POST", "/v1/embeddings")
	return telemetry.WithRequestID(ctx, "req_1")
}

func TestALogRecordCarriesTheRequestIDAndTheClientsTrace(t *testing.T) {
	var out bytes.Buffer
	log := telemetry.Logger(&out, slog.LevelInfo, "json").With("room", "gateway")
	log.InfoContext(fromClient(), "answered", "texts", 3)

	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	delete(got, "time")
	want := map[string]any{
		"level": "INFO", "msg": "answered", "room": "gateway", "texts": 3.0,
		"request_id": "req_1", "trace_id": clientTrace,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheLogCanBeTextAndLeavesOutWhatIsBelowItsLevel(t *testing.T) {
	var out bytes.Buffer
	log := telemetry.Logger(&out, slog.LevelWarn, "text")
	log.InfoContext(fromClient(), "quiet")
	log.WarnContext(fromClient(), "loud")
	if got := out.String(); strings.Contains(got, "quiet") || !strings.Contains(got, "msg=loud request_id=req_1 trace_id="+clientTrace) {
		t.Errorf("got %q", got)
	}
}

func TestARecordWithoutARequestHasNoIDs(t *testing.T) {
	var out bytes.Buffer
	telemetry.Logger(&out, slog.LevelInfo, "json").Info("started")
	if got := out.String(); strings.Contains(got, "_id") {
		t.Errorf("got %q", got)
	}
}
