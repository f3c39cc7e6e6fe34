package store

import (
	"context"
	"database/sql"
	"slices"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
)

const (
	keyFixed   = "id, organization, created, version"
	keyFacts   = "name, roles, environments, models, limits, tags, secrets, updated, expires, revoked"
	keyColumns = keyFixed + ", " + keyFacts
)

func keyFactValues(k access.Key) []any {
	return []any{
		k.Name, object(k.Roles), object(k.Environments), object(k.Models), object(k.Limits), object(k.Tags), object(k.Secrets),
		micros(k.Updated), micros(k.Expires), micros(k.Revoked),
	}
}

func keyValues(k access.Key) []any {
	return append([]any{k.ID, k.Organization, micros(k.Created), k.Version}, keyFactValues(k)...)
}

func scanKey(row scanner) (k access.Key, err error) {
	err = row.Scan(&k.ID, &k.Organization, timeColumn{&k.Created}, &k.Version,
		&k.Name, objectColumn{&k.Roles}, objectColumn{&k.Environments}, objectColumn{&k.Models}, objectColumn{&k.Limits}, objectColumn{&k.Tags}, objectColumn{&k.Secrets},
		timeColumn{&k.Updated}, timeColumn{&k.Expires}, timeColumn{&k.Revoked})
	return k, err
}

func checkKey(k access.Key) error {
	var t texts
	t.check("id", k.ID)
	t.check("organization", k.Organization)
	t.check("name", k.Name)
	t.check("environments", k.Environments...)
	t.check("models", k.Models...)
	t.checkMap("tags", k.Tags)
	for _, r := range k.Roles {
		t.check("roles", string(r))
	}
	return t.fault()
}

// CreateKey implements [access.Store]. The version is stored as it is given; an
// organization that is absent or deleted is a fault of kind NotFound, and "" is
// the operator's.
func (s *Store) CreateKey(ctx context.Context, k access.Key, events ...audit.Event) error {
	if err := checkKey(k); err != nil {
		return err
	}
	return s.change(ctx, "creating an API key", events, func(ctx context.Context, tx *sql.Tx) error {
		if k.Organization != "" {
			if err := mustLive(ctx, tx, organizationLives(), k.Organization); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, into("api_keys", keyColumns), keyValues(k)...)
		return err
	})
}

// UpdateKey implements [access.Store]. The id, the organization and the time of
// creation stay; a revoked key is a tombstone and cannot be updated. The last
// operator's key that never ends stays so: Invalid, "in_use".
func (s *Store) UpdateKey(ctx context.Context, k access.Key, events ...audit.Event) error {
	if err := checkKey(k); err != nil {
		return err
	}
	return s.change(ctx, "updating an API key", events, func(ctx context.Context, tx *sql.Tx) error {
		if err := mustLeaveOperator(ctx, tx, k); err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, updating("api_keys", keyFacts, "revoked"),
			append([]any{k.ID, k.Organization, k.Version}, keyFactValues(k)...)...)
		return changed(ctx, tx, done, err, keyLives(), k.ID, k.Organization)
	})
}

// mustLeaveOperator refuses to end the last operator's key that never ends. One
// change follows the other, so of the last two that end at once one stays.
func mustLeaveOperator(ctx context.Context, tx *sql.Tx, k access.Key) error {
	if k.Organization != "" || k.Revoked.IsZero() && k.Expires.IsZero() {
		return nil
	}
	rows, err := tx.QueryContext(ctx, `SELECT id FROM api_keys WHERE organization = '' AND revoked = 0 AND expires = 0`)
	left, err := collect(rows, err, scanText)
	if err != nil || !slices.Equal(left, []string{k.ID}) {
		return err
	}
	return fault.New(fault.Invalid, "the last operator key without an expiry can neither be revoked nor be given one: nobody could administer the server anymore").
		WithCode("in_use").WithRemedy("Create another operator key first.")
}
