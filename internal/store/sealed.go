package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/seal"
)

// signingKeyPurpose is what the private halves of signing keys are sealed for.
const signingKeyPurpose = "signing-key"

const sealedRecordColumns = "id, purpose, state, sealed"

func scanSealedRecord(row scanner) (r seal.Record, err error) {
	err = row.Scan(&r.ID, &r.Purpose, &r.State, &r.Sealed)
	return r, err
}

// SealedRecords implements [seal.Store].
func (s *Store) SealedRecords(ctx context.Context) ([]seal.Record, error) {
	ctx, end := s.patient(ctx)
	defer end()
	rows, err := s.reads.QueryContext(ctx, `SELECT `+sealedRecordColumns+` FROM sealed_records ORDER BY id`)
	records, err := collect(rows, err, scanSealedRecord)
	if err != nil {
		return nil, s.fault(ctx, "reading the sealed records", err)
	}
	return records, nil
}

// AddSealedRecord implements [seal.Store].
func (s *Store) AddSealedRecord(ctx context.Context, r seal.Record) (seal.Record, error) {
	var kept seal.Record
	err := s.write(ctx, "adding a sealed record", func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO sealed_records (`+sealedRecordColumns+`) VALUES ($1, $2, $3, $4)
			ON CONFLICT (purpose) DO NOTHING`, r.ID, r.Purpose, r.State, r.Sealed); err != nil {
			return err
		}
		var err error
		kept, err = scanSealedRecord(tx.QueryRowContext(ctx, `SELECT `+sealedRecordColumns+` FROM sealed_records WHERE purpose = $1`, r.Purpose))
		return err
	})
	return kept, err
}

// Rewrap gives every sealed thing to wrap and writes what comes back, all in one
// transaction or, when wrap fails, nothing: the sealed records, and the private
// halves of signing keys with the purpose "signing-key" and the key's state.
// Only Sealed may be another. The versions of all issuers rise, so that a
// replica which still has the keys under the old seal cannot write them back.
func (s *Store) Rewrap(ctx context.Context, wrap func(seal.Record) (seal.Record, error), events ...audit.Event) error {
	ctx, end := unhurried(ctx)
	defer end()
	return s.change(ctx, "sealing everything anew", events, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE issuers SET version = version + 1`); err != nil {
			return err
		}
		if err := rewrap(ctx, tx, wrap,
			`SELECT `+sealedRecordColumns+` FROM sealed_records ORDER BY id`,
			`UPDATE sealed_records SET sealed = $1 WHERE id = $2`); err != nil {
			return err
		}
		return rewrap(ctx, tx, wrap,
			`SELECT id, '`+signingKeyPurpose+`', state, sealed FROM signing_keys WHERE sealed IS NOT NULL ORDER BY id`,
			`UPDATE signing_keys SET sealed = $1 WHERE id = $2`)
	})
}

func rewrap(ctx context.Context, tx *sql.Tx, wrap func(seal.Record) (seal.Record, error), query, update string) error {
	rows, err := tx.QueryContext(ctx, query)
	records, err := collect(rows, err, scanSealedRecord)
	if err != nil {
		return err
	}
	for _, r := range records {
		w, err := wrap(r)
		if err != nil {
			return sealFault(err, r)
		}
		if _, err := tx.ExecContext(ctx, update, w.Sealed, r.ID); err != nil {
			return err
		}
	}
	return nil
}

func sealFault(err error, r seal.Record) error {
	var known *fault.Error
	if errors.As(err, &known) {
		return err
	}
	return fault.Wrap(err, fault.Internal, "the sealed record %s (%s) cannot be sealed anew", r.ID, r.Purpose)
}
