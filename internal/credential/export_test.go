package credential

import "time"

// SetBudget shortens what one source may take, for tests of sources that hang.
func SetBudget(c *Chain, budget time.Duration) { c.budget = budget }
