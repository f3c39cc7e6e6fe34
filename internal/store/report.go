package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/usage"
)

// Sums implements [usage.Reports]. Where hours are needed for the beginning or
// the end only, the days between are read as days. A most of 0 is no limit.
func (s *Store) Sums(ctx context.Context, q usage.Query, by usage.By, most int) ([]usage.Record, error) {
	var all []usage.Record
	err := s.read(ctx, "summing up usage", func(ctx context.Context, tx *sql.Tx) error {
		all = nil
		for _, p := range parts(q, by) {
			text, args := sumQuery(p, by)
			rows, err := tx.QueryContext(ctx, text, args...)
			if all, err = gather(all, rows, err, by, most); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	all = usage.Rollup(all, by)
	if most > 0 && len(all) > most {
		return nil, tooManyGroups(most)
	}
	return all, nil
}

// gather appends the rows to all. What has grown long is rolled up on the way,
// so that memory holds little more than the answer.
func gather(all []usage.Record, rows *sql.Rows, err error, by usage.By, most int) ([]usage.Record, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	room := len(all) + 2*most + 1000
	for rows.Next() {
		r, err := scanUsage(rows)
		if err != nil {
			return nil, err
		}
		if all = append(all, r); most > 0 && len(all) > room {
			if all = usage.Rollup(all, by); len(all) > most {
				return nil, tooManyGroups(most)
			}
		}
	}
	return all, rows.Err()
}

func tooManyGroups(most int) error {
	return fault.New(fault.Invalid, "the report has more than %d sums", most).WithCode("too_many_groups").WithParam("by").
		WithRemedy("Ask for a shorter time, for days in place of hours, or group by less.")
}

// part is a piece of a report's time and the table that holds it.
type part struct {
	sums
	q usage.Query
}

// parts splits a query so that whole days are read as days.
func parts(q usage.Query, by usage.By) []part {
	first, last := q.From.UTC().Truncate(day), q.To.UTC().Truncate(day)
	if first.Before(q.From) {
		first = first.Add(day)
	}
	if by.Hour || !q.To.IsZero() && !first.Before(last) {
		return []part{{hours(), q}}
	}
	between := func(t sums, from, to time.Time) part {
		p := part{t, q}
		p.q.From, p.q.To = from, to
		return p
	}
	var all []part
	if q.From.Before(first) {
		all = append(all, between(hours(), q.From, first))
	}
	all = append(all, between(days(), first, last)) // without a To last is zero too
	if last.Before(q.To) {
		all = append(all, between(hours(), last, q.To))
	}
	return all
}

// sumQuery sums the rows of a part up by what is asked for. A tag is one of
// many in a text: the query tells texts apart, and [usage.Rollup] the tag.
func sumQuery(p part, by usage.By) (text string, args []any) {
	var columns, groups []string
	add := func(wanted bool, column, otherwise string) {
		if !wanted {
			columns = append(columns, otherwise)
			return
		}
		columns, groups = append(columns, column), append(groups, column)
	}
	add(by.Hour || by.Day, p.column, "0")
	for _, c := range []struct {
		wanted bool
		column string
	}{{by.Organization, "organization"}, {by.Environment, "environment"}, {by.Model, "model"}, {by.Key, "api_key"}, {by.Tag != "", "tags"}} {
		add(c.wanted, c.column, "''")
	}
	for c := range strings.SplitSeq(usageCounts, ", ") {
		columns = append(columns, "CAST(SUM("+c+") AS BIGINT) AS "+c) // PostgreSQL's sums are of a wider type
	}
	w := usageWhere(p.q, p.sums)
	text = `SELECT ` + strings.Join(columns, ", ") + ` FROM ` + p.table + w.text()
	if len(groups) > 0 {
		text += ` GROUP BY ` + strings.Join(groups, ", ")
	}
	text += ` HAVING COUNT(*) > 0` // no rows are no sum, rather than one of nothing
	if by.Tag != "" {
		names := strings.Join(columns[:5], ", ")
		text = `SELECT ` + names + `, COALESCE(t.tags, ''), ` + of("s", usageCounts) + ` FROM (` + text + `) s LEFT JOIN usage_tags t ON t.id = s.tags`
	}
	return text, w.args
}
