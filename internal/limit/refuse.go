package limit

import (
	"fmt"
	"math"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// impossible is the fault of a request that could never fit.
func (b *bucket) impossible(calls, most int, byConns bool, room time.Duration) error {
	name, value := "requests_per_min_limit", b.limits.PerMinute
	if byConns {
		name, value = "max_concurrent_invocations", b.limits.Concurrent
	}
	return fault.New(fault.Invalid, "the request needs %d calls to Amazon Bedrock; %s %d allows at most %d within %s",
		calls, name, value, most, spoken(room)).
		WithRemedy("Split the request, allow it more time, or raise %s if the quota of the AWS account is larger.", name).
		WithParam("input").WithCode("too_many_calls")
}

// full is the fault of a request that does not fit before its deadline now.
func (b *bucket) full(calls int, room, late time.Duration) error {
	return b.throttled(late, "requests_per_min_limit %d%s leaves no room for %s within %s: %s ahead of it",
		b.limits.PerMinute, b.lowered(), counted(calls), spoken(room), counted(b.waiting)+" waiting")
}

// greedy is the fault of a caller that would hold more than half of the queue.
func (b *bucket) greedy(half int, wait time.Duration) error {
	return b.throttled(wait, "one caller may fill at most half of the queue, here %s waiting; requests_per_min_limit is %d%s",
		counted(half), b.limits.PerMinute, b.lowered())
}

// throttled returns a Throttled fault that says when to come back.
func (b *bucket) throttled(wait time.Duration, format string, args ...any) error {
	seconds := max(1, math.Ceil(wait.Seconds()))
	f := fault.New(fault.Throttled, format, args...).
		WithRemedy("Try again in %.0f s, or send less at a time.", seconds).
		WithCode("rate_limit_exceeded")
	f.RetryAfter = time.Duration(seconds) * time.Second
	return f
}

// lowered tells of a rate that AWS forced down.
func (b *bucket) lowered() string {
	if b.rate.now == b.rate.full {
		return ""
	}
	return fmt.Sprintf(" (%d at the moment, because AWS throttled)", b.rate.now)
}

// counted returns "1 call" or "n calls".
func counted(n int) string {
	if n == 1 {
		return "1 call"
	}
	return fmt.Sprintf("%d calls", n)
}

// spoken returns d without digits that nobody needs.
func spoken(d time.Duration) string {
	if d > time.Second {
		return d.Round(time.Second).String()
	}
	return d.Round(time.Millisecond).String()
}
