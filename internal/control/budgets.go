package control

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/budget"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/price"
)

// Budgets knows what may be spent, and what is.
type Budgets interface {
	// Budgets returns those of the organization with that id, in order of target and period.
	Budgets(organization string) ([]budget.Budget, error)
	Budget(organization, id string) (budget.Budget, error)
	// Status returns what is spent in the day or month that it is now, in
	// billionths of a US dollar, and when that is over.
	Status(b budget.Budget) (spent int64, state budget.State, ends time.Time)
	BudgetChanges
}

// BudgetChanges changes budgets.
type BudgetChanges interface {
	// Create takes the target by id or name.
	Create(ctx context.Context, by audit.Actor, in budget.Input) (budget.Budget, error)
	Update(ctx context.Context, by audit.Actor, organization, id string, p budget.Patch) (budget.Budget, error)
	Delete(ctx context.Context, by audit.Actor, organization, id string, version int64) error
}

func (a *api) budgetRoutes() []route {
	const all = "/organizations/{org}/budgets"
	const one = all + "/{budget}"
	return []route{
		{"GET", all, "list-budgets", "List the budgets of an organization, with their spending", access.ReadBudget, ofOrganization, 0, on(a.listBudgets)},
		{"POST", all, "create-budget", "Create a budget", access.WriteBudget, ofOrganization, 0, made(a.createBudget)},
		{"GET", one, "show-budget", "Show a budget", access.ReadBudget, ofOrganization, 0, on(a.showBudget)},
		{"PATCH", one, "update-budget", "Change the limits of a budget", access.WriteBudget, ofOrganization, 0, versioned(on(a.updateBudget))},
		{"DELETE", one, "delete-budget", "Delete a budget", access.WriteBudget, ofOrganization, 0, versioned(does(a.deleteBudget))},
	}
}

// InBudget is the path of a budget.
type InBudget struct {
	InOrganization
	Budget string `path:"budget" maxLength:"128" doc:"Id of the budget"`
}

type listBudgetsInput struct {
	InOrganization
	Paging
	Searched
	Sort  string `query:"sort" enum:"name,-name,created,-created,updated,-updated,state,-state,ends,-ends" default:"name" doc:"Sort order of the list; - reverses it"`
	State string `query:"state" enum:"within,warning,exceeded" doc:"Only those in this state"`
}

func (a *api) listBudgets(ctx context.Context, c *call, in *listBudgetsInput) (wire.Page[wire.Budget], error) {
	all, err := a.s.Budgets.Budgets(c.organization.ID)
	if err != nil {
		return wire.Page[wire.Budget]{}, err
	}
	shown := make([]wire.Budget, 0, len(all))
	target := a.targets(ctx, c)
	for _, b := range all {
		if w := a.showOne(b, target); either(in.State, w.State) && in.finds(w.TargetName, w.Target, w.ID, w.Period) {
			shown = append(shown, w)
		}
	}
	by := sorts[wire.Budget]{
		"name":    func(w wire.Budget) string { return w.TargetName + " " + w.Target + " " + w.Period }, // the organization's own first
		"created": func(w wire.Budget) string { return sortable(w.Created) },
		"updated": func(w wire.Budget) string { return sortable(w.Updated) },
		"state":   func(w wire.Budget) string { return w.State + " " + w.TargetName },
		"ends":    func(w wire.Budget) string { return sortable(w.Ends) },
	}.by(in.Sort, func(w wire.Budget) string { return w.ID })
	same := func(w wire.Budget) wire.Budget { return w }
	return pageOf(shown, everything, in.Paging, by, same, "budgets", c.organization.ID, in.Search, in.State)
}

// showOne is a budget as clients see it, with what is spent of it now.
func (a *api) showOne(b budget.Budget, target *targets) wire.Budget {
	spent, state, ends := a.s.Budgets.Status(b)
	return wire.Budget{
		ID: b.ID, Organization: b.Organization, Target: b.Target, TargetName: target.name(b.Target), Period: string(b.Period),
		SoftUSD: bound(b.Soft), HardUSD: bound(b.Hard), SpentUSD: price.FormatUSD(spent), State: string(state), Ends: ends.UTC(),
		Created: b.Created.UTC(), Updated: b.Updated.UTC(), Version: b.Version,
	}
}

type createBudgetInput struct {
	InOrganization
	Body wire.BudgetInput
}

func (a *api) createBudget(ctx context.Context, c *call, in *createBudgetInput) (wire.Budget, error) {
	var f fault.Inputs
	input := budget.Input{
		Organization: c.organization.ID, Target: in.Body.Target, Period: budget.Period(in.Body.Period),
		Soft: dollars(&f, "soft_usd", in.Body.SoftUSD), Hard: dollars(&f, "hard_usd", in.Body.HardUSD),
	}
	if err := f.Err(); err != nil {
		return wire.Budget{}, err
	}
	b, err := a.s.Budgets.Create(ctx, c.actor(), input)
	if err != nil {
		return wire.Budget{}, err
	}
	return a.showOne(b, a.targets(ctx, c)), nil
}

func (a *api) showBudget(ctx context.Context, c *call, in *InBudget) (wire.Budget, error) {
	b, err := a.s.Budgets.Budget(c.organization.ID, in.Budget)
	if err != nil {
		return wire.Budget{}, err
	}
	return a.showOne(b, a.targets(ctx, c)), nil
}

type updateBudgetInput struct {
	InBudget
	Body wire.BudgetPatch
}

func (a *api) updateBudget(ctx context.Context, c *call, in *updateBudgetInput) (wire.Budget, error) {
	version, err := a.pinnedBudget(c, in.Budget)
	if err != nil {
		return wire.Budget{}, err
	}
	var f fault.Inputs
	p := budget.Patch{Version: version}
	if text := in.Body.SoftUSD; text != nil {
		n := dollars(&f, "soft_usd", *text)
		p.Soft = &n
	}
	if text := in.Body.HardUSD; text != nil {
		n := dollars(&f, "hard_usd", *text)
		p.Hard = &n
	}
	if err := f.Err(); err != nil {
		return wire.Budget{}, err
	}
	b, err := a.s.Budgets.Update(ctx, c.actor(), c.organization.ID, in.Budget, p)
	if err != nil {
		return wire.Budget{}, err
	}
	return a.showOne(b, a.targets(ctx, c)), nil
}

// pinnedBudget is the version that a change of the budget is to be made of.
func (a *api) pinnedBudget(c *call, id string) (int64, error) {
	_, version, err := c.pin(id, func() (string, int64, error) {
		b, err := a.s.Budgets.Budget(c.organization.ID, id)
		return b.ID, b.Version, err
	})
	return version, err
}

func (a *api) deleteBudget(ctx context.Context, c *call, in *InBudget) error {
	version, err := a.pinnedBudget(c, in.Budget)
	if err != nil {
		return err
	}
	return a.s.Budgets.Delete(ctx, c.actor(), c.organization.ID, in.Budget, version)
}
