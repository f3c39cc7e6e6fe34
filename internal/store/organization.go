package store

import (
	"context"
	"database/sql"
	"slices"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/tenant"
)

const organizationColumns = "id, name, description, plain_users, created, updated, deleted, version"

func organizationValues(o tenant.Organization) []any {
	return []any{o.ID, o.Name, o.Description, bit(o.PlainUsers), micros(o.Created), micros(o.Updated), micros(o.Deleted), o.Version}
}

func scanOrganization(row scanner) (o tenant.Organization, err error) {
	err = row.Scan(&o.ID, &o.Name, &o.Description, bitColumn{&o.PlainUsers}, timeColumn{&o.Created}, timeColumn{&o.Updated}, timeColumn{&o.Deleted}, &o.Version)
	return o, err
}

func checkOrganization(o tenant.Organization) error {
	var t texts
	t.check("id", o.ID)
	t.check("name", o.Name)
	t.check("description", o.Description)
	return t.fault()
}

// CreateOrganization implements [tenant.Store]. The version is stored as it is given.
func (s *Store) CreateOrganization(ctx context.Context, o tenant.Organization, events ...audit.Event) error {
	if err := checkOrganization(o); err != nil {
		return err
	}
	return s.change(ctx, "creating an organization", events, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, into("organizations", organizationColumns), organizationValues(o)...)
		return err
	})
}

// UpdateOrganization implements [tenant.Store]. The id and the time of creation stay.
func (s *Store) UpdateOrganization(ctx context.Context, o tenant.Organization, events ...audit.Event) error {
	if err := checkOrganization(o); err != nil {
		return err
	}
	return s.change(ctx, "updating an organization", events, func(ctx context.Context, tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE organizations
			SET name = $1, description = $2, plain_users = $3, updated = $4, version = version + 1
			WHERE id = $5 AND version = $6 AND deleted = 0`,
			o.Name, o.Description, bit(o.PlainUsers), micros(o.Updated), o.ID, o.Version)
		return changed(ctx, tx, done, err, organizationLives(), o.ID)
	})
}

// DeleteOrganization implements [tenant.Store]. Its environments, keys and
// trusted issuers become tombstones with it, its budgets go, and people lose
// their roles in it: who is left without any is removed.
func (s *Store) DeleteOrganization(ctx context.Context, o tenant.Organization, d tenant.Deletion, events ...audit.Event) error {
	at := d.At
	return s.change(ctx, "deleting an organization", events, func(ctx context.Context, tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE organizations SET deleted = $1, updated = $1, version = version + 1
			WHERE id = $2 AND version = $3 AND deleted = 0`, micros(at), o.ID, o.Version)
		if err := changed(ctx, tx, done, err, organizationLives(), o.ID); err != nil {
			return err
		}
		if err := mustBeSeen(ctx, tx, o, d); err != nil {
			return err
		}
		for _, update := range []string{
			`UPDATE environments SET deleted = $1, updated = $1, version = version + 1 WHERE organization = $2 AND deleted = 0`,
			`UPDATE api_keys SET revoked = $1, updated = $1, version = version + 1 WHERE organization = $2 AND revoked = 0`,
			`UPDATE trusted_issuers SET revoked = $1, updated = $1, version = version + 1 WHERE organization = $2 AND revoked = 0`,
		} {
			if _, err := tx.ExecContext(ctx, update, micros(at), o.ID); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM budgets WHERE organization = $1`, o.ID); err != nil {
			return err
		}
		return takeRoles(ctx, tx, o.ID, at)
	})
}

// mustBeSeen refuses to delete an organization that has other environments than
// who deletes it saw, or that has API keys where it is not forced.
func mustBeSeen(ctx context.Context, tx *sql.Tx, o tenant.Organization, d tenant.Deletion) error {
	rows, err := tx.QueryContext(ctx, `SELECT id FROM environments WHERE organization = $1 AND deleted = 0`, o.ID)
	live, err := collect(rows, err, scanText)
	if err != nil {
		return err
	}
	slices.Sort(live)
	if !slices.Equal(live, slices.Sorted(slices.Values(d.Seen))) {
		return conflict("organization")
	}
	if d.Force {
		return nil
	}
	return mustHaveNone(ctx, tx, "organization", callers("1 = 1"), o.ID)
}

// callers counts the API keys and trusted issuers of the organization $1 that are such.
func callers(such string) string {
	const of = ` WHERE organization = $1 AND revoked = 0 AND `
	return `SELECT (SELECT COUNT(*) FROM api_keys` + of + such + `) + (SELECT COUNT(*) FROM trusted_issuers` + of + such + `)`
}

// mustHaveNone is a conflict of what is changed unless the query counts nothing.
func mustHaveNone(ctx context.Context, tx *sql.Tx, what, query string, args ...any) error {
	var n int64
	if err := tx.QueryRowContext(ctx, query, args...).Scan(&n); err != nil || n == 0 {
		return err
	}
	return conflict(what)
}
