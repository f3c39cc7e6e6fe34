package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/usage"
)

const (
	usageNames   = "organization, environment, model, api_key, tags"
	usageCounts  = "requests, texts, tokens, estimated, errors, throttles, over_budget, cost, estimated_cost, unpriced"
	usageColumns = usageNames + ", " + usageCounts

	day = 24 * time.Hour
)

// sums is a table of usage: by hours, or by days of UTC.
type sums struct {
	table, column string
	step          time.Duration
}

func hours() sums { return sums{"usage_hours", "hour", time.Hour} }
func days() sums  { return sums{"usage_days", "day", day} }

func usageValues(r usage.Record) []any {
	c := r.Counts
	return []any{
		micros(r.Hour), r.Organization, r.Environment, r.Model, r.Key, r.Tags,
		c.Requests, c.Texts, c.Tokens, c.Estimated, c.Errors, c.Throttles, c.OverBudget, c.Cost, c.EstimatedCost, c.Unpriced,
	}
}

func scanUsage(row scanner) (r usage.Record, err error) {
	c := &r.Counts
	err = row.Scan(timeColumn{&r.Hour}, &r.Organization, &r.Environment, &r.Model, &r.Key, &r.Tags,
		&c.Requests, &c.Texts, &c.Tokens, &c.Estimated, &c.Errors, &c.Throttles, &c.OverBudget, &c.Cost, &c.EstimatedCost, &c.Unpriced)
	return r, err
}

// AddBatch implements [usage.Store].
func (s *Store) AddBatch(ctx context.Context, b usage.Batch) error {
	err := s.addUsage(ctx, b.Records, func(ctx context.Context, tx *sql.Tx) error {
		// Another attempt that is not over yet is waited for.
		n, err := removed(tx.ExecContext(ctx, `INSERT INTO usage_writers (id, batch, at) VALUES ($1, $2, $3)
			ON CONFLICT (id) DO UPDATE SET batch = excluded.batch, at = excluded.at WHERE usage_writers.batch < excluded.batch`,
			b.Writer, b.Number, micros(s.now())))
		if err == nil && n == 0 {
			return errUnwritten // it was added before
		}
		return err
	})
	if errors.Is(err, errUnwritten) {
		return nil
	}
	return err
}

// AddUsage adds the records to the sums, all or none, each time it is called.
func (s *Store) AddUsage(ctx context.Context, records []usage.Record) error {
	return s.addUsage(ctx, records, func(context.Context, *sql.Tx) error { return nil })
}

// addUsage adds the records where first finds nothing against it. The sums of
// hours and of days never part.
func (s *Store) addUsage(ctx context.Context, records []usage.Record, first func(ctx context.Context, tx *sql.Tx) error) error {
	named, tags := nameTags(records)
	return s.write(ctx, "adding usage", func(ctx context.Context, tx *sql.Tx) error {
		if err := first(ctx, tx); err != nil {
			return err
		}
		if err := insertThen(ctx, tx, "usage_tags", "id, tags", tags, ` ON CONFLICT (id) DO NOTHING`); err != nil {
			return err
		}
		for _, t := range []sums{hours(), days()} {
			if err := t.add(ctx, tx, named); err != nil {
				return err
			}
		}
		return nil
	})
}

// nameTags puts ids in place of the texts of tags, and returns the rows of
// usage_tags in their order.
func nameTags(records []usage.Record) (named []usage.Record, tags [][]any) {
	ids := map[string]string{"": ""}
	texts := map[string]string{}
	named = slices.Clone(records)
	for i := range named {
		text := named[i].Tags
		id, known := ids[text]
		if !known {
			sum := sha256.Sum256([]byte(clean(text)))
			id = base64.RawURLEncoding.EncodeToString(sum[:16])
			ids[text], texts[id] = id, clean(text)
		}
		named[i].Tags = id
	}
	for _, id := range slices.Sorted(maps.Keys(texts)) {
		tags = append(tags, []any{id, texts[id]})
	}
	return named, tags
}

func (t sums) add(ctx context.Context, tx *sql.Tx, records []usage.Record) error {
	records = sumUp(records, t.step)
	values := make([][]any, len(records))
	for i, r := range records {
		values[i] = usageValues(r)
	}
	var set []string
	for c := range strings.SplitSeq(usageCounts, ", ") {
		set = append(set, c+" = "+t.table+"."+c+" + excluded."+c)
	}
	return insertThen(ctx, tx, t.table, t.column+", "+usageColumns, values,
		` ON CONFLICT (organization, `+t.column+`, environment, model, api_key, tags) DO UPDATE SET `+strings.Join(set, ", "))
}

// sumUp leaves one record a row, in their order: PostgreSQL refuses a statement
// that touches a row twice, and two replicas in one order never wait for each other.
func sumUp(records []usage.Record, step time.Duration) []usage.Record {
	at := map[usage.Record]int{}
	var sums []usage.Record
	for _, r := range records {
		r.Hour = r.Hour.UTC().Truncate(step)
		r.Organization, r.Environment, r.Model, r.Key = clean(r.Organization), clean(r.Environment), clean(r.Model), clean(r.Key)
		name := r
		name.Counts = usage.Counts{}
		i, known := at[name]
		if !known {
			at[name] = len(sums)
			sums = append(sums, r)
			continue
		}
		sums[i].Counts = usage.Total([]usage.Record{sums[i], r})
	}
	slices.SortFunc(sums, inOrder)
	return sums
}

func inOrder(a, b usage.Record) int {
	return cmp.Or(a.Hour.Compare(b.Hour), cmp.Compare(a.Organization, b.Organization), cmp.Compare(a.Environment, b.Environment),
		cmp.Compare(a.Model, b.Model), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Tags, b.Tags))
}

// Usage implements [usage.Store].
func (s *Store) Usage(ctx context.Context, q usage.Query) ([]usage.Record, error) {
	text, args := usageQuery(q)
	ctx, end := s.patient(ctx)
	defer end()
	rows, err := s.reads.QueryContext(ctx, text, args...)
	records, err := collect(rows, err, scanUsage)
	if err != nil {
		return nil, s.fault(ctx, "reading usage", err)
	}
	slices.SortFunc(records, inOrder) // PostgreSQL's order of texts depends on its locale
	return records, nil
}

func usageQuery(q usage.Query) (text string, args []any) {
	w := usageWhere(q, hours())
	return `SELECT u.hour, u.organization, u.environment, u.model, u.api_key, COALESCE(t.tags, ''), ` + of("u", usageCounts) + `
		FROM usage_hours u LEFT JOIN usage_tags t ON t.id = u.tags` + w.text(), w.args
}

// usageWhere chooses the rows of q in a table.
func usageWhere(q usage.Query, t sums) where {
	var w where
	w.add(t.column+" >= %s", micros(q.From))
	if !q.To.IsZero() {
		w.add(t.column+" < %s", micros(q.To))
	}
	for _, c := range []struct{ condition, value string }{
		{"organization = %s", q.Organization}, {"environment = %s", q.Environment}, {"model = %s", q.Model}, {"api_key = %s", q.Key},
	} {
		if c.value != "" {
			w.add(c.condition, clean(c.value))
		}
	}
	return w
}
