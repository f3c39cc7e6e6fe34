package studio

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/signin"
)

func TestTheFirstPageOfAPersonWithOneOrganizationIsIts(t *testing.T) {
	s := newStage(t, access.Owner)
	w := s.get("/studio/")
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != s.org() {
		t.Errorf("%d to %q", w.Code, to)
	}
}

func TestTheFirstPageOfAPersonWithSeveralIsTheLastOrAChoice(t *testing.T) {
	s := newStage(t, access.Owner)
	s.people.Person.Roles = append(s.people.Person.Roles, signin.Membership{Organization: otherOrg, Role: access.Auditor})
	s.api.answer("GET /organizations/"+otherOrg, wire.Organization{ID: otherOrg, Name: "beta"})
	s.see(s.get("/studio/"), http.StatusOK, "Your organizations", "acme", "beta", "auditor")
	place := ""
	for _, c := range s.get("/studio/o/" + otherOrg + "/organization").Result().Cookies() {
		if c.Name == placeCookie {
			place = c.Value
		}
	}
	w := s.get("/studio/", "Cookie", sessionCookie+"=token-1; "+placeCookie+"="+place)
	if to := w.Header().Get("Location"); to != "/studio/o/"+otherOrg {
		t.Errorf("the last one was beta, and the first page leads to %q (%s)", to, place)
	}
	w = s.get("/studio/", "Cookie", sessionCookie+"=token-1; "+placeCookie+"=org_bbbbbbbbbbbbbbbbbbbbbbbb")
	s.see(w, http.StatusOK, "Your organizations")
}

func TestTheFirstPageOfAnOperatorIsTheOnlyOrganizationOrAll(t *testing.T) {
	s := newStage(t, access.Operator)
	list := wire.Page[wire.Organization]{Items: []wire.Organization{{ID: stageOrg, Name: "acme"}}}
	for path, want := range map[string]string{"/studio/": s.org(), "/studio/?choose=1": "/studio/organizations"} {
		s.api.answer("GET /organizations", list)
		if to := s.get(path).Header().Get("Location"); to != want {
			t.Errorf("%s leads to %q, want %q", path, to, want)
		}
	}
	list.Items = append(list.Items, wire.Organization{ID: otherOrg})
	s.api.answer("GET /organizations", list)
	if to := s.get("/studio/").Header().Get("Location"); to != "/studio/organizations" {
		t.Errorf("of two organizations the first page is %q", to)
	}
}

func TestAPersonWithoutAnyRoleIsToldHowToGetOne(t *testing.T) {
	s := newStage(t, access.Owner)
	s.people.Person.Roles = nil
	s.see(s.get("/studio/"), http.StatusOK, "You have no role yet", "invite")
}

func TestAnOrganizationsNameLeadsToItsID(t *testing.T) {
	s := newStage(t, access.Owner)
	w := s.get("/studio/o/acme/organization?search=x")
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != s.org("organization")+"?search=x" {
		t.Errorf("%d to %q", w.Code, to)
	}
	s.see(s.post("/studio/o/acme/organization", nil), http.StatusNotFound)
}

func TestAnEmptyOrganizationTeachesTheWayToTheFirstVectors(t *testing.T) {
	s := newStage(t, access.Owner)
	s.see(s.get(s.org()), http.StatusOK, "Get started", s.org("environments", "new"), `id="home-org-id">`+stageOrg)
	s = newStage(t, access.Auditor)
	if w := s.get(s.org()); strings.Contains(w.Body.String(), "/environments/new") {
		t.Error("an auditor is offered what the role does not allow")
	}
}

func TestHomeShowsWhatRunsAndWhatNeedsAttention(t *testing.T) {
	s := newStage(t, access.Admin)
	s.api.answer("GET /organizations/"+stageOrg+"/overview", wire.Overview{
		Environments: map[string]int{"ready": 7, "failing": 1},
		Attention: []wire.Attention{
			{Severity: "failed", What: "the environment staging: the last exchange failed", Remedy: "Diagnose it.", Target: stageEnv, Name: "staging", Since: stageNow().Add(-time.Hour)},
			{Severity: "notice", What: "The server is restoring", Target: "srv_1"},
			{Severity: "warning", What: "The API key batch expires on 2026-11-28 12:00 UTC.", Name: "batch", Since: stageNow().Add(6 * 24 * time.Hour)},
		},
		Total: wire.Counts{Requests: 12345, Texts: 1, Tokens: 1_234_000, Estimated: 12_000, Throttles: 12, CostUSD: "1.10", EstimatedCostUSD: "0.006"},
	})
	s.api.answer("GET /organizations/"+stageOrg+"/environments", wire.Page[wire.Environment]{Items: []wire.Environment{{ID: stageEnv, Name: "staging", State: "failing", Why: "AccessDenied"}}, Next: "more"})
	home := s.get(s.org())
	if strings.Contains(home.Body.String(), "in 6 days") {
		t.Error("when a key expires is said twice")
	}
	s.see(home, http.StatusOK, "expires on 2026-11-28", "12,345", "1 text", "1.2M", "12k estimated", "$1.11<small>$0.006 for estimated tokens</small>", "&lt;\u00a00.1%", "1 failing", "7 ready", "AccessDenied", "All 8 environments",
		`The environment <a href="`+s.org("environments", stageEnv)+`"><bdi>staging</bdi></a>: the last exchange failed.`, "Diagnose it.", "The server is restoring.", "1 hour ago")
}

func TestABudgetThatNeedsAttentionLeadsToAPageThatIsThere(t *testing.T) {
	for role, want := range map[access.Role][]string{access.Owner: {"budgets", stageBudget, "edit"}, access.Auditor: {"budgets"}} {
		s := budgetStage(t, role, budgetOf("exceeded", "51"))
		s.api.answer("GET /organizations/"+stageOrg+"/overview", wire.Overview{Attention: []wire.Attention{
			{Severity: "failed", What: "The budget of prod for this month is used up.", Target: stageBudget, Name: "prod"},
		}})
		s.see(s.get(s.org()), http.StatusOK, `<a href="`+s.org(want...)+`"><bdi>prod</bdi></a>`)
		s.see(s.get(s.org(want...)), http.StatusOK)
	}
}

func TestHomeSaysWhichPartOfTheCostIsKnown(t *testing.T) {
	s := newStage(t, access.Admin)
	for want, total := range map[string]wire.Counts{
		"$1.10<small>from the price table</small>":                                         {CostUSD: "1.10", EstimatedCostUSD: "0"},
		"$1.10<small>300 unpriced tokens</small>":                                          {CostUSD: "1.10", EstimatedCostUSD: "0", Unpriced: 300},
		"$2.00<small>$2.00 for estimated tokens</small>":                                   {CostUSD: "0", EstimatedCostUSD: "2"},
		"$3.00<small>$2.00 for estimated tokens</small><small>300 unpriced tokens</small>": {CostUSD: "1", EstimatedCostUSD: "2", Unpriced: 300},
	} {
		s.api.answer("GET /organizations/"+stageOrg+"/overview", wire.Overview{Environments: map[string]int{"ready": 1}, Total: total})
		s.api.answer("GET /organizations/"+stageOrg+"/environments", wire.Page[wire.Environment]{Items: []wire.Environment{{ID: stageEnv, Name: "prod", State: "ready"}}})
		s.see(s.get(s.org()), http.StatusOK, "<dt>Cost</dt><dd>"+want+"</dd>")
	}
}

func TestMoneyAndSharesAreSaidInFewDigits(t *testing.T) {
	for in, want := range map[string]string{"": "–", "0": "$0", "0.000001": "<\u00a0$0.00001", "0.00123": "$0.00123", "0.1234": "$0.123", "12345.678": "$12,345.68", "1.999": "$2.00", "0.9996": "$1.00"} {
		if got := usd(in); got != want {
			t.Errorf("usd(%q) = %q, want %q", in, got, want)
		}
	}
	if got := costs(wire.Counts{CostUSD: "0.2", EstimatedCostUSD: "0.05"}); got != "$0.25" {
		t.Errorf("told and guessed tokens cost %s together", got)
	}
	if got := share(1, 3); got != "33%" {
		t.Error(got)
	}
}
