package telemetry

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Who throttled, for [ModelMetrics.Throttled].
const (
	ByAWS    = "aws"
	ByAdit   = "adit"
	ByBudget = "budget"
)

// OK is the outcome of a call that AWS answered.
const OK = "ok"

// ModelMetrics are the metrics of one model, every common label already looked
// up. All methods are safe for concurrent use, and do nothing on nil.
type ModelMetrics struct {
	name     string
	series   *series
	outcomes *vocabulary

	answered, called, texts, exact, estimated          prometheus.Counter
	throttledByAWS, throttledByAdit, throttledByBudget prometheus.Counter
	total, own, aws, callTime, queueWait, packFill     prometheus.Observer
	requestsNow, callsNow                              prometheus.Gauge
}

// of returns the metrics of a model, which begin to exist by that.
func (s *series) of(model string, outcomes *vocabulary) *ModelMetrics {
	return &ModelMetrics{
		name:              model,
		series:            s,
		outcomes:          outcomes,
		answered:          s.requests.WithLabelValues(model, "200"),
		called:            s.calls.WithLabelValues(model, OK),
		texts:             s.texts.WithLabelValues(model),
		exact:             s.tokens.WithLabelValues(model, "exact"),
		estimated:         s.tokens.WithLabelValues(model, "estimated"),
		throttledByAWS:    s.throttles.WithLabelValues(model, ByAWS),
		throttledByAdit:   s.throttles.WithLabelValues(model, ByAdit),
		throttledByBudget: s.throttles.WithLabelValues(model, ByBudget),
		total:             s.total.WithLabelValues(model),
		own:               s.own.WithLabelValues(model),
		aws:               s.aws.WithLabelValues(model),
		callTime:          s.callTime.WithLabelValues(model),
		queueWait:         s.queueWait.WithLabelValues(model),
		packFill:          s.packFill.WithLabelValues(model),
		requestsNow:       s.requestsNow.WithLabelValues(model),
		callsNow:          s.callsNow.WithLabelValues(model),
	}
}

// RequestBegins counts a request as in flight until RequestEnds.
func (m *ModelMetrics) RequestBegins() {
	if m != nil {
		m.requestsNow.Inc()
	}
}

// RequestEnds records an answer: its HTTP status and where the time went.
func (m *ModelMetrics) RequestEnds(status int, spent Spent) {
	if m == nil {
		return
	}
	m.requestsNow.Dec()
	if status == 200 {
		m.answered.Inc()
	} else {
		m.series.requests.WithLabelValues(m.name, strconv.Itoa(status)).Inc()
	}
	m.total.Observe(spent.Total.Seconds())
	m.own.Observe(spent.Own().Seconds())
	m.aws.Observe(spent.AWS.Seconds())
}

// CallBegins counts an InvokeModel call as under way until CallEnds.
// texts of at most capacity are in it.
func (m *ModelMetrics) CallBegins(texts, capacity int) {
	if m == nil {
		return
	}
	m.callsNow.Inc()
	if capacity > 0 {
		m.packFill.Observe(float64(texts) / float64(capacity))
	}
}

// CallEnds records a call's outcome: [OK], AWS's error code, or the kind of fault
// where AWS gave no code.
func (m *ModelMetrics) CallEnds(outcome string, took time.Duration) {
	if m == nil {
		return
	}
	m.callsNow.Dec()
	m.callTime.Observe(took.Seconds())
	if outcome == OK {
		m.called.Inc()
		return
	}
	m.series.calls.WithLabelValues(m.name, m.outcomes.admit(outcome)).Inc()
}

// Embedded records texts that got their vectors and the tokens in them; exact
// says that AWS counted the tokens.
func (m *ModelMetrics) Embedded(texts, tokens int, exact bool) {
	if m == nil {
		return
	}
	m.texts.Add(float64(max(texts, 0)))
	if exact {
		m.exact.Add(float64(max(tokens, 0)))
	} else {
		m.estimated.Add(float64(max(tokens, 0)))
	}
}

// Waited records how long a call waited for quota.
func (m *ModelMetrics) Waited(d time.Duration) {
	if m != nil {
		m.queueWait.Observe(d.Seconds())
	}
}

// Throttled records that by, [ByAWS], [ByAdit] or [ByBudget], had no room.
func (m *ModelMetrics) Throttled(by string) {
	switch {
	case m == nil:
	case by == ByAWS:
		m.throttledByAWS.Inc()
	case by == ByBudget:
		m.throttledByBudget.Inc()
	default:
		m.throttledByAdit.Inc()
	}
}

// Retried records that a call is sent again. The reason is AWS's error code or the
// kind of fault.
func (m *ModelMetrics) Retried(reason string) {
	if m != nil {
		m.series.retries.WithLabelValues(m.name, m.outcomes.admit(reason)).Inc()
	}
}
