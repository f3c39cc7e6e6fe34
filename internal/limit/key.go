package limit

import "fmt"

// Key names what AWS counts together: one quota of one account in one region.
type Key struct {
	// Account is the AWS account id. While it is unknown, the credential
	// source stands for it; see [Limiter.Merge].
	Account string
	// Region is the region whose quota is spent, such as "us-east-1".
	Region string
	// Model is the quota model: the model or inference profile whose quota is spent.
	Model string
}

// String returns the key for a log line: "account/region/model".
func (k Key) String() string { return k.Account + "/" + k.Region + "/" + k.Model }

// Limits are the two numbers that a key's calls must keep to. There are no
// defaults here; a number under 1 counts as 1.
type Limits struct {
	// PerMinute is requests_per_min_limit: calls in any rolling 60 seconds.
	PerMinute int
	// Concurrent is max_concurrent_invocations: calls between sending and answer.
	Concurrent int
}

// String returns the limits for a log line.
func (m Limits) String() string {
	return fmt.Sprintf("%d per minute, %d at once", m.PerMinute, m.Concurrent)
}

// usable returns the limits with every number at least 1.
func (m Limits) usable() Limits {
	return Limits{PerMinute: max(1, m.PerMinute), Concurrent: max(1, m.Concurrent)}
}

// smaller returns the limits that keep both m and o.
func (m Limits) smaller(o Limits) Limits {
	return Limits{PerMinute: min(m.PerMinute, o.PerMinute), Concurrent: min(m.Concurrent, o.Concurrent)}
}
