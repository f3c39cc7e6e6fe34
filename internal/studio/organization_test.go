package studio

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

func members(people ...wire.Person) wire.Page[wire.Person] {
	return wire.Page[wire.Person]{Items: people}
}

func grace() wire.Person {
	return wire.Person{ID: "usr_1", Login: "grace", Name: "Grace", Roles: []wire.Membership{{Organization: stageOrg, Role: "developer"}}}
}

func TestTheOrganizationsPageShowsItsIDAndItsPeople(t *testing.T) {
	s := newStage(t, access.Owner)
	s.api.answer("GET /organizations/"+stageOrg+"/members", members(grace()))
	s.see(s.get(s.org("organization")+"?search=gra"), http.StatusOK, `<code id="org-id">`+stageOrg, `data-copy="#org-id"`, "Grace", "developer", `value="gra"`)
	if q := s.api.asked[len(s.api.asked)-1].Query; !strings.Contains(q, "search=gra") {
		t.Errorf("the search is not asked for: %s", q)
	}
}

func TestWhatCannotBeDoneIsNotOffered(t *testing.T) {
	s := newStage(t, access.Developer)
	w := s.get(s.org("organization"))
	s.see(w, http.StatusOK, "does not show who else is here")
	for _, no := range []string{"Invite", `method="post" action="` + s.org("organization")} {
		if strings.Contains(w.Body.String(), no) {
			t.Errorf("a developer is offered %s", no)
		}
	}
	s.see(s.get(s.org("organization", "invite")), http.StatusForbidden, "Your role does not allow this in the organization acme", "member.write")
}

func TestARefusedChangeKeepsWhatWasTypedAndMarksTheField(t *testing.T) {
	s := newStage(t, access.Operator)
	s.api.answer("GET /organizations/"+stageOrg+"/members", members())
	s.api.refuse("PATCH /organizations/"+stageOrg, wire.Problem{
		Status: http.StatusConflict, Kind: "invalid", Code: "name_taken", Detail: "another organization has the name", Errors: []wire.FieldError{{Location: "body.name", Message: "another organization has the name"}},
	})
	w := s.post(s.org("organization"), url.Values{"version": {"1"}, "name": {"taken"}, "description": {"typed"}, "plain_users": {"on"}})
	s.see(w, http.StatusUnprocessableEntity, `value="taken"`, "typed</textarea>", `id="field-name-fault">Another organization has the name.`, `aria-describedby="field-name-hint field-name-fault"`, "checked")
}

func TestOnlyOperatorsAreOfferedAnotherNameForTheOrganization(t *testing.T) {
	for role, offered := range map[access.Role]bool{access.Operator: true, access.Owner: false} {
		s := newStage(t, role)
		s.api.answer("GET /organizations/"+stageOrg+"/members", members())
		w := s.get(s.org("organization"))
		s.see(w, http.StatusOK, `name="description"`)
		if got := strings.Contains(w.Body.String(), `name="name"`); got != offered {
			t.Errorf("%s: %t", role, got)
		}
	}
}

func TestAChangedOrganizationSaysSoOnce(t *testing.T) {
	s := newStage(t, access.Owner)
	s.api.answer("PATCH /organizations/"+stageOrg, wire.Organization{ID: stageOrg})
	w := s.post(s.org("organization"), url.Values{"version": {"1"}, "name": {"acme"}, "description": {"new\r\nlines"}})
	if want := `{"description":"new\nlines"}`; s.api.changes()[0].Body != want {
		t.Errorf("asked for %s, want %s", s.api.changes()[0].Body, want)
	}
	notice := noticeCookieOf(w)
	if notice == nil || !notice.HttpOnly {
		t.Fatal("no notice is left")
	}
	s.api.answer("GET /organizations/"+stageOrg+"/members", members())
	again := s.get(w.Header().Get("Location"), "Cookie", sessionCookie+"=token-1; "+noticeCookie+"="+notice.Value)
	s.see(again, http.StatusOK, `role="status"><p>The organization is changed.`)
	for _, c := range again.Result().Cookies() {
		if c.Name == noticeCookie && c.MaxAge < 0 {
			return
		}
	}
	t.Error("the notice would be shown again")
}

func TestAnOrganizationThatSomebodyElseChangedMeanwhileKeepsTheirChange(t *testing.T) {
	s := newStage(t, access.Owner)
	s.api.answer("GET /organizations/"+stageOrg+"/members", members())
	s.see(s.get(s.org("organization")), http.StatusOK, `name="version" value="1"`)
	theirs := wire.Organization{ID: stageOrg, Name: "acme", Description: "theirs", Version: 2}
	s.api.answer("GET /organizations/"+stageOrg, theirs)
	mine := url.Values{"version": {"1"}, "name": {"acme"}, "description": {"mine"}}
	s.see(s.post(s.org("organization"), mine), http.StatusUnprocessableEntity, "omeone else changed this", "mine</textarea>", `name="version" value="2"`)
	if len(s.api.changes()) > 0 {
		t.Fatalf("it was saved: %v", s.api.changes())
	}
	s.api.refuse("PATCH /organizations/"+stageOrg, wire.Problem{Status: http.StatusPreconditionFailed, Kind: "invalid", Code: "conflict", Detail: "it has changed"})
	mine.Set("version", "2")
	s.see(s.post(s.org("organization"), mine), http.StatusUnprocessableEntity, "omeone else changed this", "mine</textarea>")

	s.api.answers["PATCH /organizations/"+stageOrg] = func(r *http.Request) (int, any) {
		if got := r.Header.Get("If-Match"); got != `"2"` {
			t.Errorf("asked for the version %s", got)
		}
		return http.StatusOK, theirs
	}
	s.see(s.post(s.org("organization"), mine), http.StatusSeeOther)
}

// noticeCookieOf is the cookie with what the next page says; nil: it says nothing.
func noticeCookieOf(w *httptest.ResponseRecorder) *http.Cookie {
	for _, c := range w.Result().Cookies() {
		if c.Name == noticeCookie {
			return c
		}
	}
	return nil
}

func TestAnInvitationIsShownOnceAndNotKept(t *testing.T) {
	s := newStage(t, access.Owner)
	s.see(s.get(s.org("organization", "invite")), http.StatusOK, `value="developer" checked`, `value="owner"`)
	s.api.answer("POST /organizations/"+stageOrg+"/members/links", wire.Link{URL: "https://adit.example.com/studio/link?token=tok", Login: "grace", Expires: stageNow().Add(10 * time.Minute)})
	w := s.post(s.org("organization", "invite"), url.Values{"login": {"grace"}, "role": {"auditor"}})
	s.see(w, http.StatusOK, "token=tok", "in 10 minutes", "cannot be shown again")
	if want := `{"login":"grace","role":"auditor"}`; s.api.changes()[0].Body != want {
		t.Errorf("asked for %s", s.api.changes()[0].Body)
	}
	for _, c := range w.Result().Cookies() {
		if c.Name != placeCookie {
			t.Errorf("a cookie beside the link: %v", c)
		}
	}
}

func TestRolesAreOfferedThatThePersonMayGive(t *testing.T) {
	s := newStage(t, access.Owner)
	s.api.answer("GET /organizations/"+stageOrg+"/members/usr_1", grace())
	page := s.get(s.org("organization", "members", "usr_1"))
	s.see(page, http.StatusOK, `value="developer" checked`, `value="admin"`)
	if strings.Contains(page.Body.String(), `value="operator"`) {
		t.Error("an owner is offered to make operators")
	}
	s.api.answer("PATCH /organizations/"+stageOrg+"/members/usr_1", grace())
	if w := s.post(s.org("organization", "members", "usr_1", "role"), url.Values{"role": {"admin"}}); w.Code != http.StatusSeeOther {
		t.Errorf("%d", w.Code)
	}
}

func TestARoleOfTheProviderIsNotChangedHere(t *testing.T) {
	s := newStage(t, access.Owner)
	p := grace()
	p.Login, p.Issuer, p.Subject = "", "https://login.example.com", "7"
	s.api.answer("GET /organizations/"+stageOrg+"/members/usr_1", p)
	w := s.get(s.org("organization", "members", "usr_1"))
	s.see(w, http.StatusOK, "comes from the identity provider")
	if strings.Contains(w.Body.String(), `type="radio"`) {
		t.Error("a role is offered")
	}
	s.see(s.get(s.org("organization", "members", "usr_9")), http.StatusNotFound, "Nobody of that id")
}

func TestRemovingSomebodySaysWhatBecomesOfThem(t *testing.T) {
	s := newStage(t, access.Owner)
	s.api.answer("GET /organizations/"+stageOrg+"/members/usr_1", grace())
	s.see(s.get(s.org("organization", "members", "usr_1", "remove")), http.StatusOK, "Grace will no longer be developer of acme", "Rotate keys that they know")
	s.api.answer("DELETE /organizations/"+stageOrg+"/members/usr_1", nil)
	s.post(s.org("organization", "members", "usr_1", "remove"), nil)
	s.api.answer("POST /organizations/"+stageOrg+"/members/usr_1/sign-out", nil)
	s.post(s.org("organization", "members", "usr_1", "sign-out"), nil)
	if c := s.api.changes(); len(c) != 2 || c[0].Method != http.MethodDelete || c[1].By != stageUser {
		t.Errorf("changes: %v", c)
	}
}

func TestOnlyWhoSeesAllRolesOfAPersonIsToldThatTheirAccountGoes(t *testing.T) {
	inBoth := grace()
	inBoth.Roles = append(inBoth.Roles, wire.Membership{Organization: "org_other", Role: "admin"})
	for _, viewer := range []struct {
		role  access.Role
		shown wire.Person // as the API shows her: to an owner without her role elsewhere
		want  string
	}{
		{access.Owner, grace(), "If it is their last role on this server, their account is deleted"},
		{access.Operator, inBoth, ""},
		{access.Operator, grace(), "This is their last role: their account is deleted"},
	} {
		s := newStage(t, viewer.role)
		s.api.answer("GET /organizations/"+stageOrg+"/members/usr_1", viewer.shown)
		w := s.get(s.org("organization", "members", "usr_1", "remove"))
		s.see(w, http.StatusOK, viewer.want)
		if strings.Contains(w.Body.String(), "is deleted") != (viewer.want != "") || strings.Contains(w.Body.String(), "This is their last role") != strings.HasPrefix(viewer.want, "This") {
			t.Errorf("%s sees of somebody with %d roles: %s", viewer.role, len(viewer.shown.Roles), w.Body)
		}
	}
}
