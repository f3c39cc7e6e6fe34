package store

import (
	"context"
	"database/sql"
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

// PruneBefore implements [audit.Store].
func (s *Store) PruneBefore(ctx context.Context, before time.Time) (audit.Checkpoint, error) {
	var p audit.Checkpoint
	err := s.write(ctx, "pruning the audit", func(ctx context.Context, tx *sql.Tx) error {
		chain, err := s.usedChain()
		if err != nil {
			return err
		}
		head, err := lockHead(ctx, tx)
		if err != nil {
			return err
		}
		if p, err = scanCheckpoint(tx.QueryRowContext(ctx, checkpointQuery)); err != nil {
			return err
		}
		// The beginning ends before the first row that is not older: clocks of
		// replicas differ, so a younger row may stand before an older one.
		rows, err := tx.QueryContext(ctx, `SELECT `+auditColumns+` FROM audit_rows
			WHERE seq < COALESCE((SELECT MIN(seq) FROM audit_rows WHERE at >= $1), $2) ORDER BY seq DESC LIMIT 1`, before.UnixMicro(), head.Count+1)
		last, err := collect(rows, err, scanAuditRow)
		if err != nil || len(last) == 0 {
			return err
		}
		p = chain.Prune(last[0], s.now())
		if _, err := tx.ExecContext(ctx, `DELETE FROM audit_rows WHERE seq <= $1`, p.Seq); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE audit_checkpoint SET seq = $1, last = $2, at = $3, mac = $4`, p.Seq, blob(p.Last), micros(p.At), blob(p.MAC))
		return err
	})
	if err != nil {
		return audit.Checkpoint{}, err
	}
	return p, nil
}
