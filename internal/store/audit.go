package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
)

const auditColumns = "seq, at, organization, actor_organization, actor_key, actor_name, actor_address, action, target, outcome, details, mac"

func auditValues(r audit.Row) []any {
	return []any{
		r.Seq, r.Time.UnixMicro(), r.Organization, r.Actor.Organization, r.Actor.Key, r.Actor.Name, r.Actor.Address,
		r.Action, r.Target, r.Outcome, object(r.Details), r.MAC,
	}
}

func scanAuditRow(row scanner) (r audit.Row, err error) {
	var at int64
	err = row.Scan(&r.Seq, &at, &r.Organization, &r.Actor.Organization, &r.Actor.Key, &r.Actor.Name, &r.Actor.Address,
		&r.Action, &r.Target, &r.Outcome, objectColumn{&r.Details}, &r.MAC)
	r.Time = time.UnixMicro(at).UTC() // 0 is a time here: what was chained is what is read
	return r, err
}

// AppendEvents implements [audit.Store].
func (s *Store) AppendEvents(ctx context.Context, events []audit.Event) error {
	return s.write(ctx, "appending to the audit", func(ctx context.Context, tx *sql.Tx) error { return s.appendEvents(ctx, tx, events) })
}

// appendEvents chains the events behind the head, whose row it locks by writing it.
func (s *Store) appendEvents(ctx context.Context, tx *sql.Tx, events []audit.Event) error {
	if len(events) == 0 {
		return nil
	}
	chain, err := s.usedChain()
	if err != nil {
		return err
	}
	head, err := lockHead(ctx, tx)
	if err != nil {
		return err
	}
	rows, head := chain.Append(head, events)
	values := make([][]any, len(rows))
	for i, r := range rows {
		values[i] = auditValues(r)
	}
	if err := insert(ctx, tx, "audit_rows", auditColumns, values); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE audit_head SET count = $1, last = $2, mac = $3`, head.Count, blob(head.Last), blob(head.MAC))
	return err
}

func (s *Store) usedChain() (*audit.Chain, error) {
	if c := s.chain.Load(); c != nil {
		return c, nil
	}
	return nil, fault.New(fault.Internal, "nothing can be changed before the audit has its key").WithCode("audit_unkeyed")
}

// lockHead locks the head's row until the transaction ends, and reads it. An
// update does both on both engines.
func lockHead(ctx context.Context, tx *sql.Tx) (h audit.Head, err error) {
	err = tx.QueryRowContext(ctx, `UPDATE audit_head SET count = count RETURNING count, last, mac`).Scan(&h.Count, &h.Last, &h.MAC)
	if errors.Is(err, sql.ErrNoRows) {
		return h, noHead()
	}
	return h, err
}

func noHead() error {
	return fault.New(fault.Unavailable, "the head of the audit is missing from the database").WithCode("audit_broken").
		WithRemedy("Restore a backup with `adit db restore`.")
}

// Head implements [audit.Store].
func (s *Store) Head(ctx context.Context) (h audit.Head, err error) {
	ctx, end := s.patient(ctx)
	defer end()
	err = s.reads.QueryRowContext(ctx, `SELECT count, last, mac FROM audit_head`).Scan(&h.Count, &h.Last, &h.MAC)
	if errors.Is(err, sql.ErrNoRows) {
		return audit.Head{}, nil
	}
	return h, s.fault(ctx, "reading the audit's head", err)
}
