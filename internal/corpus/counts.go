package corpus

import (
	"sync/atomic"
	"time"
)

// Progress is how far a job is.
type Progress struct {
	// Rows were handed to the output, Failed of them as failures.
	Rows, Failed int64
	// Bytes of the input were needed for them.
	Bytes int64
	// Tokens were embedded for them.
	Tokens int64
	// Elapsed is the time since Run was called.
	Elapsed time.Duration
	// Waiting is how long the sender that waits longest is asked to, 0 when none is.
	Waiting time.Duration
}

// counts is what a job counts while others look on.
type counts struct {
	started               atomic.Pointer[time.Time]
	rows, failed          atomic.Int64
	bytes, tokens         atomic.Int64
	lastSuccess, waitsTil atomic.Int64 // nanoseconds since started
	whole                 atomic.Bool  // the input was read to its end
}

func (c *counts) begin() {
	now := time.Now()
	c.started.Store(&now)
}

func (c *counts) since() time.Duration {
	if begin := c.started.Load(); begin != nil {
		return time.Since(*begin)
	}
	return 0
}

func (c *counts) wrote(row Row, failed bool) {
	c.rows.Add(1)
	if failed {
		c.failed.Add(1)
	}
	c.bytes.Store(row.End)
}

func (c *counts) waits(pause time.Duration) {
	until := int64(c.since() + pause)
	for old := c.waitsTil.Load(); old < until && !c.waitsTil.CompareAndSwap(old, until); old = c.waitsTil.Load() {
	}
}

func (j *Job) succeeded() {
	j.counts.lastSuccess.Store(int64(j.counts.since()))
	j.counts.waitsTil.Store(0)
}

// idle is how long no batch got through.
func (j *Job) idle() time.Duration {
	return j.counts.since() - time.Duration(j.counts.lastSuccess.Load())
}

// Progress tells how far the job is. It may be called at any time.
func (j *Job) Progress() Progress {
	c := &j.counts
	now := c.since()
	return Progress{
		Rows: c.rows.Load(), Failed: c.failed.Load(), Bytes: c.bytes.Load(), Tokens: c.tokens.Load(),
		Elapsed: now, Waiting: max(0, time.Duration(c.waitsTil.Load())-now),
	}
}
