package studio

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

func TestOperatorsSeeSearchAndMakeOrganizations(t *testing.T) {
	s := newStage(t, access.Operator)
	s.api.answer("GET /organizations", wire.Page[wire.Organization]{Items: []wire.Organization{{ID: stageOrg, Name: "acme"}}, Next: "c2"})
	s.see(s.get("/studio/organizations?search=ac"), http.StatusOK, "acme", "/studio/organizations?cursor=c2&amp;search=ac", "Next page")
	s.api.answer("POST /organizations", wire.Organization{ID: otherOrg, Name: "beta"})
	w := s.post("/studio/organizations", url.Values{"name": {"beta"}})
	if to := w.Header().Get("Location"); to != "/studio/o/"+otherOrg {
		t.Errorf("%d to %q", w.Code, to)
	}
}

func TestDeletingAnOrganizationSaysWhatBreaksAndAsksForItsName(t *testing.T) {
	s := newStage(t, access.Operator)
	org := wire.Organization{ID: stageOrg, Name: "acme"}
	s.api.answer("GET /organizations/"+stageOrg+"/overview", wire.Overview{
		Organization: org, Environments: map[string]int{"ready": 2, "pending": 1}, Keys: 4, Trusted: 1, Total: wire.Counts{Requests: 12},
	})
	path := "/studio/organizations/" + stageOrg + "/delete"
	s.see(s.get(path), http.StatusOK, "3 environments", "4 API keys and 1 trusted issuer", "12 requests in the last 24 hours", "never given again", `name="force"`)
	s.see(s.post(path, url.Values{"confirm": {"beta"}, "force": {"on"}}), http.StatusUnprocessableEntity, "That is not the name")
	if len(s.api.changes()) > 0 {
		t.Fatalf("deleted by the wrong name: %v", s.api.changes())
	}
	s.api.answer("DELETE /organizations/"+stageOrg, nil)
	w := s.post(path, url.Values{"confirm": {"acme"}, "force": {"on"}})
	if c := s.api.changes(); w.Code != http.StatusSeeOther || len(c) != 1 || c[0].Query != "force=true" {
		t.Errorf("%d, %v", w.Code, s.api.changes())
	}
	s.api.refuse("DELETE /organizations/"+stageOrg, wire.Problem{Status: 409, Kind: "invalid", Code: "in_use", Detail: "the organization acme is still in use by: prod"})
	s.see(s.post(path, url.Values{"confirm": {"acme"}}), http.StatusUnprocessableEntity, "still in use by: prod", `value="acme"`)
}
