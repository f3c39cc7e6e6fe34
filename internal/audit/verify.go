package audit

import (
	"bytes"
	"context"
	"crypto/hmac"
	"fmt"
)

// Verification is what [Verify] found.
type Verification struct {
	// Sound means that nothing was altered, removed, moved or cut off.
	Sound bool
	// Bad is the Seq of the first row that is not as it was written; 0 when it is sound.
	Bad int64
	// Why is a sentence for administrators; "" when it is sound.
	Why string
	// Rows is how many rows were seen to be as they were written.
	Rows int64
	// Checkpoint stands for the rows that were pruned; zero when none were.
	Checkpoint Checkpoint
	// Head is the end of the chain. Kept elsewhere, it shows later whether the
	// whole database was put back to an earlier day: the row Head.Count then
	// has another MAC, or is not there.
	Head Head
}

// page is how many rows are read at once.
const page = 1000

// Verify reads the whole chain and says where it is not as it was written. It
// may run while rows are written and pruned. The error is that of reading; a
// chain that is not sound is no error.
//
// A pruning goes piece by piece and may overtake the reading many times, which
// then begins anew. Every time the checkpoint has moved on, so it comes to an end.
func Verify(ctx context.Context, s Store, c *Chain) (Verification, error) {
	for {
		w := walk{store: s, chain: c}
		if err := w.run(ctx); err != nil {
			return Verification{}, err
		}
		if w.found.Sound {
			return w.found, nil
		}
		now, err := s.Checkpoint(ctx)
		if err != nil {
			return Verification{}, err
		}
		if now.Seq <= w.found.Checkpoint.Seq || now.Seq < w.found.Bad {
			return w.found, nil // what is wrong is not that it was pruned
		}
	}
}

// walk is one reading of the chain: the Seq and MAC of the last row that was right.
type walk struct {
	store Store
	chain *Chain
	seq   int64
	last  []byte
	found Verification
}

func (w *walk) run(ctx context.Context) error {
	p, err := w.store.Checkpoint(ctx)
	if err != nil {
		return err
	}
	w.found.Checkpoint = p
	if p.Seq != 0 || len(p.MAC) != 0 {
		if !hmac.Equal(p.MAC, w.chain.Checkpoint(p)) {
			w.bad(1, "the checkpoint of the pruned rows is not one that this server made, or was made under another key")
			return nil
		}
		w.seq, w.last = p.Seq, p.Last
	}
	for {
		if err := w.rows(ctx); err != nil || w.found.Bad != 0 {
			return err
		}
		// The head is read after the rows: rows written meanwhile are behind it and read in the next round.
		h, err := w.store.Head(ctx)
		if err != nil {
			return err
		}
		if more := w.head(h); !more {
			return nil
		}
		before := w.seq
		if err := w.rows(ctx); err != nil || w.found.Bad != 0 {
			return err
		}
		if w.seq == before {
			w.bad(w.seq+1, fmt.Sprintf("the rows from %d to %d are missing at the end: they were cut off", w.seq+1, h.Count))
			return nil
		}
	}
}

// rows reads on to the end, or to the first row that is wrong.
func (w *walk) rows(ctx context.Context) error {
	for {
		rows, err := w.store.Rows(ctx, Query{After: w.seq, Limit: page})
		if err != nil {
			return err
		}
		for _, r := range rows {
			if !w.row(r) {
				return nil
			}
		}
		if len(rows) < page {
			return nil
		}
	}
}

// row looks at the next row and reports whether it is right.
func (w *walk) row(r Row) bool {
	next := w.seq + 1
	switch {
	case r.Seq > next:
		w.bad(next, fmt.Sprintf("%s missing between %d and %d: removed", plural(next, r.Seq-1), w.seq, r.Seq))
	case r.Seq < next:
		w.bad(next, fmt.Sprintf("row %d stands where row %d should: the order was changed", r.Seq, next))
	case !hmac.Equal(r.MAC, w.chain.MAC(w.last, r)):
		w.bad(next, fmt.Sprintf("row %d is not as it was written: it was altered, or is another row in its place, or the audit key is another", next))
	default:
		w.seq, w.last = r.Seq, r.MAC
		w.found.Rows++
		return true
	}
	return false
}

// head compares the end of the rows with the head, and reports whether rows must be there that were not read.
func (w *walk) head(h Head) (more bool) {
	w.found.Head = h
	switch {
	case len(h.MAC) == 0 && h.Count == 0:
		w.bad(1, "the audit has no head: it was never begun, or all of it was removed")
	case !hmac.Equal(h.MAC, w.chain.Head(h.Count, h.Last)):
		w.bad(w.seq+1, fmt.Sprintf("the head, which keeps rows from being cut off, was changed: rows behind %d may have been removed, then or earlier", w.seq))
	case h.Count > w.seq:
		return true
	case h.Count < w.seq:
		w.bad(h.Count+1, fmt.Sprintf("the head ends at row %d, but rows follow: the head was put back, or rows were added past it", h.Count))
	case !bytes.Equal(h.Last, w.last):
		w.bad(w.seq, fmt.Sprintf("the head knows another last row than row %d", w.seq))
	default:
		w.found.Sound = true
	}
	return false
}

func (w *walk) bad(seq int64, why string) {
	w.found.Sound, w.found.Bad, w.found.Why = false, seq, why
}

func plural(from, to int64) string {
	if from == to {
		return fmt.Sprintf("row %d is", from)
	}
	return fmt.Sprintf("rows %d to %d are", from, to)
}
