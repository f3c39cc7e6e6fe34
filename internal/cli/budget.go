package cli

import (
	"cmp"
	"context"
	"fmt"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

type budgetCmd struct {
	Create budgetCreateCmd `cmd:"" help:"Create a budget."`
	List   budgetListCmd   `cmd:"" help:"List budgets and what is spent."`
	Update budgetUpdateCmd `cmd:"" help:"Change a budget's limits."`
	Delete budgetDeleteCmd `cmd:"" help:"Delete a budget."`
}

type budgetCreateCmd struct {
	Target string `arg:"" optional:"" help:"What to limit: an environment or API key by name or id, or a trusted issuer or person by id (default: the whole organization)."`
	Period string `name:"per" enum:"day,month" default:"month" placeholder:"PERIOD" help:"day or month, in UTC (default: ${default})."`
	Soft   string `placeholder:"USD" help:"Soft limit in US dollars: warn when it is reached."`
	Hard   string `placeholder:"USD" help:"Hard limit in US dollars: when it is reached, refuse requests with 429 until the day or month ends."`
	listing
	trustOf
}

// Help is the text under the usage line.
func (budgetCreateCmd) Help() string {
	return `The cost of a request is known once it is answered, so requests in flight may exceed a hard limit. Spending on other replicas is seen within seconds.

Examples:

    adit budget create prod --soft 40 --hard 50
    adit budget create search --per day --hard 2.50`
}

// Run makes it.
func (c *budgetCreateCmd) Run(ctx context.Context, p *Process) error {
	if c.Soft == "" && c.Hard == "" {
		return wrongUsage("a budget needs a limit: give --soft, --hard or both, in US dollars")
	}
	return c.on(ctx, p, func(server *client.Client, org string) error {
		b, err := server.CreateBudget(ctx, org, wire.BudgetInput{Target: c.Target, Period: c.Period, SoftUSD: c.Soft, HardUSD: c.Hard})
		if err != nil {
			return err
		}
		return p.printBudget(c.listing, b)
	})
}

func (p *Process) printBudget(l listing, b wire.Budget) error {
	if l.json() {
		return printJSON(p.Stdout, b)
	}
	return printFields(p.Stdout, []field{
		{"id", b.ID}, {"target", budgetTarget(b)}, {"per", b.Period}, {"soft limit", dollars(b.SoftUSD)}, {"hard limit", dollars(b.HardUSD)},
		{"spent", dollars(b.SpentUSD)}, {"state", b.State}, {"resets", at(b.Ends)},
	})
}

func budgetTarget(b wire.Budget) string {
	if b.Target == "" {
		return "the organization"
	}
	return cmp.Or(b.TargetName, b.Target)
}

// dollars writes an amount; "" for none.
func dollars(usd string) string {
	if usd == "" {
		return ""
	}
	return "$" + usd
}

type budgetListCmd struct {
	listing
	trustOf
}

// Help is the text under the usage line.
func (budgetListCmd) Help() string {
	return `Example:

    adit budget list --org research`
}

// Run lists them.
func (c *budgetListCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		all, err := paged(func(l client.List) (wire.Page[wire.Budget], error) { return server.BudgetPage(ctx, org, l) })
		if err != nil {
			return err
		}
		return listed(p, c.listing, all, []string{"TARGET", "ID", "PER", "SPENT", "SOFT LIMIT", "HARD LIMIT", "STATE"}, func(b wire.Budget) []string {
			return []string{budgetTarget(b), b.ID, b.Period, dollars(b.SpentUSD), cmp.Or(dollars(b.SoftUSD), "-"), cmp.Or(dollars(b.HardUSD), "-"), b.State}
		})
	})
}

type budgetUpdateCmd struct {
	ID   string  `arg:"" help:"Id of the budget."`
	Soft *string `placeholder:"USD" help:"Soft limit in US dollars; none to remove it."`
	Hard *string `placeholder:"USD" help:"Hard limit in US dollars; none to remove it."`
	listing
	trustOf
}

// Help is the text under the usage line.
func (budgetUpdateCmd) Help() string {
	return `Example:

    adit budget update bud_4c3d2e1f0a9b5f0c2d1e9a7b --hard 80`
}

// Run changes it.
func (c *budgetUpdateCmd) Run(ctx context.Context, p *Process) error {
	if c.Soft == nil && c.Hard == nil {
		return nothingNamed("adit budget update")
	}
	for _, bound := range []*string{c.Soft, c.Hard} {
		if bound != nil && *bound == nothing {
			*bound = ""
		}
	}
	return c.on(ctx, p, func(server *client.Client, org string) error {
		b, err := server.UpdateBudget(ctx, org, c.ID, wire.BudgetPatch{SoftUSD: c.Soft, HardUSD: c.Hard})
		if err != nil {
			return err
		}
		return p.printBudget(c.listing, b)
	})
}

type budgetDeleteCmd struct {
	ID string `arg:"" help:"Id of the budget."`
	yesFlag
	trustOf
}

// Help is the text under the usage line.
func (budgetDeleteCmd) Help() string {
	return `Example:

    adit budget delete bud_4c3d2e1f0a9b5f0c2d1e9a7b --yes`
}

// Run deletes it.
func (c *budgetDeleteCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		b, err := server.Budget(ctx, org, c.ID)
		if err != nil {
			return err
		}
		if err := p.confirm(ctx, c.Yes, "Delete the budget of %s per %s?", budgetTarget(b), b.Period); err != nil {
			return err
		}
		if err := server.DeleteBudget(ctx, org, b.ID); err != nil {
			return err
		}
		fmt.Fprintf(p.Stderr, "Budget of %s deleted.\n", budgetTarget(b))
		return nil
	})
}
