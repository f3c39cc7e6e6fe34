package telemetry

import "github.com/prometheus/client_golang/prometheus"

// series are the metrics that each model has.
type series struct {
	requests, texts, tokens, calls, throttles, retries *prometheus.CounterVec
	total, own, aws, callTime, queueWait, packFill     *prometheus.HistogramVec
	requestsNow, callsNow                              *prometheus.GaugeVec
}

func newSeries() *series {
	return &series{
		requests:  counter("adit_requests_total", "Requests answered, by HTTP status.", "status"),
		texts:     counter("adit_texts_total", "Texts embedded."),
		tokens:    counter("adit_tokens_total", "Tokens embedded; exact where AWS counted them, else estimated.", "count"),
		calls:     counter("adit_calls_total", "InvokeModel calls, by outcome: ok, AWS's error code, or the kind of fault.", "outcome"),
		throttles: counter("adit_throttles_total", "Calls that AWS throttled, and requests that Adit refused for want of quota or of budget.", "by"),
		retries:   counter("adit_retries_total", "Calls sent again, by reason.", "reason"),

		total:     histogram("adit_request_duration_seconds", "Time from request to answer.", durations()),
		own:       histogram("adit_request_own_duration_seconds", "The part of it that was neither AWS nor waiting for quota.", durations()),
		aws:       histogram("adit_request_aws_duration_seconds", "The part of it with at least one call at AWS.", durations()),
		callTime:  histogram("adit_call_duration_seconds", "Time of one InvokeModel call.", durations()),
		queueWait: histogram("adit_queue_wait_seconds", "Time that a call waited for quota.", durations()),
		packFill:  histogram("adit_pack_fill_ratio", "Texts in a call / texts that a call may hold.", []float64{0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 1}),

		requestsNow: gauge("adit_requests_in_flight", "Requests being answered."),
		callsNow:    gauge("adit_calls_in_flight", "InvokeModel calls under way."),
	}
}

// durations are bucket bounds in seconds from 100 µs, where Adit's own work
// lies, to 10 minutes, the longest that OpenAI's clients wait.
func durations() []float64 {
	return []float64{
		0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
		1, 2.5, 5, 10, 30, 60, 120, 300, 600,
	}
}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, withModel(labels))
}

func gauge(name, help string) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, withModel(nil))
}

func histogram(name, help string, buckets []float64) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, withModel(nil))
}

func withModel(labels []string) []string { return append([]string{"model"}, labels...) }

// vec is what all these metrics have in common.
type vec interface {
	prometheus.Collector
	DeletePartialMatch(prometheus.Labels) int
}

func (s *series) all() []vec {
	return []vec{
		s.requests, s.texts, s.tokens, s.calls, s.throttles, s.retries,
		s.total, s.own, s.aws, s.callTime, s.queueWait, s.packFill,
		s.requestsNow, s.callsNow,
	}
}

// drop removes all series of a model.
func (s *series) drop(model string) {
	for _, metric := range s.all() {
		metric.DeletePartialMatch(prometheus.Labels{"model": model})
	}
}
