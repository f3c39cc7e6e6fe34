package limit

import (
	"math"
	"time"
)

// startOf estimates when the k-th call that is not started yet, counted from
// the head of the queue from 1, could start at the given rate. Two chains lead
// to it. A slot is taken again one minute and one answer later, so call k is
// whole rounds behind one of the slots that are known today; and a connection is
// taken again one answer later, so call k is some answers behind a call that
// waits for its slot.
func (b *bucket) startOf(now time.Duration, k, rate int) time.Duration {
	answer, conns := b.answers.estimate(now), b.limits.Concurrent
	rounds, inRound := (k-1)/rate, (k-1)%rate+1
	at := now + time.Duration((b.inFlight+inRound-1)/conns)*answer
	hop := time.Duration(0)
	for i := b.used() + inRound - rate; i > 0; i -= conns {
		at = max(at, b.returns(i, now+answer)+hop)
		hop += answer
	}
	at += time.Duration(rounds) * (minute + answer)
	return max(at, now+time.Duration((b.inFlight+k-1)/conns)*answer)
}

// returns says when the i-th of the used slots, counted from 1, returns; the
// calls in flight are taken to be answered at the given time.
func (b *bucket) returns(i int, answered time.Duration) time.Duration {
	if i <= b.window.n {
		return b.window.at(i - 1).back
	}
	return answered + minute
}

// horizon is the time that a request has: how much can be done in it, at a
// given rate, number of connections and time to answer.
type horizon struct {
	room, answer time.Duration
	rate, conns  int
}

// queued returns how many calls can wait and still start: what a bucket in use
// starts in this time.
func (h horizon) queued() int {
	bySlots := float64(h.rate) * float64(h.room) / float64(minute+h.answer)
	byConns := float64(h.conns) * float64(h.room) / float64(h.answer)
	return whole(min(bySlots, byConns))
}

// half returns how many calls of one caller may wait: half of the queue, and
// never none.
func (h horizon) half() int { return max(1, h.queued()/2) }

// most returns how many calls of one request can be answered in this time when
// nothing else is going on, and whether it is the connections that allow no
// more. Calls that can all start at once are never too many.
func (h horizon) most() (calls int, byConns bool) {
	last := h.room - h.answer // when the last call must start
	if last < 0 {
		return min(h.rate, h.conns), h.conns < h.rate
	}
	rounds, rest := last/(minute+h.answer), last%(minute+h.answer)
	inLast := min(float64(h.rate), float64(h.conns)*float64(rest/h.answer+1))
	bySlots := float64(h.rate)*float64(rounds) + inLast
	byHalf := float64(h.rate) + float64(h.half())
	conns := float64(h.conns) * float64(last/h.answer+1)
	calls = whole(min(bySlots, byHalf, conns))
	return calls, conns < min(bySlots, byHalf) || (rounds == 0 && calls < h.rate)
}

// whole rounds x down to an int that is safe to add to.
func whole(x float64) int { return int(min(x, math.MaxInt32)) }
