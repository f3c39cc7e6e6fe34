package budget

import (
	"math"
	"sync/atomic"
	"time"
)

// count is what is known to be spent of one budget. It outlives changes of the
// budget's bounds.
type count struct {
	window atomic.Pointer[window]
	// asked says that the budget was in use since its sum was last read.
	asked atomic.Bool

	// tried is the turn in which its sum was last asked for. Only who holds stepping touches it.
	tried uint64
}

// window is one day or month of a count.
type window struct {
	begins, ends int64 // Unix seconds
	spent        atomic.Int64

	read atomic.Int64 // when its sum was last read, in Unix nanoseconds; 0: not yet

	// Only who holds stepping touches what follows.
	toldSoft, toldHard int64 // the bounds that were told of
}

func newCount(p Period, now time.Time) *count {
	c := &count{}
	c.window.Store(newWindow(p, now))
	return c
}

func newWindow(p Period, now time.Time) *window {
	begins, ends := p.Span(now)
	return &window{begins: begins.Unix(), ends: ends.Unix()}
}

// at returns the window of a moment, a new one when the former is over. It
// waits for nobody: who comes second takes what the first made.
func (c *count) at(now int64, p Period) *window {
	w := c.window.Load()
	if now < w.ends {
		return w
	}
	c.window.CompareAndSwap(w, newWindow(p, time.Unix(now, 0)))
	return c.window.Load()
}

// straighten is at for a clock that may have been set back as well.
func (c *count) straighten(now time.Time, p Period) *window {
	w := c.at(now.Unix(), p)
	if begins, _ := p.Span(now); begins.Unix() < w.begins {
		c.window.CompareAndSwap(w, newWindow(p, now))
	}
	return c.window.Load()
}

// in returns what is spent at a moment: nothing when the window is over.
func (w *window) in(now int64) int64 {
	if now >= w.ends {
		return 0
	}
	return w.spent.Load()
}

// use notes that the budget is in use, and reports whether it was not. It writes
// only once between two readings of the sum, so that the processor's caches stay warm.
func (c *count) use() (first bool) {
	if c.asked.Load() {
		return false
	}
	return c.asked.CompareAndSwap(false, true)
}

// age is how long ago its sum was last read.
func (w *window) age(now time.Time) time.Duration {
	read := w.read.Load()
	if read == 0 {
		return math.MaxInt64
	}
	return now.Sub(time.Unix(0, read)).Abs()
}
