package usage

import (
	"context"
	"time"
)

// Store keeps the sums by hour.
type Store interface {
	// AddUsage adds the records to the sums, all or none.
	AddUsage(ctx context.Context, records []Record) error
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
	// PruneUsage removes what is older: hours before hours, days before days. It tells how many sums went.
	PruneUsage(ctx context.Context, hours, days time.Time) (int64, error)
}
