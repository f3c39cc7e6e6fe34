package studio

import (
	"net/http"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

func TestRevokingAKeyNamesItsBudgets(t *testing.T) {
	s := keyStage(t, access.Admin, stageKeyRow())
	s.api.answer("GET /organizations/"+stageOrg+"/budgets", wire.Page[wire.Budget]{Items: []wire.Budget{
		{ID: "bud_1", Target: stageKey, TargetName: "search", Period: "month"}, {ID: "bud_2", Target: stageEnv, TargetName: "search", Period: "day"},
	}})
	w := s.get(s.org("keys", stageKey, "revoke"))
	s.see(w, http.StatusOK, `Budget <a href="`+s.org("budgets")+`"><bdi>per month</bdi></a> counts nothing any more.`)
	if strings.Contains(w.Body.String(), "per day") {
		t.Error("it names the budget of something else")
	}
}

func TestARevokedKeyKeepsItsNameOnOtherPages(t *testing.T) {
	const was = "key_655320d0aaaaaaaaaaaaaaaa"
	for role, want := range map[access.Role]string{access.Owner: "<bdi>ci (revoked)</bdi>", access.Developer: "<bdi>" + was + "</bdi>"} {
		s := budgetStage(t, role, wire.Budget{ID: stageBudget, Organization: stageOrg, Target: was, Period: "month", HardUSD: "50", SpentUSD: "1", State: "within"})
		s.api.answers["GET /organizations/"+stageOrg+"/audit"] = func(r *http.Request) (int, any) {
			if got := r.URL.Query().Get("action"); got != "apikey.revoke" {
				t.Errorf("asked for %q", got)
			}
			return http.StatusOK, wire.Page[wire.AuditRow]{Items: []wire.AuditRow{{Action: "apikey.revoke", Target: was, Details: map[string]string{"name": "ci"}}}}
		}
		s.see(s.get(s.org("budgets")), http.StatusOK, want)
	}
	s := usageStage(t, access.Auditor)
	counts := wire.Counts{Requests: 1}
	s.api.answer("GET /organizations/"+stageOrg+"/usage", wire.Usage{Total: counts, Items: []wire.UsageSum{{Key: was, Counts: counts}}})
	s.api.answer("GET /organizations/"+stageOrg+"/audit", wire.Page[wire.AuditRow]{Items: []wire.AuditRow{{Action: "apikey.revoke", Target: was, Details: map[string]string{"name": "ci"}}}})
	s.see(s.get(s.org("usage")+"?by=key"), http.StatusOK, "<bdi>ci (revoked)</bdi>", was)
}
