package usage

import "context"

// Store keeps the sums by hour.
type Store interface {
	// AddUsage adds the records to the sums, all or none.
	AddUsage(ctx context.Context, records []Record) error
	// Usage returns the sums that q chooses, in order of hour, organization, environment, model, key.
	Usage(ctx context.Context, q Query) ([]Record, error)
}
