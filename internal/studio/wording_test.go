package studio

import (
	"net/http"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

func TestPeoplesPagesUseTheWordsOfOtherConsoles(t *testing.T) {
	s := newStage(t, access.Operator)
	s.people.Person.Login = "ada"
	s.api.answer("GET /organizations", wire.Page[wire.Organization]{Items: []wire.Organization{{ID: stageOrg, Name: "acme", Created: stageNow()}}})
	s.api.answer("GET /organizations/"+stageOrg+"/members", members(grace()))
	s.api.answer("GET /operator/people", members(linus()))
	s.api.answer("GET /operator/links", wire.Page[wire.PendingLink]{})
	for path, want := range map[string][]string{
		s.org("organization"):                           {"Created", "Invite member"},
		"/studio/operators":                             {"Invite operator"},
		"/studio/organizations":                         {"Created"},
		"/studio/organizations/" + stageOrg + "/delete": {"deleted permanently"},
		"/studio/account":                               {"Started", "Confirm password"},
	} {
		w := s.get(path)
		s.see(w, http.StatusOK, want...)
		for _, old := range []string{">Made<", "Begun", "Known from", "somebody<", "once more", "for ever"} {
			if strings.Contains(w.Body.String(), old) {
				t.Errorf("%s still says %q", path, old)
			}
		}
	}
}
