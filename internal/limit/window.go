package limit

import "time"

// minute is how long a slot cools after its call's answer or failure was seen.
// The nanosecond makes it more than 60 seconds, so that even a window which
// counts both of its ends holds no call too many.
const minute = time.Minute + time.Nanosecond

// slot is the place of a finished call that AWS may still be counting.
type slot struct {
	back     time.Duration // when the slot returns
	answered bool          // the call was answered, neither failed nor throttled
}

// window is a ring of cooling slots in the order in which they return. That is
// nearly the order in which their calls ended; only unanswered ones stay longer.
type window struct {
	ring     []slot // its length is a power of two
	head, n  int
	answered int // how many of the n slots hold answered calls
}

// at returns the slot that returns i-th, from 0.
func (w *window) at(i int) slot { return *w.place(i) }

func (w *window) place(i int) *slot { return &w.ring[(w.head+i)&(len(w.ring)-1)] }

// add puts a slot behind all that return before it.
func (w *window) add(s slot) {
	if w.n == len(w.ring) {
		w.grow()
	}
	i := w.n
	for ; i > 0 && w.at(i-1).back > s.back; i-- {
		*w.place(i) = w.at(i - 1)
	}
	*w.place(i) = s
	w.n++
	if s.answered {
		w.answered++
	}
}

// grow doubles the ring.
func (w *window) grow() {
	ring := make([]slot, max(8, 2*len(w.ring)))
	for i := range w.n {
		ring[i] = w.at(i)
	}
	w.ring, w.head = ring, 0
}

// drop removes the slots that have returned by now.
func (w *window) drop(now time.Duration) {
	for w.n > 0 && w.at(0).back <= now {
		if w.at(0).answered {
			w.answered--
		}
		w.head = (w.head + 1) & (len(w.ring) - 1)
		w.n--
	}
}

// join returns a window of all slots of w and o.
func (w *window) join(o *window) window {
	var both window
	i, j := 0, 0
	for i < w.n || j < o.n {
		if j == o.n || (i < w.n && w.at(i).back <= o.at(j).back) {
			both.add(w.at(i))
			i++
			continue
		}
		both.add(o.at(j))
		j++
	}
	return both
}
