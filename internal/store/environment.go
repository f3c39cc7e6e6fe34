package store

import (
	"context"
	"database/sql"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/tenant"
)

const (
	// environmentFixed never change, environmentFacts do.
	environmentFixed = "id, organization, created, deleted, version"
	environmentFacts = "name, description, provider, region, role_arn, audiences, session, models, limits, " +
		"session_name, session_tags, tags, state, why, probed, accepted, updated"
	environmentColumns = environmentFixed + ", " + environmentFacts
)

func environmentFactValues(e tenant.Environment) []any {
	return []any{
		e.Name, e.Description, e.Provider, e.Region, e.RoleARN, object(e.Audiences), e.Session.Microseconds(), object(e.Models), object(e.Limits),
		string(e.SessionName), bit(e.SessionTags), object(e.Tags), string(e.State), clean(e.Why), micros(e.Probed), object(e.Accepted), micros(e.Updated),
	}
}

func environmentValues(e tenant.Environment) []any {
	return append([]any{e.ID, e.Organization, micros(e.Created), micros(e.Deleted), e.Version}, environmentFactValues(e)...)
}

func scanEnvironment(row scanner) (e tenant.Environment, err error) {
	err = row.Scan(&e.ID, &e.Organization, timeColumn{&e.Created}, timeColumn{&e.Deleted}, &e.Version,
		&e.Name, &e.Description, &e.Provider, &e.Region, &e.RoleARN, objectColumn{&e.Audiences}, durationColumn{&e.Session}, objectColumn{&e.Models}, objectColumn{&e.Limits},
		&e.SessionName, bitColumn{&e.SessionTags}, objectColumn{&e.Tags}, &e.State, &e.Why, timeColumn{&e.Probed}, objectColumn{&e.Accepted}, timeColumn{&e.Updated})
	return e, err
}

func checkEnvironment(e tenant.Environment) error {
	var t texts
	t.check("id", e.ID)
	t.check("organization", e.Organization)
	t.check("name", e.Name)
	t.check("description", e.Description)
	t.check("provider", e.Provider)
	t.check("region", e.Region)
	t.check("role_arn", e.RoleARN)
	t.check("audiences", e.Audiences...)
	t.check("models", e.Models...)
	t.check("session_name", string(e.SessionName))
	t.check("state", string(e.State))
	t.checkMap("tags", e.Tags)
	if a := e.Accepted; a != nil {
		t.check("accepted", a.By, a.Reason, a.RoleARN)
	}
	return t.fault()
}

// CreateEnvironment implements [tenant.Store]. The version is stored as it is
// given; an organization that is absent or deleted is a fault of kind NotFound.
func (s *Store) CreateEnvironment(ctx context.Context, e tenant.Environment, events ...audit.Event) error {
	if err := checkEnvironment(e); err != nil {
		return err
	}
	return s.change(ctx, "creating an environment", events, func(ctx context.Context, tx *sql.Tx) error {
		if err := mustLive(ctx, tx, organizationLives(), e.Organization); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, into("environments", environmentColumns), environmentValues(e)...)
		return err
	})
}

// UpdateEnvironment implements [tenant.Store]. The id, the organization and the time of creation stay.
func (s *Store) UpdateEnvironment(ctx context.Context, e tenant.Environment, events ...audit.Event) error {
	if err := checkEnvironment(e); err != nil {
		return err
	}
	return s.change(ctx, "updating an environment", events, func(ctx context.Context, tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, updating("environments", environmentFacts, "deleted"),
			append([]any{e.ID, e.Organization, e.Version}, environmentFactValues(e)...)...)
		return changed(ctx, tx, done, err, environmentLives(), e.ID, e.Organization)
	})
}

// DeleteEnvironment implements [tenant.Store]. Its budgets go with it.
func (s *Store) DeleteEnvironment(ctx context.Context, e tenant.Environment, d tenant.Deletion, events ...audit.Event) error {
	return s.change(ctx, "deleting an environment", events, func(ctx context.Context, tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE environments SET deleted = $1, updated = $1, version = version + 1
			WHERE id = $2 AND organization = $3 AND version = $4 AND deleted = 0`, micros(d.At), e.ID, e.Organization, e.Version)
		if err := changed(ctx, tx, done, err, environmentLives(), e.ID, e.Organization); err != nil {
			return err
		}
		if !d.Force { // the list of environments is JSON, and no id needs escaping
			if err := mustHaveNone(ctx, tx, "environment", callers("environments LIKE $2"), e.Organization, `%"`+e.ID+`"%`); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM budgets WHERE organization = $1 AND target = $2`, e.Organization, e.ID)
		return err
	})
}
