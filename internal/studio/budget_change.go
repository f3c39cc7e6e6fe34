package studio

import (
	"strings"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// budgetForm is the form that makes or changes a budget.
type budgetForm struct {
	Form             form
	Targets, Periods []option
	Budget           *budgetRow // nil: a new one
	To, Button       string
}

func (v *visit) budgetTrail() []link { return []link{{Label: "Budgets", URL: v.At("budgets")}} }

func (v *visit) budgetFormPage(f form, b *budgetRow) page {
	d := budgetForm{Form: f, Budget: b, To: v.At("budgets"), Button: "Create budget", Periods: []option{
		{Value: "month", Label: "Monthly", Hint: "resets on the first, at midnight UTC"}, {Value: "day", Label: "Daily", Hint: "resets at midnight UTC"},
	}}
	p := page{template: "budget-form", title: "New budget", section: "budgets", trail: v.budgetTrail()}
	if b != nil {
		d.To, d.Button = v.At("budgets", b.ID, "edit"), "Save"
		p.title, p.lead = "Edit the budget of "+b.Name, "Target and period cannot be changed; create another budget instead."
	} else {
		d.Targets = v.budgetTargets()
	}
	p.data = d
	return p
}

func (s *studio) newBudget(v *visit) (answer, error) {
	return v.budgetFormPage(filled(map[string]string{"target": v.query("target"), "period": "month"}), nil), nil
}

// typedMoney reads US dollars as people write them: 50, $50, 1,000.50.
func typedMoney(f form, name string) string {
	return strings.NewReplacer(",", "", "$", "", " ", "").Replace(f.Value(name))
}

func (s *studio) createBudget(v *visit) (answer, error) {
	f := v.form()
	in := wire.BudgetInput{Target: v.typed("target"), Period: v.typed("period"), SoftUSD: typedMoney(f, "soft_usd"), HardUSD: typedMoney(f, "hard_usd")}
	if in.Target == everything {
		in.Target = ""
	}
	var faults fault.Inputs
	if in.Period == "" {
		faults.Add("period", "choose a period")
	}
	if in.SoftUSD == "" && in.HardUSD == "" {
		faults.Add("soft_usd", "enter a soft limit, a hard limit or both")
	}
	err := faults.Err()
	if err == nil {
		if _, err = v.api.CreateBudget(v.ctx(), v.Org.ID, in); err == nil {
			return moved{to: v.At("budgets"), notice: "Budget created. It counts what was spent since its day or month began."}, nil
		}
	}
	return again(v.budgetFormPage(f.with(err), nil), err)
}

// budget is the one that the path names, as pages draw it.
func (v *visit) budget() (budgetRow, error) {
	b, err := v.api.Budget(v.ctx(), v.Org.ID, v.path("budget"))
	if err != nil {
		return budgetRow{}, err
	}
	return v.budgetRow(b, newNames(v)), nil
}

func (s *studio) editBudget(v *visit) (answer, error) {
	b, err := v.budget()
	if err != nil {
		return nil, err
	}
	return v.budgetFormPage(versioned(filled(map[string]string{"soft_usd": b.SoftUSD, "hard_usd": b.HardUSD}), b.Version), &b), nil
}

func (s *studio) changeBudget(v *visit) (answer, error) {
	b, err := v.budget()
	if err != nil {
		return nil, err
	}
	f := v.form()
	var p wire.BudgetPatch
	if soft := typedMoney(f, "soft_usd"); soft != b.SoftUSD {
		p.SoftUSD = &soft
	}
	if hard := typedMoney(f, "hard_usd"); hard != b.HardUSD {
		p.HardUSD = &hard
	}
	if outdated(f, b.Version) {
		err = meanwhile()
	} else {
		_, err = v.api.UpdateBudget(client.IfMatch(v.ctx(), b.Version), v.Org.ID, b.ID, p)
	}
	if err == nil {
		return moved{to: v.At("budgets"), notice: "Budget updated. Changes apply at once."}, nil
	}
	if conflicts(err) {
		if b, err = v.budget(); err != nil {
			return nil, err
		}
		f, err = versioned(f, b.Version), meanwhile()
	}
	return again(v.budgetFormPage(f.with(err), &b), err)
}

func (v *visit) deleteBudgetPage(b budgetRow, f form) page {
	breaks := []string{"Usage history is kept."}
	if b.HardUSD != "" {
		breaks = append([]string{"Requests are no longer refused at " + limitUSD(b.HardUSD) + " a " + b.Period + "."}, breaks...)
	}
	if b.SoftUSD != "" {
		breaks = append([]string{"There is no warning any more at " + limitUSD(b.SoftUSD) + " a " + b.Period + "."}, breaks...)
	}
	c := confirmation{
		What: "The budget of " + b.Name + " is deleted.", Breaks: breaks, To: v.At("budgets", b.ID, "delete"), Button: "Delete budget",
		Back: v.At("budgets"), Form: f,
	}
	p := c.page("Delete a budget", v.budgetTrail()...)
	p.section = "budgets"
	return p
}

func (s *studio) askDeleteBudget(v *visit) (answer, error) {
	b, err := v.budget()
	if err != nil {
		return nil, err
	}
	return v.deleteBudgetPage(b, form{}), nil
}

func (s *studio) deleteBudget(v *visit) (answer, error) {
	b, err := v.budget()
	if err != nil {
		return nil, err
	}
	if err := v.api.DeleteBudget(v.ctx(), v.Org.ID, b.ID); err != nil {
		return again(v.deleteBudgetPage(b, v.form().with(err)), err)
	}
	return moved{to: v.At("budgets"), notice: "The budget is deleted."}, nil
}
