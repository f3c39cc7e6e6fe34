package emulator

import (
	"fmt"
	"sync"
	"time"
)

// quotaWindow is the rolling window of a requests-per-minute quota.
const quotaWindow = time.Minute

// quotaKey is what AWS counts by. model is a model id, the id of a
// system-defined profile, which counts by itself, or a provisioned model's ARN.
type quotaKey struct{ account, region, model string }

// quotas holds the limits and the arrivals of the last minute.
type quotas struct {
	mu       sync.Mutex
	limits   map[string]int
	arrivals map[quotaKey][]time.Time // oldest first, at most the limit
}

// SetQuota limits the calls of a model id, profile id ("us.cohere.embed-v4:0")
// or provisioned ARN to rpm in any 60 seconds, for each account and Region
// apart. Calls that are let in count when they arrive, whatever becomes of
// them; calls refused for the quota do not count. rpm 0 refuses every call,
// as new accounts see it; a negative rpm lifts the quota.
func (e *Emulator) SetQuota(model string, rpm int) error {
	if model == "" {
		return fmt.Errorf("emulator: a quota needs a model")
	}
	e.quotas.mu.Lock()
	defer e.quotas.mu.Unlock()
	if e.quotas.limits == nil {
		e.quotas.limits = make(map[string]int)
		e.quotas.arrivals = make(map[quotaKey][]time.Time)
	}
	e.quotas.limits[model] = rpm
	if rpm < 0 {
		delete(e.quotas.limits, model)
	}
	return nil
}

// take counts an arrival, or refuses it.
func (q *quotas) take(key quotaKey, now time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	limit, limited := q.limits[key.model]
	if !limited {
		return true
	}
	times := q.arrivals[key]
	past := 0
	for past < len(times) && now.Sub(times[past]) >= quotaWindow {
		past++
	}
	times = times[past:]
	if len(times) >= limit {
		q.arrivals[key] = times
		return false
	}
	q.arrivals[key] = append(times, now)
	return true
}
