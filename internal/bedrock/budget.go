package bedrock

import "sync"

// budget bounds retries over all requests of a target, so that an outage is
// not answered with a storm. It holds 500 tokens; a retry takes 5 (1 after
// throttling, where the limit room slows down already) and every success gives one back.
type budget struct {
	mu     sync.Mutex
	tokens int
}

const (
	budgetFull    = 500
	retryCost     = 5
	throttledCost = 1
)

func newBudget() *budget { return &budget{tokens: budgetFull} }

func (b *budget) take(cost int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tokens < cost {
		return false
	}
	b.tokens -= cost
	return true
}

func (b *budget) success() {
	b.mu.Lock()
	b.tokens = min(b.tokens+1, budgetFull)
	b.mu.Unlock()
}
