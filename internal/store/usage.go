package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/adit-hq/adit/internal/usage"
)

const usageColumns = "hour, organization, environment, model, api_key, requests, texts, tokens, estimated, errors, throttles"

func usageValues(r usage.Record) []any {
	return []any{
		micros(r.Hour), r.Organization, r.Environment, r.Model, r.Key,
		r.Requests, r.Texts, r.Tokens, r.Estimated, r.Errors, r.Throttles,
	}
}

func scanUsage(row scanner) (r usage.Record, err error) {
	err = row.Scan(timeColumn{&r.Hour}, &r.Organization, &r.Environment, &r.Model, &r.Key,
		&r.Requests, &r.Texts, &r.Tokens, &r.Estimated, &r.Errors, &r.Throttles)
	return r, err
}

// AddUsage implements [usage.Store].
func (s *Store) AddUsage(ctx context.Context, records []usage.Record) error {
	sums := sumUp(records)
	values := make([][]any, len(sums))
	for i, r := range sums {
		values[i] = usageValues(r)
	}
	return s.write(ctx, "adding usage", func(tx *sql.Tx) error {
		return insertThen(ctx, tx, "usage_hours", usageColumns, values, ` ON CONFLICT (hour, organization, environment, model, api_key) DO UPDATE SET
			requests  = usage_hours.requests + excluded.requests,
			texts     = usage_hours.texts + excluded.texts,
			tokens    = usage_hours.tokens + excluded.tokens,
			estimated = usage_hours.estimated + excluded.estimated,
			errors    = usage_hours.errors + excluded.errors,
			throttles = usage_hours.throttles + excluded.throttles`)
	})
}

// sumUp leaves one record a row, in their order: PostgreSQL refuses a statement
// that touches a row twice, and two replicas in one order never wait for each other.
func sumUp(records []usage.Record) []usage.Record {
	type row struct {
		hour                                  int64
		organization, environment, model, key string
	}
	at := map[row]int{}
	var sums []usage.Record
	for _, r := range records {
		r.Hour = r.Hour.UTC().Truncate(time.Hour)
		r.Organization, r.Environment, r.Model, r.Key = clean(r.Organization), clean(r.Environment), clean(r.Model), clean(r.Key)
		k := row{micros(r.Hour), r.Organization, r.Environment, r.Model, r.Key}
		i, known := at[k]
		if !known {
			at[k] = len(sums)
			sums = append(sums, r)
			continue
		}
		c := &sums[i].Counts
		c.Requests += r.Requests
		c.Texts += r.Texts
		c.Tokens += r.Tokens
		c.Estimated += r.Estimated
		c.Errors += r.Errors
		c.Throttles += r.Throttles
	}
	slices.SortFunc(sums, inOrder)
	return sums
}

func inOrder(a, b usage.Record) int {
	return cmp.Or(a.Hour.Compare(b.Hour), cmp.Compare(a.Organization, b.Organization), cmp.Compare(a.Environment, b.Environment),
		cmp.Compare(a.Model, b.Model), cmp.Compare(a.Key, b.Key))
}

// Usage implements [usage.Store].
func (s *Store) Usage(ctx context.Context, q usage.Query) ([]usage.Record, error) {
	text, args := usageQuery(q)
	rows, err := s.reads.QueryContext(ctx, text, args...)
	records, err := collect(rows, err, scanUsage)
	if err != nil {
		return nil, s.fault(ctx, "reading usage", err)
	}
	slices.SortFunc(records, inOrder) // PostgreSQL's order of texts depends on its locale
	return records, nil
}

func usageQuery(q usage.Query) (text string, args []any) {
	var w where
	w.add("hour >= %s", micros(q.From))
	if !q.To.IsZero() {
		w.add("hour < %s", micros(q.To))
	}
	for _, c := range []struct{ condition, value string }{
		{"organization = %s", q.Organization}, {"environment = %s", q.Environment}, {"model = %s", q.Model}, {"api_key = %s", q.Key},
	} {
		if c.value != "" {
			w.add(c.condition, clean(c.value))
		}
	}
	return `SELECT ` + usageColumns + ` FROM usage_hours` + w.text(), w.args
}
