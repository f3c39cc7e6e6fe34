package control

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/budget"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// budgets is the world's registry of budgets.
type budgets struct{ w *world }

func (r budgets) Budgets(organization string) (out []budget.Budget, _ error) {
	for _, b := range r.w.budgets {
		if b.Organization == organization {
			out = append(out, b)
		}
	}
	return out, nil
}

func (r budgets) Budget(organization, id string) (budget.Budget, error) {
	for _, b := range r.w.budgets {
		if b.Organization == organization && b.ID == id {
			return b, nil
		}
	}
	return budget.Budget{}, fault.New(fault.NotFound, "there is no such budget").WithCode("budget_not_found")
}

func (r budgets) Status(b budget.Budget) (int64, budget.State, time.Time) {
	_, ends := b.Period.Span(start())
	return r.w.spent[b.ID], b.State(r.w.spent[b.ID]), ends
}

func (r budgets) Create(_ context.Context, by audit.Actor, in budget.Input) (budget.Budget, error) {
	b := budget.Budget{ID: "bud_new", Organization: in.Organization, Target: in.Target, Period: in.Period, Soft: in.Soft, Hard: in.Hard}
	return b, r.w.changed("create budget of " + in.Target + " by " + by.Key)
}

func (r budgets) Update(_ context.Context, _ audit.Actor, organization, id string, p budget.Patch) (budget.Budget, error) {
	b, err := r.Budget(organization, id)
	if err != nil {
		return b, err
	}
	if p.Soft != nil {
		b.Soft = *p.Soft
	}
	if p.Hard != nil {
		b.Hard = *p.Hard
	}
	return b, r.w.changed("update budget " + id)
}

func (r budgets) Delete(_ context.Context, _ audit.Actor, organization, id string, _ int64) error {
	if _, err := r.Budget(organization, id); err != nil {
		return err
	}
	return r.w.changed("delete budget " + id)
}

const budgetsURL = base + "/organizations/ours/budgets"

func TestABudgetTellsExactlyWhatIsSpentAndWhenItBeginsAnew(t *testing.T) {
	w := newWorld()
	w.spent = map[string]int64{ourBudget: 4_000_000_001}
	at := start()
	want := wire.Budget{
		ID: ourBudget, Organization: ours, Target: ourEnv, TargetName: "prod", Period: "day", SoftUSD: "4", HardUSD: "5",
		SpentUSD: "4.000000001", State: "warning", Ends: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Created: at, Updated: at, Version: 1,
	}
	got := read[wire.Budget](t, ask(t, New(w.settings()), "developer@"+ours, "GET", budgetsURL+"/"+ourBudget, ""), http.StatusOK)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestBudgetsAreSetInDollarsAndNotSilentlyToNothing(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	got := read[wire.Budget](t, ask(t, h, "owner@"+ours, "POST", budgetsURL, `{"target":"prod","period":"month","soft_usd":"0.000000001","hard_usd":"50"}`), http.StatusCreated)
	if got.SoftUSD != "0.000000001" || got.HardUSD != "50" || got.Period != "month" || got.State != "within" {
		t.Errorf("%+v", got)
	}
	got = read[wire.Budget](t, ask(t, h, "owner@"+ours, "PATCH", budgetsURL+"/"+ourBudget, `{"soft_usd":""}`), http.StatusOK)
	if got.SoftUSD != "" || got.HardUSD != "5" {
		t.Errorf("a bound that was not named was changed: %+v", got)
	}
	w.changes = nil
	for _, text := range []string{"-1", "+1", " 1", "1,5", "1.", "1e3", "NaN", "€5", "$5", "0", "0.0", "1000000001", "0.0000000001", "٣", `1\u0000`} {
		p := told(t, ask(t, h, "owner@"+ours, "POST", budgetsURL, `{"period":"day","soft_usd":"`+text+`","hard_usd":"`+text+`"}`))
		if p.Status != 422 || len(p.Errors) != 2 || p.Errors[0].Location != "body.soft_usd" || p.Errors[1].Location != "body.hard_usd" {
			t.Errorf("%q: %+v", text, p)
		}
		if p := told(t, ask(t, h, "owner@"+ours, "PATCH", budgetsURL+"/"+ourBudget, `{"hard_usd":"`+text+`"}`)); p.Status != 422 {
			t.Errorf("%q: %+v", text, p)
		}
	}
	if len(w.changes) > 0 {
		t.Errorf("%q", w.changes)
	}
	w.fail = fault.New(fault.Invalid, "there is one").WithCode("budget_exists").WithParam("target")
	if p := told(t, ask(t, h, "owner@"+ours, "POST", budgetsURL, `{"period":"day","hard_usd":"1"}`)); p.Status != http.StatusConflict {
		t.Errorf("%+v", p)
	}
}

func TestTheTargetOfABudgetIsNamedToWhoMayKnowItsName(t *testing.T) {
	w := newWorld()
	for i, target := range []string{"", ourKey, ourIssuer, ourPerson, somebody, "env_gone", theirEnv} {
		w.budgets = append(w.budgets, budget.Budget{ID: "bud_" + string(rune('0'+i)), Organization: ours, Target: target, Period: budget.Month, Hard: 1})
	}
	w.spent = map[string]int64{"bud_1": 1}
	h := New(w.settings())
	named := func(who access.Role) map[string]string {
		page := read[wire.Page[wire.Budget]](t, ask(t, h, "", "GET", budgetsURL, "", as(personOf(ours, who), "")), http.StatusOK)
		out := map[string]string{}
		for _, b := range page.Items {
			if b.TargetName != "" {
				out[b.Target] = b.TargetName
			}
		}
		return out
	}
	if d := cmp.Diff(map[string]string{ourEnv: "prod", ourKey: "app", ourIssuer: "ci", ourPerson: "Ada of ours", somebody: "Ada"}, named(access.Auditor)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[string]string{ourEnv: "prod", somebody: "Ada"}, named(access.Developer)); d != "" {
		t.Error(d)
	}
	bound := personOf(ours, access.Developer)
	bound.Key.Environments = []string{"env_other"}
	one := read[wire.Budget](t, ask(t, h, "", "GET", budgetsURL+"/"+ourBudget, "", as(bound, "")), http.StatusOK)
	if one.TargetName != "" {
		t.Errorf("a key of another environment is told the name %s", one.TargetName)
	}
	for query, want := range map[string][]string{
		"search=APP": {"bud_1"}, "state=exceeded": {"bud_1"}, "search=" + ourPerson: {"bud_3"}, "search=ci": {"bud_2"}, "search=day&state=within": {ourBudget},
	} {
		if d := cmp.Diff(want, names(t, h, "owner@"+ours, "/organizations/ours/budgets?"+query, "id")); d != "" {
			t.Errorf("%s: %s", query, d)
		}
	}
	if got := names(t, h, "developer@"+ours, "/organizations/ours/budgets?search=app", "id"); len(got) > 0 {
		t.Errorf("a search tells a name that is not shown: %q", got)
	}
}
