package telemetry

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// unknownModel stands for every model name that is not configured: a client
// can send any name, and each would become a series for ever.
const unknownModel = "unknown"

// Metrics holds what Prometheus reads, in a registry of its own. All methods
// are safe for concurrent use, and do nothing on nil.
type Metrics struct {
	registry *prometheus.Registry
	series   *series
	unknown  *ModelMetrics
	models   atomic.Pointer[map[string]*ModelMetrics]
	outcomes vocabulary

	expiring         sync.Mutex // a gauge set late must not outlive its model
	credentialExpiry *prometheus.GaugeVec
	reloads          *prometheus.CounterVec
	lastReload       prometheus.Gauge
}

// NewMetrics returns metrics without any model, beside those of the Go runtime
// and the process.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		series:   newSeries(),
		credentialExpiry: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "adit_credential_expiry_timestamp_seconds",
			Help: "When the AWS credentials of a model expire, in Unix time. Absent for credentials that do not.",
		}, withModel(nil)),
		reloads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "adit_config_reloads_total",
			Help: "Loads of the configuration, the first included, by result (ok, failed).",
		}, []string{"result"}),
		lastReload: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "adit_config_last_success_timestamp_seconds",
			Help: "When the configuration in force was loaded, in Unix time.",
		}),
	}
	m.registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		m.credentialExpiry, m.reloads, m.lastReload,
	)
	for _, metric := range m.series.all() {
		m.registry.MustRegister(metric)
	}
	m.reloads.WithLabelValues("ok")
	m.reloads.WithLabelValues("failed")
	m.unknown = m.series.of(unknownModel, &m.outcomes)
	m.models.Store(&map[string]*ModelMetrics{})
	return m
}

// Handler answers Prometheus. On nil it answers 404.
func (m *Metrics) Handler() http.Handler {
	if m == nil {
		return http.NotFoundHandler()
	}
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Configure sets the names of the models that have metrics of their own. A name
// that stays keeps its counts; the series of a name that goes are dropped. It
// is not safe to call twice at once.
func (m *Metrics) Configure(names []string) {
	if m == nil {
		return
	}
	before := *m.models.Load()
	after := make(map[string]*ModelMetrics, len(names))
	for _, name := range names {
		switch kept, ok := before[name]; {
		case name == unknownModel:
			after[name] = m.unknown
		case ok:
			after[name] = kept
		default:
			after[name] = m.series.of(name, &m.outcomes)
		}
	}
	m.models.Store(&after)
	m.expiring.Lock()
	defer m.expiring.Unlock()
	for name := range before {
		if _, stays := after[name]; !stays {
			m.credentialExpiry.DeleteLabelValues(name)
		}
		if _, stays := after[name]; !stays && name != unknownModel {
			m.series.drop(name)
		}
	}
}

// Model returns the metrics of a configured model. Any other name gets those
// that all unknown models share. Keep the result: its methods look up nothing.
func (m *Metrics) Model(name string) *ModelMetrics {
	if m == nil {
		return nil
	}
	if model, ok := (*m.models.Load())[name]; ok {
		return model
	}
	return m.unknown
}

// CredentialExpiry records when the credentials of a configured model expire; the
// zero time means that there are none, or that they do not, and removes the gauge.
func (m *Metrics) CredentialExpiry(model string, at time.Time) {
	if m == nil {
		return
	}
	m.expiring.Lock()
	defer m.expiring.Unlock()
	if _, ok := (*m.models.Load())[model]; !ok || at.IsZero() {
		m.credentialExpiry.DeleteLabelValues(model)
		return
	}
	m.credentialExpiry.WithLabelValues(model).Set(float64(at.Unix()))
}

// Reloaded records a load of the configuration and whether it is in force now.
func (m *Metrics) Reloaded(ok bool) {
	switch {
	case m == nil:
	case ok:
		m.reloads.WithLabelValues("ok").Inc()
		m.lastReload.SetToCurrentTime()
	default:
		m.reloads.WithLabelValues("failed").Inc()
	}
}
