package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/trust"
)

const (
	trustFixed   = "id, organization, created, version"
	trustFacts   = "name, url, subject, environments, models, limits, tags, updated, revoked"
	trustColumns = trustFixed + ", " + trustFacts
)

func trustFactValues(i trust.Issuer) []any {
	return []any{
		i.Name, i.URL, i.Subject, object(i.Environments), object(i.Models), object(i.Limits), object(i.Tags), micros(i.Updated), micros(i.Revoked),
	}
}

func trustValues(i trust.Issuer) []any {
	return append([]any{i.ID, i.Organization, micros(i.Created), i.Version}, trustFactValues(i)...)
}

func scanTrust(row scanner) (i trust.Issuer, err error) {
	err = row.Scan(&i.ID, &i.Organization, timeColumn{&i.Created}, &i.Version,
		&i.Name, &i.URL, &i.Subject, objectColumn{&i.Environments}, objectColumn{&i.Models}, objectColumn{&i.Limits}, objectColumn{&i.Tags},
		timeColumn{&i.Updated}, timeColumn{&i.Revoked})
	return i, err
}

func checkTrust(i trust.Issuer) error {
	var t texts
	t.check("id", i.ID)
	t.check("organization", i.Organization)
	t.check("name", i.Name)
	t.check("url", i.URL)
	t.check("subject", i.Subject)
	t.check("environments", i.Environments...)
	t.check("models", i.Models...)
	t.checkMap("tags", i.Tags)
	return t.fault()
}

// CreateTrust implements [trust.Store]. The version is stored as it is given;
// an organization that is absent or deleted is a fault of kind NotFound.
func (s *Store) CreateTrust(ctx context.Context, i trust.Issuer, events ...audit.Event) error {
	if err := checkTrust(i); err != nil {
		return err
	}
	return s.change(ctx, "creating a trusted issuer", events, func(ctx context.Context, tx *sql.Tx) error {
		if err := mustLive(ctx, tx, organizationLives(), i.Organization); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, into("trusted_issuers", trustColumns), trustValues(i)...)
		return err
	})
}

// UpdateTrust implements [trust.Store]. The id, the organization and the time of
// creation stay; a revoked one is a tombstone and cannot be updated.
func (s *Store) UpdateTrust(ctx context.Context, i trust.Issuer, events ...audit.Event) error {
	if err := checkTrust(i); err != nil {
		return err
	}
	return s.change(ctx, "updating a trusted issuer", events, func(ctx context.Context, tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, updating("trusted_issuers", trustFacts, "revoked"),
			append([]any{i.ID, i.Organization, i.Version}, trustFactValues(i)...)...)
		return changed(ctx, tx, done, err, trustLives(), i.ID, i.Organization)
	})
}

// SetTrustUsed implements [trust.Store].
func (s *Store) SetTrustUsed(ctx context.Context, byID map[string]time.Time) error {
	return s.write(ctx, "noting the use of trusted issuers", func(ctx context.Context, tx *sql.Tx) error {
		set, err := tx.PrepareContext(ctx, `INSERT INTO trust_activity (trusted_issuer, used)
			SELECT id, CAST($2 AS BIGINT) FROM trusted_issuers WHERE id = $1
			ON CONFLICT (trusted_issuer) DO UPDATE SET used = excluded.used WHERE excluded.used > trust_activity.used`)
		if err != nil {
			return err
		}
		defer set.Close()
		// In order, so that two replicas never wait for each other.
		for _, id := range slices.Sorted(maps.Keys(byID)) {
			if _, err := set.ExecContext(ctx, clean(id), micros(byID[id])); err != nil {
				return err
			}
		}
		return nil
	})
}

// TrustUsed implements [trust.Store]. Revoked ones are among them.
func (s *Store) TrustUsed(ctx context.Context, organization string) (map[string]time.Time, error) {
	byID := map[string]time.Time{}
	ctx, end := s.patient(ctx)
	defer end()
	rows, err := s.reads.QueryContext(ctx, `SELECT a.trusted_issuer, a.used FROM trust_activity a JOIN trusted_issuers i ON i.id = a.trusted_issuer
		WHERE i.organization = $1`, clean(organization))
	_, err = collect(rows, err, func(row scanner) (struct{}, error) {
		var id string
		var used time.Time
		err := row.Scan(&id, timeColumn{&used})
		byID[id] = used
		return struct{}{}, err
	})
	if err != nil {
		return nil, s.fault(ctx, "reading the last use of trusted issuers", err)
	}
	return byID, nil
}
