package studio

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

// againLink leads to the AWS step where there is a role already.
const againLink = `/setup?again=1#aws"`

func TestTheAWSStepCanBeDoneAgainWhenThereIsARole(t *testing.T) {
	for state, then := range map[string]string{"pending": "Check the role", "failing": "Check the role", "ready": "Choose models"} {
		s := withEnvironment(t, access.Admin, func(e *wire.Environment) { e.State = state })
		s.api.answer("POST "+environmentPath+"/setup", wire.Setup{Document: "resource aws_iam_role\n# --role-arn arn:aws:iam::111122223333:role/adit-prod"})
		w := s.get(s.org("environments", stageEnv, "setup"))
		s.see(w, http.StatusOK, againLink, then)
		if strings.Contains(w.Body.String(), "Other ways") {
			t.Errorf("%s: the AWS step is drawn though nobody asked", state)
		}
		w = s.get(s.org("environments", stageEnv, "setup") + "?again=1&format=terraform")
		s.see(w, http.StatusOK, "Run one command", "resource aws_iam_role", "Save and check", then, "account 111122223333", `value="arn:aws:iam::111122223333:role/adit-prod"`, "again=1&amp;format=console")
		if did := s.api.changes(); did[len(did)-1].Body != `{"format":"terraform","options":{"account":"111122223333"}}` {
			t.Errorf("asked for %s", did[len(did)-1].Body)
		}
		for _, not := range []string{"data-start", `name="account"`, "was=aws", againLink} {
			if strings.Contains(w.Body.String(), not) {
				t.Errorf("%s: while it is done again there is %s", state, not)
			}
		}
	}
	s := withEnvironment(t, access.Admin, nil)
	s.see(s.get(s.org("environments", stageEnv, "edit")), http.StatusOK, "After turning this on, save", againLink)
	for _, role := range []access.Role{access.Developer, access.Auditor} {
		s := withEnvironment(t, role, func(e *wire.Environment) { e.State = "failing" })
		if w := s.get(s.org("environments", stageEnv, "setup") + "?again=1"); strings.Contains(w.Body.String(), "again=1") || strings.Contains(w.Body.String(), "Other ways") {
			t.Errorf("%s is offered the AWS step", role)
		}
	}
}

func TestAnotherRoleThatIsRefusedStaysInItsForm(t *testing.T) {
	s := withEnvironment(t, access.Admin, func(e *wire.Environment) { e.State = "failing" })
	s.api.answer("POST "+environmentPath+"/setup", wire.Setup{})
	s.api.refuse("PATCH "+environmentPath, wire.Problem{Status: 422, Kind: "invalid", Detail: "the role ARN is none", Errors: []wire.FieldError{{Location: "body.role_arn", Message: "the role ARN is none"}}})
	w := s.post(s.org("environments", stageEnv, "setup", "role"), url.Values{"role_arn": {"arn:aws:iam::1:role/x"}})
	s.see(w, http.StatusUnprocessableEntity, `value="arn:aws:iam::1:role/x"`, `aria-invalid="true"`)
	w = s.get(s.org("environments", stageEnv, "setup", "role") + "?again=1&format=terraform") // a tab of the page that came
	if to := w.Header().Get("Location"); to != s.org("environments", stageEnv, "setup")+"?again=1&format=terraform" {
		t.Errorf("leads to %s", to)
	}
}

func TestTheNoticeOfAFailingRoleLeadsToNoPageThatIsShown(t *testing.T) {
	s := withEnvironment(t, access.Admin, func(e *wire.Environment) { e.State = "failing" })
	s.see(s.get(s.org("environments", stageEnv)), http.StatusOK, "check the role again")
	if w := s.get(s.org("environments", stageEnv, "setup")); strings.Contains(w.Body.String(), "check the role again") {
		t.Error("the page of the check leads to the check")
	}
}
