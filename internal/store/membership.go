package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signin"
)

// setMemberships keeps where the person has a role; who is removed has none. A
// local person whose role of operator goes must leave somebody who operates.
func setMemberships(ctx context.Context, tx *sql.Tx, p signin.Person) error {
	had, err := tx.QueryContext(ctx, `SELECT organization FROM memberships WHERE person = $1`, p.ID)
	before, err := collect(had, err, scanText)
	if err != nil {
		return err
	}
	var after []string
	for _, m := range p.Roles {
		if p.Removed.IsZero() && !slices.Contains(after, m.Organization) {
			after = append(after, m.Organization)
		}
	}
	for _, o := range before {
		if slices.Contains(after, o) {
			continue
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM memberships WHERE person = $1 AND organization = $2`, p.ID, o); err != nil {
			return err
		}
		if o == "" && p.Login != "" {
			if err := mustBeOperated(ctx, tx); err != nil {
				return err
			}
		}
	}
	for _, o := range after {
		if slices.Contains(before, o) {
			continue
		}
		if o != "" {
			if err := mustLive(ctx, tx, organizationLives(), o); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO memberships (person, organization) VALUES ($1, $2)`, p.ID, o); err != nil {
			return err
		}
	}
	return nil
}

// mustBeOperated refuses what leaves neither an operator who signs in with a
// password nor an operator's key that never ends. One change follows the other,
// so of the last two who go at once one stays.
func mustBeOperated(ctx context.Context, tx *sql.Tx) error {
	var left int
	err := tx.QueryRowContext(ctx, `SELECT
		(SELECT COUNT(*) FROM people WHERE removed = 0 AND password <> '' AND id IN (SELECT person FROM memberships WHERE organization = '')) +
		(SELECT COUNT(*) FROM api_keys WHERE organization = '' AND revoked = 0 AND expires = 0)`).Scan(&left)
	if err != nil || left > 0 {
		return err
	}
	return fault.New(fault.Invalid, "the last operator cannot be removed: nobody could administer the server anymore").
		WithCode("in_use").WithRemedy("Create another operator with a password, or an operator's API key, first.")
}

// takeRoles takes the roles in an organization from everybody.
func takeRoles(ctx context.Context, tx *sql.Tx, organization string, at time.Time) error {
	rows, err := tx.QueryContext(ctx, `SELECT `+personColumns+` FROM people
		WHERE removed = 0 AND id IN (SELECT person FROM memberships WHERE organization = $1) ORDER BY id`, organization)
	people, err := collect(rows, err, scanPerson)
	if err != nil {
		return err
	}
	for _, p := range people {
		p.Roles = slices.DeleteFunc(p.Roles, func(m signin.Membership) bool { return m.Organization == organization })
		p.Updated = at
		if len(p.Roles) == 0 {
			p.Removed, p.Password = at, ""
		}
		if err := updatePerson(ctx, tx, p, signin.Ends{}); err != nil {
			return err
		}
	}
	return nil
}
