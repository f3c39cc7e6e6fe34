package telemetry_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/telemetry"
)

// scrape returns the lines that Prometheus would read.
func scrape(t *testing.T, m *telemetry.Metrics) string {
	t.Helper()
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	if answer.Code != 200 {
		t.Fatalf("status %d: %s", answer.Code, answer.Body)
	}
	return answer.Body.String()
}

func wantLines(t *testing.T, scraped string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(scraped, "\n"+line+"\n") {
			name, _, _ := strings.Cut(line, "{")
			t.Errorf("no line %q; there is:\n%s", line, grep(scraped, name))
		}
	}
}

func grep(text, word string) string {
	var found []string
	for line := range strings.Lines(text) {
		if strings.Contains(line, word) {
			found = append(found, line)
		}
	}
	return strings.Join(found, "")
}

// serve records one request of two calls, one of them throttled and sent again.
func serve(m *telemetry.ModelMetrics) {
	m.RequestBegins()
	m.Waited(20 * time.Millisecond)
	m.CallBegins(96, 96)
	m.CallEnds("ThrottlingException", 10*time.Millisecond)
	m.Throttled(telemetry.ByAWS)
	m.Retried("ThrottlingException")
	m.CallBegins(48, 96)
	m.CallEnds(telemetry.OK, 200*time.Millisecond)
	m.Embedded(144, 1000, true)
	m.Embedded(0, 7, false)
	m.RequestEnds(200, telemetry.Spent{Total: 250 * time.Millisecond, AWS: 210 * time.Millisecond, Queued: 39 * time.Millisecond})
}

func TestARequestIsCountedUnderItsModel(t *testing.T) {
	m := telemetry.NewMetrics()
	m.Configure([]string{"titan"})
	serve(m.Model("titan"))
	m.Model("titan").Throttled(telemetry.ByAdit)
	m.Model("titan").RequestBegins()
	m.Model("titan").RequestEnds(429, telemetry.Spent{Total: time.Millisecond})
	m.Model("titan").RequestBegins()

	wantLines(t, scrape(t, m),
		`adit_requests_total{model="titan",status="200"} 1`,
		`adit_requests_total{model="titan",status="429"} 1`,
		`adit_requests_in_flight{model="titan"} 1`,
		`adit_request_duration_seconds_sum{model="titan"} 0.251`,
		`adit_request_aws_duration_seconds_sum{model="titan"} 0.21`,
		`adit_request_own_duration_seconds_sum{model="titan"} 0.002`,
		`adit_request_own_duration_seconds_bucket{model="titan",le="0.0001"} 0`,
		`adit_request_own_duration_seconds_bucket{model="titan",le="600"} 2`,
		`adit_texts_total{model="titan"} 144`,
		`adit_tokens_total{count="exact",model="titan"} 1000`,
		`adit_tokens_total{count="estimated",model="titan"} 7`,
		`adit_calls_total{model="titan",outcome="ok"} 1`,
		`adit_calls_total{model="titan",outcome="ThrottlingException"} 1`,
		`adit_calls_in_flight{model="titan"} 0`,
		`adit_call_duration_seconds_count{model="titan"} 2`,
		`adit_pack_fill_ratio_bucket{model="titan",le="0.5"} 1`,
		`adit_pack_fill_ratio_bucket{model="titan",le="1"} 2`,
		`adit_queue_wait_seconds_sum{model="titan"} 0.02`,
		`adit_throttles_total{by="aws",model="titan"} 1`,
		`adit_throttles_total{by="adit",model="titan"} 1`,
		`adit_retries_total{model="titan",reason="ThrottlingException"} 1`,
	)
}

func TestNamesThatAreNotConfiguredShareOneSeries(t *testing.T) {
	m := telemetry.NewMetrics()
	m.Configure([]string{"titan"})
	for i := range 100 {
		model := m.Model(fmt.Sprintf("canary-%d", i))
		model.RequestBegins()
		model.RequestEnds(404, telemetry.Spent{})
	}
	scraped := scrape(t, m)
	wantLines(t, scraped, `adit_requests_total{model="unknown",status="404"} 100`)
	if strings.Contains(scraped, "canary") {
		t.Errorf("a client's word became a label:\n%s", grep(scraped, "canary"))
	}
}

func TestOutcomesFromOutsideStayFew(t *testing.T) {
	m := telemetry.NewMetrics()
	m.Configure([]string{"titan"})
	call := func(outcome string) {
		m.Model("titan").CallBegins(1, 1)
		m.Model("titan").CallEnds(outcome, 0)
	}
	call("<html>canary</html>")
	for i := range 1000 {
		call(fmt.Sprintf("Code%d", i))
	}
	scraped := scrape(t, m)
	if n := strings.Count(scraped, "adit_calls_total{"); n > 70 {
		t.Errorf("%d series", n)
	}
	if strings.Contains(scraped, "canary") {
		t.Errorf("a body became a label:\n%s", grep(scraped, "canary"))
	}
}

func TestAModelThatGoesTakesItsSeriesAlongAndOneThatStaysKeepsItsCounts(t *testing.T) {
	m := telemetry.NewMetrics()
	m.Configure([]string{"gone", "kept"})
	m.Model("gone").Embedded(1, 1, true)
	m.Model("kept").Embedded(5, 1, true)
	m.Configure([]string{"kept", "new"})

	scraped := scrape(t, m)
	wantLines(t, scraped, `adit_texts_total{model="kept"} 5`, `adit_texts_total{model="new"} 0`)
	if strings.Contains(scraped, "gone") {
		t.Errorf("series remain:\n%s", grep(scraped, "gone"))
	}
}

func TestTheCredentialExpiryDisappearsWithTheCredentialsAndTheModel(t *testing.T) {
	m := telemetry.NewMetrics()
	m.Configure([]string{"titan", "nova"})
	m.CredentialExpiry("titan", time.Unix(1_900_000_000, 0))
	m.CredentialExpiry("nova", time.Unix(1_800_000_000, 0))
	wantLines(t, scrape(t, m), `adit_credential_expiry_timestamp_seconds{model="titan"} 1.9e+09`, `adit_credential_expiry_timestamp_seconds{model="nova"} 1.8e+09`)
	m.CredentialExpiry("titan", time.Time{})
	if found := grep(scrape(t, m), `credential_expiry_timestamp_seconds{model="titan"}`); found != "" {
		t.Errorf("without credentials there still is\n%s", found)
	}
	m.Configure(nil)
	m.CredentialExpiry("titan", time.Unix(1_900_000_000, 0)) // of a request that began before
	if found := grep(scrape(t, m), "credential_expiry"); found != "" {
		t.Errorf("without the models there still is\n%s", found)
	}
}

func TestReloadsAreCountedByResult(t *testing.T) {
	m := telemetry.NewMetrics()
	m.Reloaded(true)
	m.Reloaded(false)
	m.Reloaded(false)
	scraped := scrape(t, m)
	wantLines(t, scraped, `adit_config_reloads_total{result="ok"} 1`, `adit_config_reloads_total{result="failed"} 2`)
	if strings.Contains(scraped, "\nadit_config_last_success_timestamp_seconds 0\n") {
		t.Error("the time of the last success is not set")
	}
	for _, metric := range []string{"go_goroutines", "process_"} {
		if grep(scraped, metric) == "" {
			t.Errorf("no %s metrics", metric)
		}
	}
}

func TestARoomWithoutMetricsRunsAllTheSame(t *testing.T) {
	var m *telemetry.Metrics
	m.Configure([]string{"titan"})
	m.Reloaded(true)
	m.CredentialExpiry("env", time.Now())
	serve(m.Model("titan"))
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	if answer.Code != 404 {
		t.Errorf("status %d, want 404", answer.Code)
	}
}

func TestCountingAnAnsweredRequestAllocatesNothing(t *testing.T) {
	m := telemetry.NewMetrics()
	m.Configure([]string{"titan"})
	if n := testing.AllocsPerRun(100, func() { serve(m.Model("titan")) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkCountingARequest(b *testing.B) {
	m := telemetry.NewMetrics()
	m.Configure([]string{"titan"})
	b.ReportAllocs()
	for b.Loop() {
		serve(m.Model("titan"))
	}
}
