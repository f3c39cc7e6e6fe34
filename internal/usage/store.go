package usage

import (
	"context"
	"time"
)

// Batch is what a writer adds at once.
type Batch struct {
	Writer  string // of all that write to the store, this one
	Number  int64  // grows from batch to batch of the writer
	Records []Record
}

// Store keeps the sums by hour.
type Store interface {
	// AddBatch adds the records to the sums, all or none, unless that batch of the
	// writer or a later one was added before: whoever cannot know whether an
	// attempt came through makes the same one again.
	AddBatch(ctx context.Context, b Batch) error
	// Usage returns the sums that q chooses, in order of hour, organization, environment, model, key, tags.
	Usage(ctx context.Context, q Query) ([]Record, error)
}

// Reports sums up where the sums are kept, so that a report of a year reads
// days and not hours.
type Reports interface {
	// Sums returns what [Rollup] would make of the records that q chooses. Grouped
	// by hour, or with a From or To that is no midnight, it reads hours;
	// otherwise days. More than most groups are a fault of kind Invalid, "too_many_groups".
	Sums(ctx context.Context, q Query, by By, most int) ([]Record, error)
	// LastAnswered returns the newest hour in which AWS answered a call, by a clock that
	// is not this process's where there is one; zero when there was none.
	LastAnswered(ctx context.Context) (time.Time, error)
	// PruneUsage removes what is older: hours before hours, days before days. It tells how many sums went.
	PruneUsage(ctx context.Context, hours, days time.Time) (int64, error)
}
