package studio

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

const (
	environmentsPath = "/organizations/" + stageOrg + "/environments"
	environmentPath  = environmentsPath + "/" + stageEnv
)

// withEnvironment is a visitor of one environment, in the state that a test wants.
func withEnvironment(t *testing.T, role access.Role, change func(*wire.Environment)) *visitor {
	t.Helper()
	s := newStage(t, role)
	e := prod()
	if change != nil {
		change(&e)
	}
	s.api.answer("GET "+environmentPath, e)
	return s
}

func TestTheListShowsEachEnvironmentWithItsStateRoleAndLastExchange(t *testing.T) {
	s := newStage(t, access.Owner)
	ready, failing, waiting := prod(), prod(), prod()
	at := stageNow().Add(-3 * time.Hour)
	ready.Activity = &wire.Activity{Exchanged: &at, Outcome: "ok"}
	failing.ID, failing.Name, failing.State = "env_2", "staging", "failing"
	failing.Activity = &wire.Activity{Exchanged: &at, Outcome: "AccessDenied"}
	waiting.ID, waiting.Name, waiting.State, waiting.RoleARN = "env_3", "new", "pending", ""
	s.api.answer("GET "+environmentsPath, wire.Page[wire.Environment]{Items: []wire.Environment{ready, failing, waiting}, Next: "c2"})
	w := s.get(s.org("environments") + "?search=p&state=ready&region=eu-central-1&sort=-name")
	s.see(w, http.StatusOK, `href="`+s.org("environments", stageEnv)+`"`, "adit-prod", "account 111122223333", "3 hours ago", "AccessDenied",
		"Waiting for a role", s.org("environments", "env_3", "setup"), "cursor=c2", `aria-sort="descending"`, "New environment")
	asked := s.api.asked[len(s.api.asked)-1]
	if want := "limit=50&region=eu-central-1&search=p&sort=-name&state=ready"; asked.Query != want {
		t.Errorf("asked for %s, want %s", asked.Query, want)
	}
}

func TestAnEmptyListTeachesAndASearchThatFindsNothingSaysSo(t *testing.T) {
	s := newStage(t, access.Owner)
	s.api.answer("GET "+environmentsPath, wire.Page[wire.Environment]{Items: []wire.Environment{}})
	s.see(s.get(s.org("environments")), http.StatusOK, "Use Bedrock without AWS keys", s.org("environments", "new"))
	s.see(s.get(s.org("environments")+"?search=nothing"), http.StatusOK, "No matching environments", "Clear filters")
}

func TestWhoMayOnlyReadIsOfferedNoChange(t *testing.T) {
	s := withEnvironment(t, access.Auditor, nil)
	s.api.answer("GET "+environmentsPath, wire.Page[wire.Environment]{Items: []wire.Environment{}})
	for _, path := range []string{s.org("environments"), s.org("environments", stageEnv)} {
		w := s.get(path)
		s.see(w, http.StatusOK)
		for _, not := range []string{"New environment", "/edit", "/delete", "/diagnosis"} {
			if strings.Contains(w.Body.String(), not) {
				t.Errorf("%s offers %s", path, not)
			}
		}
	}
	s.see(s.post(s.org("environments", stageEnv, "delete"), url.Values{"confirm": {"prod"}}), http.StatusForbidden)
	if did := s.api.changes(); len(did) > 0 {
		t.Errorf("changed: %v", did)
	}
}

func TestANameInTheAddressLeadsToTheIdAndKeepsTheRest(t *testing.T) {
	s := newStage(t, access.Owner)
	s.api.answer("GET "+environmentsPath+"/prod", prod())
	w := s.get(s.org("environments", "prod", "setup") + "?format=terraform")
	if want := s.org("environments", stageEnv, "setup") + "?format=terraform"; w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
		t.Errorf("%d to %q, want %q", w.Code, w.Header().Get("Location"), want)
	}
}

func TestTheEnvironmentsPageAsksAWSForNothing(t *testing.T) {
	s := withEnvironment(t, access.Owner, func(e *wire.Environment) {
		at := stageNow().Add(-time.Minute)
		e.State, e.Why = "failing", "the role's trust policy does not match"
		e.Activity = &wire.Activity{Exchanged: &at, Outcome: "AccessDenied", RequestID: "aws-req-1", Why: "not authorized"}
	})
	w := s.get(s.org("environments", stageEnv))
	s.see(w, http.StatusOK, "Failing", "AccessDenied", "aws-req-1", "trust policy does not match", "/diagnosis",
		`data-load="`+s.org("environments", stageEnv, "models"), prod().Subject, "Edit")
	for _, q := range s.api.asked {
		if q.Method != http.MethodGet || strings.Contains(q.Path, "/models") {
			t.Errorf("the page waits for %s %s", q.Method, q.Path)
		}
	}
}

func TestAnUnsafeRoleIsExplainedWithThePolicyThatClosesIt(t *testing.T) {
	s := withEnvironment(t, access.Owner, func(e *wire.Environment) { e.State, e.Why = "unsafe", "another organization's subject was let in" })
	s.api.answer("POST "+environmentPath+"/setup", wire.Setup{TrustPolicy: `{"Condition": {"StringEquals": {"adit.example.com:sub": "env"}}}`})
	s.see(s.get(s.org("environments", stageEnv)), http.StatusOK,
		"Restrict the role", "StringEquals", "adit.example.com:sub", "accept the risk", "another organization&#39;s subject")

	s.api.refuse("POST "+environmentPath+"/accept", wire.Problem{Status: 422, Kind: "invalid", Detail: "too short",
		Errors: []wire.FieldError{{Location: "body.reason", Message: "the reason has 10 to 1000 printable characters"}}})
	s.see(s.post(s.org("environments", stageEnv, "accept"), url.Values{"reason": {"no"}}), http.StatusUnprocessableEntity, "10 to 1000", "<details open>")

	s.api.answer("POST "+environmentPath+"/accept", prod())
	w := s.post(s.org("environments", stageEnv, "accept"), url.Values{"reason": {"a closed test account"}})
	if did := s.api.changes(); w.Code != http.StatusSeeOther || did[len(did)-1].Body != `{"reason":"a closed test account"}` {
		t.Errorf("%d, %v", w.Code, did)
	}
}

func TestAnUnsafeRoleIsExplainedToWhoMayNotCloseIt(t *testing.T) {
	s := withEnvironment(t, access.Auditor, func(e *wire.Environment) { e.State = "unsafe" })
	w := s.get(s.org("environments", stageEnv))
	s.see(w, http.StatusOK, "Restrict the role", "adit aws setup --environment prod --org acme<")
	if strings.Contains(w.Body.String(), "trust-policy") || len(s.api.changes()) > 0 {
		t.Error("it asks for a policy that this person may not have")
	}
}

func TestARoleThatLetsInTheOrganizationsOtherEnvironmentsIsUsedWithAWarning(t *testing.T) {
	s := withEnvironment(t, access.Owner, func(e *wire.Environment) { e.Why = "the role lets in the organization's other environments" })
	w := s.get(s.org("environments", stageEnv))
	s.see(w, http.StatusOK, "Ready, but too permissive", "Restrict the role", "tokens of other environments of this organization")
	if strings.Contains(w.Body.String(), "accept the risk") {
		t.Error("it asks to accept what is no risk to others")
	}
}

func TestAnEnvironmentStandsOnHomeAsInTheListAndOnItsPage(t *testing.T) {
	accepted := func(e *wire.Environment) {
		e.State, e.Accepted = "unsafe", &wire.Acceptance{RoleARN: e.RoleARN, Reason: "It is known."}
	}
	for want, change := range map[string]func(*wire.Environment){
		`info">Waiting for a role`:        waiting,
		`info">Role not checked`:          func(e *wire.Environment) { e.State = "pending" },
		`warn">Ready, but too permissive`: func(e *wire.Environment) { e.Why = "it lets others in" },
		`warn">Unsafe, risk accepted`:     accepted,
		`bad">Failing`:                    func(e *wire.Environment) { e.State = "failing" },
	} {
		s := withEnvironment(t, access.Owner, change)
		e := prod()
		change(&e)
		s.api.answer("GET "+environmentsPath, wire.Page[wire.Environment]{Items: []wire.Environment{e}})
		s.api.answer("GET /organizations/"+stageOrg+"/overview", wire.Overview{Environments: map[string]int{e.State: 1}})
		s.see(s.get(s.org()), http.StatusOK, `<span class="state `+want+"</span>")
		s.see(s.get(s.org("environments")), http.StatusOK, `<span class="state `+want+"</span>")
		_, title, _ := strings.Cut(want, ">")
		s.see(s.get(s.org("environments", stageEnv)), http.StatusOK, `<p class="said">`+title)
	}
}

func TestEnvironmentsInSetupAreCountedAndFilteredByOneWord(t *testing.T) {
	s := withEnvironment(t, access.Owner, waiting)
	s.api.answer("GET "+environmentsPath, wire.Page[wire.Environment]{Items: []wire.Environment{prod()}})
	s.api.answer("GET /organizations/"+stageOrg+"/overview", wire.Overview{Environments: map[string]int{"pending": 2, "ready": 1}})
	s.see(s.get(s.org()), http.StatusOK, `<span class="state info">2 in setup</span>`, `<span class="state good">1 ready</span>`)
	s.see(s.get(s.org("environments")+"?state=pending"), http.StatusOK, `<option value="pending" selected>In setup (no role, or not checked)</option>`)
}
