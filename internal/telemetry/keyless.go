package telemetry

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// KeylessMetrics are those of the issuer, the exchange and what the server
// keeps. All methods are safe for concurrent use, and do nothing on nil.
type KeylessMetrics struct {
	exchanges, fetches, costs, bounds *prometheus.CounterVec
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
		bounds: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "adit_budget_bounds_reached_total",
			Help: "Budgets whose bound was reached in a day or month, by bound: soft or hard.",
		}, []string{"bound"}),
		fallbacks: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "adit_session_fallbacks_total",
			Help: "Requests of a user that got the session of their API key, because there were too many sessions.",
		}),
	}
	m.registry.MustRegister(k.exchanges, k.fetches, k.costs, k.bounds, k.fallbacks,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "adit_role_sessions",
			Help: "Role sessions whose credentials are held.",
		}, func() float64 { return float64(live()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "adit_state_last_sync_timestamp_seconds",
			Help: "When the database last answered, in Unix time.",
		}, func() float64 { return float64(k.synced.Load()) }))
	k.exchanges.WithLabelValues("ok")
	for _, bound := range []string{"soft", "hard"} {
		k.bounds.WithLabelValues(bound)
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

// ReachedBound counts a budget whose soft or hard bound was reached.
func (k *KeylessMetrics) ReachedBound(bound string) {
	if k != nil {
		k.bounds.WithLabelValues(bound).Inc()
	}
}
