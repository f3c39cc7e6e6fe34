package studio

import (
	"net/http"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

func TestAnEmptyListOffersOnlyWhatOneMayDo(t *testing.T) {
	for page, c := range map[string]struct{ list, taught, offer string }{
		"trusted-issuers": {"/trusted-issuers", "Call Adit without API keys", "trusted-issuers/new"},
		"keys":            {"/keys", "No API keys yet", "keys/new"},
		"budgets":         {"/budgets", "No budgets yet", "budgets/new"},
		"models":          {"/models", "No models yet", "environments/new"},
		"environments":    {"/environments", "Use Bedrock without AWS keys", "environments/new"},
	} {
		for role, offered := range map[access.Role]bool{access.Owner: true, access.Auditor: false} {
			s := newStage(t, role)
			s.api.answer("GET /organizations/"+stageOrg+c.list, wire.Page[any]{Items: []any{}})
			w := s.get(s.org(page))
			s.see(w, http.StatusOK, c.taught)
			if strings.Contains(w.Body.String(), s.org()+"/"+c.offer+`"`) != offered {
				t.Errorf("%s: %s is offered: %v", page, role, !offered)
			}
		}
	}
}

func TestAnAccountWithoutModelsIsSetUpByWhoMay(t *testing.T) {
	for role, offered := range map[access.Role]bool{access.Owner: true, access.Auditor: false} {
		s := withEnvironment(t, role, waiting)
		s.api.answer("GET "+environmentPath+"/models", wire.Models{})
		w := s.get(s.org("environments", stageEnv, "models"), fragmentHeader, "1")
		s.see(w, http.StatusOK, "No models yet")
		if strings.Contains(w.Body.String(), "Set up AWS") != offered {
			t.Errorf("%s is offered the setup: %v", role, !offered)
		}
	}
}
