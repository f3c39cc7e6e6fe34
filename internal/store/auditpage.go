package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/adit-hq/adit/internal/audit"
)

// A page is chosen in an index and only then read: walking the rows themselves
// until enough of them fit reads the whole audit for an action that is rare.

// Rows implements [audit.Store].
func (s *Store) Rows(ctx context.Context, q audit.Query) (all []audit.Row, err error) {
	err = s.read(ctx, "reading the audit", func(ctx context.Context, tx *sql.Tx) error {
		all = nil
		q, err := withoutIdleBounds(ctx, tx, q)
		if err != nil {
			return err
		}
		text, args, err := auditQuery(ctx, tx, q)
		if err != nil || text == "" {
			return err
		}
		rows, err := tx.QueryContext(ctx, text, args...)
		all, err = collect(rows, err, scanAuditRow)
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// auditQuery is "" when no row can fit.
func auditQuery(ctx context.Context, tx *sql.Tx, q audit.Query) (text string, args []any, err error) {
	w, order := auditWhere(q)
	text = `SELECT ` + auditColumns + ` FROM audit_rows`
	page := ""
	if q.Limit > 0 {
		page = fmt.Sprintf(" LIMIT %d", q.Limit)
	}
	narrow := q.Actor != "" || q.Target != ""
	switch {
	case page == "" || !narrow && q.Action == "" && q.From.IsZero() && q.To.IsZero():
		return text + byAction(w, q.Action).text() + ` ORDER BY ` + order + page, byAction(w, q.Action).args, nil
	case narrow:
		w = byAction(w, q.Action)
		args, page = w.args, `SELECT seq FROM audit_rows`+w.text()+` ORDER BY `+order+page
	case q.Action == "":
		// A number that is not quite seq keeps SQLite from the index in that order,
		// which it would walk from the end to a time long ago.
		args, page = w.args, `SELECT seq FROM audit_rows`+w.text()+` ORDER BY `+strings.Replace(order, "seq", "seq + 0", 1)+page
	default:
		actions, err := actionsLike(ctx, tx, q)
		if err != nil || len(actions) == 0 {
			return "", nil, err
		}
		var each []string
		args = w.args
		for _, a := range actions {
			one := where{w.conditions, args}.also("action = %s", a)
			args = one.args
			each = append(each, `SELECT seq FROM (SELECT seq FROM audit_rows`+one.text()+` ORDER BY `+order+page+`) a`)
		}
		page = `SELECT seq FROM (` + strings.Join(each, ` UNION ALL `) + `) u ORDER BY ` + order + page
	}
	return text + ` WHERE seq IN (` + page + `) ORDER BY ` + order, args, nil
}

// withoutIdleBounds leaves out a From or To beyond which there is nothing: "until
// now" need not be looked at row by row.
func withoutIdleBounds(ctx context.Context, tx *sql.Tx, q audit.Query) (audit.Query, error) {
	var of where
	if q.Organization != nil {
		of.add("organization = %s", clean(*q.Organization))
	}
	for _, bound := range []struct {
		at     *time.Time
		beyond string
	}{{&q.From, "at < %s"}, {&q.To, "at >= %s"}} {
		if bound.at.IsZero() {
			continue
		}
		w := of.also(bound.beyond, bound.at.UnixMicro())
		rows, err := tx.QueryContext(ctx, anyOf(w), w.args...)
		some, err := collect(rows, err, scanText)
		if err != nil {
			return q, err
		}
		if len(some) == 0 {
			*bound.at = time.Time{}
		}
	}
	return q, nil
}

// anyOf is the query for one of the rows that w chooses, whichever.
func anyOf(w where) string { return `SELECT action FROM audit_rows` + w.text() + ` LIMIT 1` }

// auditWhere is everything of a query but its action.
func auditWhere(q audit.Query) (w where, order string) {
	if q.Organization != nil {
		w.add("organization = %s", clean(*q.Organization))
	}
	order = "seq"
	switch {
	case q.Newest && q.After > 0:
		w.add("seq < %s", q.After)
	case !q.Newest:
		w.add("seq > %s", q.After)
	}
	if q.Newest {
		order = "seq DESC"
	}
	if q.Actor != "" {
		w.add("actor_key = %s", clean(q.Actor))
	}
	if q.Target != "" {
		w.add("target = %s", clean(q.Target))
	}
	if !q.From.IsZero() {
		w.add("at >= %s", q.From.UnixMicro())
	}
	if !q.To.IsZero() {
		w.add("at < %s", q.To.UnixMicro())
	}
	return w, order
}

// byAction is w for the actions with that beginning. LIKE would take upper case
// for lower on one engine only.
func byAction(w where, action string) where {
	if action == "" {
		return w
	}
	action = clean(action)
	return w.also("substr(action, 1, %s) = %s", utf8.RuneCountInString(action), action)
}

// actionsLike returns the actions that there are with the beginning. They are a
// few dozen words, found by going from one to the next in the index.
func actionsLike(ctx context.Context, tx *sql.Tx, q audit.Query) ([]string, error) {
	var first where
	if q.Organization != nil {
		first.add("organization = %s", clean(*q.Organization))
	}
	rows, err := tx.QueryContext(ctx, oneByOne(first), first.args...)
	actions, err := collect(rows, err, scanText)
	return slices.DeleteFunc(actions, func(a string) bool { return !strings.HasPrefix(a, clean(q.Action)) }), err
}

// oneByOne is the query for the actions of the rows that first chooses.
func oneByOne(first where) string {
	return `WITH RECURSIVE a (action) AS (
			SELECT MIN(action) FROM audit_rows` + first.text() + `
			UNION ALL
			SELECT (SELECT MIN(action) FROM audit_rows` + first.also("action > a.action").text() + `) FROM a WHERE a.action IS NOT NULL
		) SELECT action FROM a WHERE action IS NOT NULL`
}
