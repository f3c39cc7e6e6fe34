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

func linus() wire.Person {
	return wire.Person{ID: "usr_7", Login: "linus", Name: "Linus", Version: 4, Roles: []wire.Membership{{Role: "operator"}}}
}

func pending(login, organization, role string) wire.Page[wire.PendingLink] {
	return wire.Page[wire.PendingLink]{Items: []wire.PendingLink{{
		Login: login, Roles: []wire.Membership{{Organization: organization, Role: role}}, MadeBy: wire.LinkMaker{ID: "usr_1", Name: "Grace"},
		Created: stageNow().Add(-time.Minute), Expires: stageNow().Add(9 * time.Minute), Revocable: true,
	}}}
}

// operatorStage is a server with Linus as another operator, and a link for Ken.
func operatorStage(t *testing.T) *visitor {
	s := newStage(t, access.Operator)
	s.api.answer("GET /operator/people", members(linus()))
	s.api.answer("GET /operator/people/usr_7", linus())
	s.api.answer("GET /operator/links", pending("ken", "", "operator"))
	return s
}

func TestOperatorsAreListedSearchedAndShown(t *testing.T) {
	s := operatorStage(t)
	s.see(s.get("/studio/operators?search=li"), http.StatusOK, "Linus", `href="/studio/operators/members/usr_7"`, `value="li"`, "ken", "Grace", "in 9 minutes",
		`action="/studio/operators/links/ken/revoke"`, `href="/studio/operators/invite"`)
	if q := s.api.asked[len(s.api.asked)-1].Query; !strings.Contains(q, "search=li") {
		t.Errorf("the search is not asked for: %s", q)
	}
	page := s.get("/studio/operators/members/usr_7")
	s.see(page, http.StatusOK, "Linus", "runs the whole server", `action="/studio/operators/members/usr_7/sign-out"`, `href="/studio/operators/members/usr_7/remove"`)
	if strings.Contains(page.Body.String(), `type="radio"`) {
		t.Error("an operator is offered another role")
	}
	s.see(s.get("/studio/operators/members/usr_8"), http.StatusNotFound, "Nobody of that id has a role on this server")
}

func TestAnOperatorInvitesOperatorsAndIsShownTheLinkOnce(t *testing.T) {
	s := operatorStage(t)
	s.api.answer("POST /operator/links", wire.Link{URL: "https://adit.example.com/studio/link?token=op", Login: "linus"})
	form := s.get("/studio/operators/invite")
	s.see(form, http.StatusOK, "acts in every organization", `action="/studio/operators/invite"`)
	if strings.Contains(form.Body.String(), `type="radio"`) {
		t.Error("a role is asked for")
	}
	s.see(s.post("/studio/operators/invite", url.Values{"login": {"linus"}}), http.StatusOK, "token=op", `href="/studio/operators"`)
	if want := `{"login":"linus"}`; s.api.changes()[0].Body != want {
		t.Errorf("asked for %s", s.api.changes()[0].Body)
	}
}

func TestOperatorsAreSignedOutAndRemoved(t *testing.T) {
	s := operatorStage(t)
	s.api.answer("POST /operator/people/usr_7/sign-out", nil)
	if w := s.post("/studio/operators/members/usr_7/sign-out", nil); w.Header().Get("Location") != "/studio/operators/members/usr_7" {
		t.Errorf("%d to %s", w.Code, w.Header().Get("Location"))
	}
	s.see(s.get("/studio/operators/members/usr_7/remove"), http.StatusOK, "Linus will no longer be operator of this server", "their last role", `name="version" value="4"`)
	s.api.refuse("DELETE /operator/people/usr_7", wire.Problem{Status: 409, Kind: "invalid", Code: "in_use", Detail: "the last operator cannot be removed"})
	s.see(s.post("/studio/operators/members/usr_7/remove", nil), http.StatusUnprocessableEntity, "The last operator cannot be removed")
	s.api.answer("DELETE /operator/people/usr_7", nil)
	if w := s.post("/studio/operators/members/usr_7/remove", nil); w.Header().Get("Location") != "/studio/operators" {
		t.Errorf("%d to %s", w.Code, w.Header().Get("Location"))
	}
	s.api.answer("DELETE /operator/people/"+stageUser, nil)
	if w := s.post("/studio/operators/members/"+stageUser+"/remove", nil); w.Header().Get("Location") != "/studio/" {
		t.Errorf("who removed themself is led to a page that they may not see: %s", w.Header().Get("Location"))
	} else if notice := noticeCookieOf(w); notice == nil {
		t.Error("who removed themself is told nothing")
	} else {
		s.see(s.get("/studio/account", "Cookie", sessionCookie+"=token-1; "+noticeCookie+"="+notice.Value), http.StatusOK, "Your role here is gone.")
	}
}

func TestInvitationsAreListedAndTakenBack(t *testing.T) {
	s := newStage(t, access.Owner)
	s.api.answer("GET /organizations/"+stageOrg+"/members", members(grace()))
	s.see(s.get(s.org("organization")), http.StatusOK, "Grace")
	if strings.Contains(s.get(s.org("organization")).Body.String(), "Invitations") {
		t.Error("invitations are shown where there are none")
	}
	s.api.answer("GET /organizations/"+stageOrg+"/members/links", pending("ken", stageOrg, "auditor"))
	action := s.org("organization", "links", "ken", "revoke")
	s.see(s.get(s.org("organization")), http.StatusOK, "Invitations", "ken", "auditor", "in 9 minutes", "new account", `action="`+action+`"`, "Revoke the link of ken")

	path := "DELETE /organizations/" + stageOrg + "/members/links/ken"
	s.api.answer(path, nil)
	if w := s.post(action, nil); w.Code != http.StatusSeeOther || w.Header().Get("Location") != s.org("organization") || len(s.api.changes()) != 1 {
		t.Errorf("%d, %v", w.Code, s.api.changes())
	}
	s.api.refuse(path, wire.Problem{Status: 404, Kind: "not_found", Code: "link_not_found", Detail: "this login has no pending link"})
	if w := s.post(action, nil); w.Code != http.StatusSeeOther { // what was wanted is so
		t.Errorf("one that was used meanwhile: %d", w.Code)
	}
	s.api.refuse(path, wire.Problem{Status: 403, Kind: "forbidden", Code: "role_not_yours", Detail: "you may not take this link back"})
	s.see(s.post(action, nil), http.StatusForbidden, "You may not take this link back")
}

func TestAnAuditorSeesInvitationsAndTakesNoneBack(t *testing.T) {
	s := newStage(t, access.Auditor)
	s.api.answer("GET /organizations/"+stageOrg+"/members", members(grace()))
	s.api.answer("GET /organizations/"+stageOrg+"/members/links", pending("ken", stageOrg, "auditor"))
	w := s.get(s.org("organization"))
	s.see(w, http.StatusOK, "Invitations", "ken")
	if strings.Contains(w.Body.String(), "Revoke") {
		t.Error("an auditor is offered to take it back")
	}
	s.see(s.post(s.org("organization", "links", "ken", "revoke"), nil), http.StatusForbidden, "member.write")
}

func TestAPersonWhomSomebodyElseChangedMeanwhileStaysUntilThatWasSeen(t *testing.T) {
	s := newStage(t, access.Owner)
	p := grace()
	p.Version = 3
	s.api.answer("GET /organizations/"+stageOrg+"/members/usr_1", p)
	s.see(s.get(s.org("organization", "members", "usr_1")), http.StatusOK, `name="version" value="3"`)
	s.see(s.get(s.org("organization", "members", "usr_1", "remove")), http.StatusOK, `name="version" value="3"`)
	seen := map[string]string{}
	for _, method := range []string{http.MethodPatch, http.MethodDelete} {
		s.api.answers[method+" /organizations/"+stageOrg+"/members/usr_1"] = func(r *http.Request) (int, any) {
			seen[method] = r.Header.Get("If-Match")
			return http.StatusPreconditionFailed, wire.Problem{Status: 412, Kind: "invalid", Code: "conflict", Detail: "the person was changed meanwhile", ErrorID: "req_1"}
		}
	}
	s.see(s.post(s.org("organization", "members", "usr_1", "role"), url.Values{"role": {"admin"}, "version": {"2"}}), http.StatusUnprocessableEntity,
		"Somebody else changed this person", `name="version" value="3"`)
	s.see(s.post(s.org("organization", "members", "usr_1", "remove"), url.Values{"version": {"2"}}), http.StatusUnprocessableEntity,
		"Somebody else changed this person", `name="version" value="3"`)
	if seen["PATCH"] != `"2"` || seen["DELETE"] != `"2"` {
		t.Errorf("asked for %v", seen)
	}
}
