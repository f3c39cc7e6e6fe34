package studio

import (
	"regexp"
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

// groupedThousands is an amount whose commas part thousands, and nothing else.
var groupedThousands = regexp.MustCompile(`^\d{1,3}(,\d{3})+(\.\d+)?$`)

// typedMoney reads US dollars as people write them: 50, $50, 1,000.50. Any other
// comma may be a decimal one, without which the amount would be a hundred times
// as much: it goes to the API as it is, which refuses it.
func typedMoney(f form, name string) string {
	typed := strings.NewReplacer("$", "", " ", "").Replace(f.Value(name))
	if groupedThousands.MatchString(typed) {
		return strings.ReplaceAll(typed, ",", "")
	}
	return typed
}

// limitWords says the limits of a budget, so that who set them sees what was understood.
func limitWords(b wire.Budget) string {
	var said []string
	if b.SoftUSD != "" {
		said = append(said, "soft limit "+limitUSD(b.SoftUSD))
	}
	if b.HardUSD != "" {
		said = append(said, "hard limit "+limitUSD(b.HardUSD))
	}
	return strings.Join(said, ", ")
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
		var made wire.Budget
		if made, err = v.api.CreateBudget(v.ctx(), v.Org.ID, in); err == nil {
			return moved{to: v.At("budgets"), notice: "Budget created: " + limitWords(made) + ". It counts what was spent since its day or month began."}, nil
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
	var changed wire.Budget
	if soft := typedMoney(f, "soft_usd"); soft != b.SoftUSD {
		p.SoftUSD = &soft
	}
	if hard := typedMoney(f, "hard_usd"); hard != b.HardUSD {
		p.HardUSD = &hard
	}
	if outdated(f, b.Version) {
		err = meanwhile()
	} else {
		changed, err = v.api.UpdateBudget(client.IfMatch(v.ctx(), b.Version), v.Org.ID, b.ID, p)
	}
	if err == nil {
		return moved{to: v.At("budgets"), notice: "Budget updated: " + limitWords(changed) + ". Changes apply at once."}, nil
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
