package telemetry

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// KeylessMetrics are those of the issuer, the exchange and what the server
// keeps. All methods are safe for concurrent use, and do nothing on nil.
type KeylessMetrics struct {
	exchanges, fetches, costs, limits *prometheus.CounterVec
	fallbacks                         prometheus.Counter
	synced                            atomic.Int64 // Unix time
}

// Keyless adds the metrics of a server that keeps organizations. live tells how
// many role sessions are held now.
func (m *Metrics) Keyless(live func() int) *KeylessMetrics {
	if m == nil {
		return nil
	}
	k := &KeylessMetrics{
		exchanges: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "adit_exchanges_total",
			Help: "Tokens sent to AWS STS, by outcome: ok, or AWS's error code.",
		}, []string{"outcome"}),
		fetches: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "adit_issuer_fetches_total",
			Help: "Requests for the issuer's documents, by document (discovery, jwks).",
		}, []string{"document"}),
		costs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "adit_cost_usd_total",
			Help: "What requests cost in US dollars, by the price table and by what the tokens are: exact (told by AWS) or estimated.",
		}, []string{"tokens"}),
		limits: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "adit_budget_limits_reached_total",
			Help: "Budget limits reached in a day or month, by limit: soft or hard.",
		}, []string{"limit"}),
		fallbacks: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "adit_session_fallbacks_total",
			Help: "Requests of a user that got the session of their API key, because there were too many sessions.",
		}),
	}
	m.registry.MustRegister(k.exchanges, k.fetches, k.costs, k.limits, k.fallbacks,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "adit_role_sessions",
			Help: "Role sessions whose credentials are held.",
		}, func() float64 { return float64(live()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "adit_state_last_sync_timestamp_seconds",
			Help: "When the database last answered, in Unix time.",
		}, func() float64 { return float64(k.synced.Load()) }))
	k.exchanges.WithLabelValues("ok")
	for _, limit := range []string{"soft", "hard"} {
		k.limits.WithLabelValues(limit)
	}
	return k
}

// Exchanged counts one exchange.
func (k *KeylessMetrics) Exchanged(outcome string) {
	if k != nil {
		k.exchanges.WithLabelValues(outcome).Inc()
	}
}

// Fetched counts one request for a document of the issuer.
func (k *KeylessMetrics) Fetched(document string) {
	if k != nil {
		k.fetches.WithLabelValues(document).Inc()
	}
}

// FellBack counts one request that got a session of its key, not of its user.
func (k *KeylessMetrics) FellBack() {
	if k != nil {
		k.fallbacks.Inc()
	}
}

// Synced records that the database answered.
func (k *KeylessMetrics) Synced(at time.Time) {
	if k != nil {
		k.synced.Store(at.Unix())
	}
}

// Charged adds what a request cost, in billionths of a US dollar.
func (k *KeylessMetrics) Charged(exact, estimated int64) {
	if k == nil {
		return
	}
	const billion = 1e9
	k.costs.WithLabelValues("exact").Add(float64(exact) / billion)
	k.costs.WithLabelValues("estimated").Add(float64(estimated) / billion)
}

// ReachedLimit counts a budget whose soft or hard limit was reached.
func (k *KeylessMetrics) ReachedLimit(limit string) {
	if k != nil {
		k.limits.WithLabelValues(limit).Inc()
	}
}
