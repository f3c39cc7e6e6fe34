package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/budget"
	"github.com/adit-hq/adit/internal/fault"
)

const budgetColumns = "id, organization, target, period, soft, hard, created, updated, version"

func scanBudget(row scanner) (b budget.Budget, err error) {
	err = row.Scan(&b.ID, &b.Organization, &b.Target, &b.Period, &b.Soft, &b.Hard, timeColumn{&b.Created}, timeColumn{&b.Updated}, &b.Version)
	return b, err
}

func checkBudget(b budget.Budget) error {
	var t texts
	t.check("id", b.ID)
	t.check("organization", b.Organization)
	t.check("target", b.Target)
	t.check("period", string(b.Period))
	return t.fault()
}

// onlyBudget says of a target and period that are taken what they are taken by.
func onlyBudget(err error) error {
	if f := (*fault.Error)(nil); errors.As(err, &f) && f.Code == "name_taken" {
		return fault.New(fault.Invalid, "there is a budget for this target and period already").WithCode("budget_exists").WithParam("target").
			WithRemedy("Change that one, or choose another period.")
	}
	return err
}

// CreateBudget implements [budget.Store]. The version is stored as it is given;
// an organization that is absent or deleted is a fault of kind NotFound, and so
// is an environment (env_…) that the organization does not have.
func (s *Store) CreateBudget(ctx context.Context, b budget.Budget, events ...audit.Event) error {
	if err := checkBudget(b); err != nil {
		return err
	}
	return onlyBudget(s.change(ctx, "creating a budget", events, func(ctx context.Context, tx *sql.Tx) error {
		if err := mustLive(ctx, tx, organizationLives(), b.Organization); err != nil {
			return err
		}
		if err := mustHaveTarget(ctx, tx, b); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, into("budgets", budgetColumns), b.ID, b.Organization, b.Target, string(b.Period), b.Soft, b.Hard,
			micros(b.Created), micros(b.Updated), b.Version)
		return err
	}))
}

// UpdateBudget implements [budget.Store]. The id, the organization and the time of creation stay.
func (s *Store) UpdateBudget(ctx context.Context, b budget.Budget, events ...audit.Event) error {
	if err := checkBudget(b); err != nil {
		return err
	}
	return onlyBudget(s.change(ctx, "updating a budget", events, func(ctx context.Context, tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE budgets SET target = $1, period = $2, soft = $3, hard = $4, updated = $5, version = version + 1
			WHERE id = $6 AND organization = $7 AND version = $8`,
			b.Target, string(b.Period), b.Soft, b.Hard, micros(b.Updated), b.ID, b.Organization, b.Version)
		if err := changed(ctx, tx, done, err, budgetLives(), b.ID, b.Organization); err != nil {
			return err
		}
		return mustHaveTarget(ctx, tx, b)
	}))
}

// DeleteBudget implements [budget.Store].
func (s *Store) DeleteBudget(ctx context.Context, b budget.Budget, events ...audit.Event) error {
	return s.change(ctx, "deleting a budget", events, func(ctx context.Context, tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `DELETE FROM budgets WHERE id = $1 AND organization = $2 AND version = $3`, b.ID, b.Organization, b.Version)
		return changed(ctx, tx, done, err, budgetLives(), b.ID, b.Organization)
	})
}

// mustHaveTarget keeps a budget from outliving an environment that is deleted
// at the same time. Callers are not looked for: a revoked one spends nothing.
func mustHaveTarget(ctx context.Context, tx *sql.Tx, b budget.Budget) error {
	if !strings.HasPrefix(b.Target, "env_") {
		return nil
	}
	return mustLive(ctx, tx, environmentLives(), b.Target, b.Organization)
}
