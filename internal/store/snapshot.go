package store

import (
	"context"
	"database/sql"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/budget"
	"github.com/adit-hq/adit/internal/signing"
	"github.com/adit-hq/adit/internal/tenant"
	"github.com/adit-hq/adit/internal/trust"
)

// Snapshot is everything that servers keep in memory, as it was at one moment:
// what lives, without tombstones. Nobody changes what it holds.
type Snapshot struct {
	// Revision is the number of the last change in it.
	Revision int64
	// Organizations, Environments, Keys, Trusted and Budgets are in the order of their ids.
	Organizations []tenant.Organization
	Environments  []tenant.Environment
	// Keys are those that are not revoked; expired ones are among them.
	Keys []access.Key
	// Trusted are those that are not revoked.
	Trusted []trust.Issuer
	Budgets []budget.Budget
	// Issuers are the signing keys by the id of their issuer.
	Issuers  map[string]SigningKeys
	Settings map[string]string
}

// SigningKeys are an issuer's keys that are not gone, oldest first, and their version.
type SigningKeys struct {
	Keys    []signing.Key
	Version int64
}

// Revision returns the number of the last change. It is cheap: ask often.
func (s *Store) Revision(ctx context.Context) (int64, error) {
	var n int64
	ctx, end := s.patient(ctx)
	defer end()
	err := s.reads.QueryRowContext(ctx, `SELECT number FROM revision`).Scan(&n)
	return n, s.fault(ctx, "reading the revision", err)
}

// Snapshot reads everything that lives in one transaction.
func (s *Store) Snapshot(ctx context.Context) (Snapshot, error) {
	var n Snapshot
	err := s.read(ctx, "reading the configuration", func(ctx context.Context, tx *sql.Tx) (err error) {
		n, err = snapshot(ctx, tx)
		return err
	})
	if err != nil {
		return Snapshot{}, err
	}
	return n, nil
}

func snapshot(ctx context.Context, tx *sql.Tx) (n Snapshot, err error) {
	if err := tx.QueryRowContext(ctx, `SELECT number FROM revision`).Scan(&n.Revision); err != nil {
		return n, err
	}
	rows, err := tx.QueryContext(ctx, `SELECT `+organizationColumns+` FROM organizations WHERE deleted = 0 ORDER BY id`)
	if n.Organizations, err = collect(rows, err, scanOrganization); err != nil {
		return n, err
	}
	rows, err = tx.QueryContext(ctx, `SELECT `+environmentColumns+` FROM environments WHERE deleted = 0 ORDER BY id`)
	if n.Environments, err = collect(rows, err, scanEnvironment); err != nil {
		return n, err
	}
	rows, err = tx.QueryContext(ctx, `SELECT `+keyColumns+` FROM api_keys WHERE revoked = 0 ORDER BY id`)
	if n.Keys, err = collect(rows, err, scanKey); err != nil {
		return n, err
	}
	rows, err = tx.QueryContext(ctx, `SELECT `+trustColumns+` FROM trusted_issuers WHERE revoked = 0 ORDER BY id`)
	if n.Trusted, err = collect(rows, err, scanTrust); err != nil {
		return n, err
	}
	rows, err = tx.QueryContext(ctx, `SELECT `+budgetColumns+` FROM budgets ORDER BY id`)
	if n.Budgets, err = collect(rows, err, scanBudget); err != nil {
		return n, err
	}
	if n.Issuers, err = issuers(ctx, tx); err != nil {
		return n, err
	}
	n.Settings, err = settings(ctx, tx)
	return n, err
}

func issuers(ctx context.Context, tx *sql.Tx) (map[string]SigningKeys, error) {
	byIssuer := map[string]SigningKeys{}
	rows, err := tx.QueryContext(ctx, `SELECT id, version FROM issuers`)
	_, err = collect(rows, err, func(row scanner) (struct{}, error) {
		var id string
		var version int64
		err := row.Scan(&id, &version)
		byIssuer[id] = SigningKeys{Version: version}
		return struct{}{}, err
	})
	if err != nil {
		return nil, err
	}
	rows, err = tx.QueryContext(ctx, `SELECT `+signingKeyColumns+` FROM signing_keys WHERE state <> 'gone' ORDER BY created, id`)
	keys, err := collect(rows, err, scanSigningKey)
	for _, k := range keys {
		i := byIssuer[k.Issuer]
		i.Keys = append(i.Keys, k)
		byIssuer[k.Issuer] = i
	}
	return byIssuer, err
}

func settings(ctx context.Context, tx *sql.Tx) (map[string]string, error) {
	byName := map[string]string{}
	rows, err := tx.QueryContext(ctx, `SELECT name, value FROM settings`)
	_, err = collect(rows, err, func(row scanner) (struct{}, error) {
		var name, value string
		err := row.Scan(&name, &value)
		byName[name] = value
		return struct{}{}, err
	})
	return byName, err
}
