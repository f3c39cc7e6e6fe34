package audit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
	"time"
)

// What a MAC is about is part of what it covers, so that none can stand for another.
const (
	rowDomain        = "adit audit row 1"
	headDomain       = "adit audit head 1"
	checkpointDomain = "adit audit checkpoint 1"
)

// Chain makes the MACs of rows, head and checkpoint: HMAC-SHA-256 under a key
// that the database holds only sealed. Who can write to the database but not
// open the key can change nothing unseen. Two things no chain can tell by
// itself: that everything was put back to an earlier day, head included, and
// that all was removed and begun anew. Against both, keep the head that
// [Verify] reports elsewhere.
//
// A Chain is safe for concurrent use.
type Chain struct{ key []byte }

// NewChain returns a chain under the key, which should be 32 random bytes.
func NewChain(key []byte) *Chain { return &Chain{key: slices.Clone(key)} }

// MAC returns the MAC of a row that follows one with the MAC prev (nil for the
// first). It covers every field of the event and Seq; of the time it covers
// microseconds, which every database keeps.
func (c *Chain) MAC(prev []byte, r Row) []byte {
	e := encoding{}
	e.text(rowDomain)
	e.bytes(prev)
	e.number(r.Seq)
	e.number(r.Time.UnixMicro())
	for _, s := range []string{
		r.Organization, r.Actor.Organization, r.Actor.Key, r.Actor.Name, r.Actor.Address, r.Action, r.Target, r.Outcome,
	} {
		e.text(s)
	}
	e.number(int64(len(r.Details)))
	for _, name := range slices.Sorted(maps.Keys(r.Details)) {
		e.text(name)
		e.text(r.Details[name])
	}
	return c.sum(e)
}

// Head returns the MAC of the head: how many rows were ever written, and the MAC of the last.
func (c *Chain) Head(count int64, last []byte) []byte {
	e := encoding{}
	e.text(headDomain)
	e.number(count)
	e.bytes(last)
	return c.sum(e)
}

// Checkpoint returns the MAC of a checkpoint; its own MAC is not looked at.
func (c *Chain) Checkpoint(p Checkpoint) []byte {
	e := encoding{}
	e.text(checkpointDomain)
	e.number(p.Seq)
	e.bytes(p.Last)
	e.number(p.At.UnixMicro())
	return c.sum(e)
}

// Append returns the rows that the events become behind the head, cleaned as
// [Event.Clean] does, and the new head.
//
// A head that was tampered with is not healed by it: the rows are chained, as
// refusing them would stop the server, but the new head gets no valid MAC, and
// [Verify] goes on finding it.
func (c *Chain) Append(h Head, events []Event) ([]Row, Head) {
	sound := c.holds(h)
	rows := make([]Row, len(events))
	for i, e := range events {
		h.Count++
		rows[i] = Row{Event: e.Clean(), Seq: h.Count}
		rows[i].MAC = c.MAC(h.Last, rows[i])
		h.Last = rows[i].MAC
	}
	h.MAC = nil
	if sound {
		h.MAC = c.Head(h.Count, h.Last)
	}
	return rows, h
}

// Prune returns the checkpoint that stands for the rows up to and with last.
func (c *Chain) Prune(last Row, at time.Time) Checkpoint {
	p := Checkpoint{Seq: last.Seq, Last: last.MAC, At: at.UTC().Truncate(time.Microsecond)}
	p.MAC = c.Checkpoint(p)
	return p
}

// holds reports whether the head is one that this chain made, or no head at all.
func (c *Chain) holds(h Head) bool {
	if h.Count == 0 && len(h.Last) == 0 && len(h.MAC) == 0 {
		return true
	}
	return hmac.Equal(h.MAC, c.Head(h.Count, h.Last))
}

func (c *Chain) sum(e encoding) []byte {
	mac := hmac.New(sha256.New, c.key)
	mac.Write(e.buf)
	return mac.Sum(nil)
}

// encoding writes fields one after another, each with its length before it, so
// that no two different rows are the same bytes.
type encoding struct{ buf []byte }

func (e *encoding) number(n int64) { e.buf = binary.BigEndian.AppendUint64(e.buf, uint64(n)) }

func (e *encoding) text(s string) {
	e.number(int64(len(s)))
	e.buf = append(e.buf, s...)
}

func (e *encoding) bytes(b []byte) {
	e.number(int64(len(b)))
	e.buf = append(e.buf, b...)
}
