package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/adit-hq/adit/internal/audit"
)

const checkpointQuery = `SELECT seq, last, at, mac FROM audit_checkpoint`

func scanCheckpoint(row scanner) (p audit.Checkpoint, err error) {
	err = row.Scan(&p.Seq, &p.Last, timeColumn{&p.At}, &p.MAC)
	return p, err
}

// Checkpoint implements [audit.Store].
func (s *Store) Checkpoint(ctx context.Context) (audit.Checkpoint, error) {
	ctx, end := s.patient(ctx)
	defer end()
	p, err := scanCheckpoint(s.reads.QueryRowContext(ctx, checkpointQuery))
	if err != nil {
		return audit.Checkpoint{}, s.fault(ctx, "reading the audit's checkpoint", err)
	}
	return p, nil
}

// pruneRows is how many rows one transaction of a pruning removes, so that others
// write between two of them: it takes SQLite a quarter of a second.
const pruneRows = 2000

// PruneBefore implements [audit.Store]. It removes one piece after another, each
// with a checkpoint of its own: what is removed stays so when a later piece fails.
func (s *Store) PruneBefore(ctx context.Context, before time.Time) (audit.Checkpoint, error) {
	chain, err := s.usedChain()
	if err != nil {
		return audit.Checkpoint{}, err
	}
	end, err := s.firstKept(ctx, before)
	if err != nil {
		return audit.Checkpoint{}, err
	}
	var p audit.Checkpoint
	for {
		var next audit.Checkpoint
		var more bool
		err := s.write(ctx, "pruning the audit", func(ctx context.Context, tx *sql.Tx) (err error) {
			next, more, err = s.prunePiece(ctx, tx, chain, end)
			return err
		})
		if err != nil {
			return p, err
		}
		if p = next; !more {
			return p, nil
		}
	}
}

// firstKept returns the Seq at which the beginning that goes ends: that of the
// first row that is not older, for clocks of replicas differ, and a younger row
// may stand before an older one. Without such a row it is the next one that
// will be written. Rows that are written meanwhile are behind it.
func (s *Store) firstKept(ctx context.Context, before time.Time) (seq int64, err error) {
	ctx, end := s.patient(ctx)
	defer end()
	err = s.reads.QueryRowContext(ctx, `SELECT COALESCE((SELECT MIN(seq) FROM audit_rows WHERE at >= $1), count + 1) FROM audit_head`,
		before.UnixMicro()).Scan(&seq)
	if errors.Is(err, sql.ErrNoRows) {
		err = noHead()
	}
	return seq, s.fault(ctx, "looking for the audit's old rows", err)
}

// prunePiece removes the oldest rows that are before end, and reports whether
// there were any. Only the checkpoint is locked, for those who prune too: the
// head is left to those who write.
func (s *Store) prunePiece(ctx context.Context, tx *sql.Tx, chain *audit.Chain, end int64) (audit.Checkpoint, bool, error) {
	p, err := scanCheckpoint(tx.QueryRowContext(ctx, `UPDATE audit_checkpoint SET seq = seq RETURNING seq, last, at, mac`))
	if err != nil {
		return p, false, err
	}
	former := p.Seq // what begins there does not walk over what was just removed
	rows, err := tx.QueryContext(ctx, `SELECT `+auditColumns+` FROM audit_rows
		WHERE seq > $3 AND seq < $1 AND seq < (SELECT MIN(seq) FROM audit_rows WHERE seq > $3) + $2 ORDER BY seq DESC LIMIT 1`, end, pruneRows, former)
	last, err := collect(rows, err, scanAuditRow)
	if err != nil || len(last) == 0 {
		return p, false, err
	}
	p = chain.Prune(last[0], s.now())
	if _, err := tx.ExecContext(ctx, `DELETE FROM audit_rows WHERE seq > $2 AND seq <= $1`, p.Seq, former); err != nil {
		return p, false, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE audit_checkpoint SET seq = $1, last = $2, at = $3, mac = $4`, p.Seq, blob(p.Last), micros(p.At), blob(p.MAC))
	return p, err == nil, err
}
