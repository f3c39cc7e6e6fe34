package studio

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

const stageBudget = "bud_4c3d2e1f0a9b5f0c2d1e9a7b"

func budgetStage(t *testing.T, role access.Role, b wire.Budget) *visitor {
	t.Helper()
	s := newStage(t, role)
	const org = "/organizations/" + stageOrg
	s.api.answer("GET "+org+"/budgets", wire.Page[wire.Budget]{Items: []wire.Budget{b}})
	s.api.answer("GET "+org+"/budgets/"+b.ID, b)
	s.api.answer("GET "+org+"/environments", wire.Page[wire.Environment]{Items: []wire.Environment{{ID: stageEnv, Name: "prod"}}})
	s.api.answer("GET "+org+"/keys", wire.Page[wire.Key]{Items: []wire.Key{stageKeyRow()}})
	s.api.answer("GET /prices", wire.Prices{Date: "2026-09-30"})
	return s
}

func budgetOf(state, spent string) wire.Budget {
	return wire.Budget{
		ID: stageBudget, Organization: stageOrg, Target: stageEnv, Period: "month", SoftUSD: "40", HardUSD: "50", SpentUSD: spent, State: state,
		Ends: stageNow().Add(8 * 24 * time.Hour),
	}
}

func TestBudgetsShowWhatIsSpentAgainstTheirBounds(t *testing.T) {
	s := budgetStage(t, access.Owner, budgetOf("warning", "41.5"))
	w := s.get(s.org("budgets") + "?state=warning")
	s.see(w, http.StatusOK, "prod", "Environment, monthly", "$41.50", `aria-label="$41.50 spent, soft limit $40.00, hard limit $50.00"`, "in 8 days", "2026-09-30",
		`class="fill-warn" y="2" width="83%"`, `x1="80%"`)
	s.see(s.get(s.org("budgets")+"?state=exceeded"), http.StatusOK, `value="exceeded" selected`)
	s.api.answer("GET /organizations/"+stageOrg+"/budgets", wire.Page[wire.Budget]{})
	s.see(s.get(s.org("budgets")), http.StatusOK, "No budgets yet")
}

func TestAMeterOfAnyBudgetStaysWithinItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		money := rapid.SampledFrom([]string{"", "0", "0.000000001", "1", "50", "999999999", "9999999999", "x"})
		b := wire.Budget{
			SpentUSD: money.Draw(t, "spent"), SoftUSD: money.Draw(t, "soft"), HardUSD: money.Draw(t, "hard"),
			State: rapid.SampledFrom([]string{"within", "warning", "exceeded", "new"}).Draw(t, "state"),
		}
		h := budgetMeter(b)
		wellFormed(t, h)
		for _, bad := range []string{"NaN", "Inf", "-"} {
			if strings.Contains(strings.ReplaceAll(string(h), "fill-", ""), `"`+bad) {
				t.Fatal(h)
			}
		}
	})
}

func TestABudgetIsMadeFromAmountsAsPeopleWriteThem(t *testing.T) {
	s := budgetStage(t, access.Owner, budgetOf("within", "0"))
	s.see(s.get(s.org("budgets", "new")+"?target="+stageEnv), http.StatusOK, `value="`+stageEnv+`" selected`, "API key search", "Everything in acme")
	s.see(s.post(s.org("budgets"), url.Values{"target": {everything}}), http.StatusUnprocessableEntity, "field-soft_usd-fault", "field-period")
	if len(s.api.changes()) > 0 {
		t.Fatal("something was sent")
	}
	s.api.answer("POST /organizations/"+stageOrg+"/budgets", budgetOf("within", "0"))
	s.see(s.post(s.org("budgets"), url.Values{"target": {everything}, "period": {"month"}, "soft_usd": {"$1,000.50"}, "hard_usd": {" 2000 "}}), http.StatusSeeOther)
	if d := cmp.Diff(wire.BudgetInput{Period: "month", SoftUSD: "1000.50", HardUSD: "2000"}, sentAs[wire.BudgetInput](t, s)); d != "" {
		t.Error(d)
	}
}

func TestACommaThatIsNoThousandsIsLeftForTheAPIToRefuse(t *testing.T) {
	for typed, want := range map[string]string{
		"0,50": "0,50", "2000,50": "2000,50", "1,5": "1,5", "1,0000": "1,0000", ",500": ",500", "1.000,50": "1.000,50", "1,000,50": "1,000,50", "-1,000": "-1,000",
		"1,000": "1000", "$ 12,345,678.90": "12345678.90", "50": "50", "": "",
	} {
		if got := typedMoney(filled(map[string]string{"hard_usd": typed}), "hard_usd"); got != want {
			t.Errorf("%q is sent as %q, want %q", typed, got, want)
		}
	}
	s := budgetStage(t, access.Owner, budgetOf("within", "0"))
	s.api.refuse("POST /organizations/"+stageOrg+"/budgets", wire.Problem{
		Status: 422, Kind: "invalid", Detail: "no amount", Errors: []wire.FieldError{{Location: "body.hard_usd", Message: "use a decimal such as 50 or 0.25"}},
	})
	w := s.post(s.org("budgets"), url.Values{"target": {everything}, "period": {"month"}, "hard_usd": {"0,50"}})
	s.see(w, http.StatusUnprocessableEntity, `id="field-hard_usd-fault"`, "use a decimal such as 50 or 0.25", `value="0,50"`)
}

func TestWhoSetsABudgetIsToldItsLimits(t *testing.T) {
	s := budgetStage(t, access.Owner, budgetOf("within", "0"))
	limits := wire.Budget{ID: stageBudget, SoftUSD: "1000.5", HardUSD: "2000"}
	s.api.answer("POST /organizations/"+stageOrg+"/budgets", limits)
	s.api.answer("PATCH /organizations/"+stageOrg+"/budgets/"+stageBudget, limits)
	for path, typed := range map[string]url.Values{
		s.org("budgets"):                      {"target": {everything}, "period": {"month"}, "hard_usd": {"2000"}},
		s.org("budgets", stageBudget, "edit"): {"version": {"0"}, "hard_usd": {"2000"}},
	} {
		w := s.post(path, typed)
		s.see(w, http.StatusSeeOther)
		notice := noticeCookieOf(w)
		if notice == nil {
			t.Fatalf("%s leaves no notice", path)
		}
		s.see(s.get(s.org("budgets"), "Cookie", sessionCookie+"=token-1; "+noticeCookie+"="+notice.Value), http.StatusOK, "ated: soft limit $1,000.50, hard limit $2,000.00.")
	}
}

func TestChangingABudgetSendsOnlyTheAmountThatDiffers(t *testing.T) {
	s := budgetStage(t, access.Owner, budgetOf("within", "1"))
	s.api.answer("PATCH /organizations/"+stageOrg+"/budgets/"+stageBudget, budgetOf("within", "1"))
	s.see(s.get(s.org("budgets", stageBudget, "edit")), http.StatusOK, `value="40"`, `value="50"`)
	s.see(s.post(s.org("budgets", stageBudget, "edit"), url.Values{"version": {"0"}, "soft_usd": {""}, "hard_usd": {"50"}}), http.StatusSeeOther)
	if d := cmp.Diff(wire.BudgetPatch{SoftUSD: pointer("")}, sentAs[wire.BudgetPatch](t, s)); d != "" {
		t.Error(d)
	}
}

func TestDeletingABudgetSaysWhatIsNotRefusedAnyMore(t *testing.T) {
	s := budgetStage(t, access.Owner, budgetOf("exceeded", "51"))
	s.api.answer("DELETE /organizations/"+stageOrg+"/budgets/"+stageBudget, nil)
	s.see(s.get(s.org("budgets", stageBudget, "delete")), http.StatusOK, "Requests are no longer refused at $50.00 a month", "There is no warning any more at $40.00 a month")
	s.see(s.post(s.org("budgets", stageBudget, "delete"), nil), http.StatusSeeOther)
	if c := s.api.changes(); len(c) != 1 || c[0].Method != http.MethodDelete {
		t.Errorf("%v", c)
	}
}

func TestADeveloperSeesBudgetsAndChangesNone(t *testing.T) {
	s := budgetStage(t, access.Developer, budgetOf("within", "1"))
	w := s.get(s.org("budgets"))
	s.see(w, http.StatusOK)
	if strings.Contains(w.Body.String(), "/edit") || strings.Contains(w.Body.String(), "budgets/new") {
		t.Error("it offers changes")
	}
	s.see(s.post(s.org("budgets", stageBudget, "delete"), nil), http.StatusForbidden)
}

func TestHostileTextIsTextOnThePagesOfBudgets(t *testing.T) {
	b := budgetOf(evilText, evilText)
	b.Target, b.TargetName, b.Period, b.SoftUSD, b.HardUSD = evilText, evilText+"\x00"+strings.Repeat("W", 10_000), evilText, evilText, evilText
	s := budgetStage(t, access.Owner, b)
	for _, path := range []string{s.org("budgets"), s.org("budgets", b.ID, "edit"), s.org("budgets", b.ID, "delete")} {
		w := s.get(path)
		s.see(w, http.StatusOK, "&lt;img src=x onerror=alert(1)&gt;")
		harmless(t, path, w.Body.String())
	}
}

func TestALimitIsWrittenAsItWasSet(t *testing.T) {
	for decimal, want := range map[string]string{
		"0.000001": "$0.000001", "40": "$40.00", "1234.5": "$1,234.50", "0.123456789": "$0.123456789", "0.5": "$0.50", "2.000000001": "$2.000000001", "0": "$0", "7.250": "$7.25",
	} {
		if got := limitUSD(decimal); got != want {
			t.Errorf("%s: %s, want %s", decimal, got, want)
		}
	}
	s := newStage(t, access.Admin)
	b := wire.Budget{ID: stageBudget, Organization: stageOrg, Period: "month", SoftUSD: "0.000001", HardUSD: "0.0123456", SpentUSD: "0.0000001", State: "within"}
	s.api.answer("GET /organizations/"+stageOrg+"/budgets", wire.Page[wire.Budget]{Items: []wire.Budget{b}})
	s.see(s.get(s.org("budgets")), http.StatusOK, "<dd>$0.000001</dd>", "<dd>$0.0123456</dd>", "soft limit $0.000001, hard limit $0.0123456", "<b>&lt;\u00a0$0.00001</b> spent")
}
