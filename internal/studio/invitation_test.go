package studio

import (
	"net/http"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/access"
)

func TestALinkIsOfferedToBeTakenBackByWhomItIsNotRefused(t *testing.T) {
	s := newStage(t, access.Owner)
	s.api.answer("GET /organizations/"+stageOrg+"/members", members())
	waiting := pending("ken", stageOrg, "auditor")
	for _, mine := range []bool{true, false} {
		waiting.Items[0].Revocable = mine
		s.api.answer("GET /organizations/"+stageOrg+"/members/links", waiting)
		w := s.get(s.org("organization"))
		s.see(w, http.StatusOK, "Invitations", "ken")
		button, why := strings.Contains(w.Body.String(), "links/ken/revoke"), strings.Contains(w.Body.String(), "An operator can revoke it.")
		if button != mine || why == mine {
			t.Errorf("revocable %v: the button is there %v, the reason %v", mine, button, why)
		}
	}
}
