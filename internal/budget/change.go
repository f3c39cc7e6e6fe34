package budget

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
	"github.com/adit-hq/adit/internal/price"
	"github.com/adit-hq/adit/internal/roster"
)

// Create makes a budget. All faults of the input are told at once; a second
// budget for the same target and period is Invalid, "budget_exists".
func (r *Registry) Create(ctx context.Context, by audit.Actor, in Input) (Budget, error) {
	if err := r.settings.Fresh(); err != nil {
		return Budget{}, err
	}
	now := r.moment()
	b := Budget{
		ID: ident.New(ident.Budget), Organization: in.Organization, Period: in.Period, Soft: in.Soft, Hard: in.Hard,
		Created: now, Updated: now, Version: 1,
	}
	var f fault.Inputs
	var err error
	if b.Target, err = r.target(&f, in.Organization, in.Target); err != nil {
		return Budget{}, err
	}
	check(&f, b)
	if err := f.Err(); err != nil {
		return Budget{}, err
	}
	if err := r.settings.Store.CreateBudget(ctx, b, event(by, "budget.create", b, now, described(b))); err != nil {
		return Budget{}, err
	}
	r.desk.TakeOver(ctx)
	r.readNow(ctx, b.ID)
	return b, nil
}

// Update changes a budget's bounds. What is spent stays spent: a hard bound
// below it refuses at once, and one above it lets requests through again.
func (r *Registry) Update(ctx context.Context, by audit.Actor, organization, id string, p Patch) (Budget, error) {
	return r.change(ctx, organization, id, p.Version, func(old Budget) (Budget, bool, error) {
		b := old
		if p.Soft != nil {
			b.Soft = *p.Soft
		}
		if p.Hard != nil {
			b.Hard = *p.Hard
		}
		var f fault.Inputs
		check(&f, b)
		if err := f.Err(); err != nil {
			return b, false, err
		}
		details := audit.Changed(described(old), described(b))
		if len(details) == 0 {
			return old, false, nil
		}
		b.Updated = r.moment()
		err := r.settings.Store.UpdateBudget(ctx, b, event(by, "budget.update", b, b.Updated, details))
		b.Version++
		return b, true, err
	})
}

// Delete removes a budget: nothing is bounded by it any more, at once. A version
// that is asked for, not 0, is held against what is there when it is written.
func (r *Registry) Delete(ctx context.Context, by audit.Actor, organization, id string, version int64) error {
	_, err := r.change(ctx, organization, id, version, func(b Budget) (Budget, bool, error) {
		return b, true, r.settings.Store.DeleteBudget(ctx, b, event(by, "budget.delete", b, r.moment(), described(b)))
	})
	return err
}

// change reads a budget and has it changed and written, anew when somebody else
// was faster. A version that is asked for is held against what is there.
func (r *Registry) change(ctx context.Context, organization, id string, version int64, do roster.Attempt[Budget]) (Budget, error) {
	read := func() (Budget, int64, error) {
		b, err := r.Budget(organization, id)
		return b, b.Version, err
	}
	return roster.Change(ctx, r.desk, "budget", version, read, do)
}

// moment is the time of a change, as databases keep it.
func (r *Registry) moment() time.Time { return r.settings.Now().UTC().Truncate(time.Microsecond) }

func event(by audit.Actor, action string, b Budget, at time.Time, details map[string]string) audit.Event {
	return audit.Event{Time: at, Organization: b.Organization, Actor: by, Action: action, Target: b.ID, Outcome: "ok", Details: details}
}

// described is what the audit keeps of a budget.
func described(b Budget) map[string]string {
	d := map[string]string{"period": string(b.Period)}
	if b.Target != "" {
		d["target"] = b.Target
	}
	if b.Soft > 0 {
		d["soft_usd"] = price.FormatUSD(b.Soft)
	}
	if b.Hard > 0 {
		d["hard_usd"] = price.FormatUSD(b.Hard)
	}
	return d
}
