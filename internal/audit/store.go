package audit

import (
	"context"
	"time"
)

// Store keeps the rows of the chain, its head and its checkpoint. Who appends
// holds the head row locked: reads it, asks [Chain.Append] for the rows and the
// new head, and writes both in one transaction, so that rows and head never
// part.
type Store interface {
	// AppendEvents writes the events at the end of the chain, in their order, all or none.
	AppendEvents(ctx context.Context, events []Event) error
	// Rows returns the rows that q chooses, by Seq.
	Rows(ctx context.Context, q Query) ([]Row, error)
	// Head returns the end of the chain; the zero Head before the first row.
	Head(ctx context.Context) (Head, error)
	// PruneBefore removes the longest beginning of the chain whose rows are all
	// older than the time, piece by piece, and leaves a checkpoint made by
	// [Chain.Prune] with every piece, in one transaction. Nothing to remove: the
	// checkpoint that is there. With an error, that of the last piece that is
	// removed, zero if there is none: the chain is sound, and another call goes on.
	PruneBefore(ctx context.Context, before time.Time) (Checkpoint, error)
	// Checkpoint returns what the last pruning left; the zero Checkpoint before the first.
	Checkpoint(ctx context.Context) (Checkpoint, error)
}

// Query chooses rows: those that fit every field that is set.
type Query struct {
	// Organization is whose events: nil means everyone's, "" the server's own.
	Organization *string
	// After leaves out the rows up to and with this Seq; with Newest, those
	// from it on. 0 leaves out none.
	After int64
	// Newest turns the order round: the highest Seq comes first.
	Newest bool
	// Limit is the greatest number of rows; 0 means no limit.
	Limit int
	// Action is the beginning of the action: "environment." for all that happened to environments.
	Action string
	// Actor is the id of the actor's API key, or "system".
	Actor string
	// Target is the id of what it was done to.
	Target string
	// From and To bound the time: From <= Time < To; zero does not bound.
	From, To time.Time
}

// Head is the end of the chain. Its MAC keeps rows from being cut off: who
// removes the last rows would have to sign a smaller count.
type Head struct {
	// Count is the Seq of the last row.
	Count int64
	// Last is the MAC of the last row.
	Last []byte
	// MAC is [Chain.Head] over Count and Last.
	MAC []byte
}

// Checkpoint stands for the rows that were pruned: the chain goes on from it.
type Checkpoint struct {
	// Seq and Last are those of the last pruned row.
	Seq  int64
	Last []byte
	// At is when it was pruned.
	At time.Time
	// MAC is [Chain.Checkpoint] over the above.
	MAC []byte
}
