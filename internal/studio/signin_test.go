package studio

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signin"
)

// The sign-in room's registry is what the pages ask.
var _ People = (*signin.Registry)(nil)

func TestWhoIsNotSignedInSignsInAndComesBack(t *testing.T) {
	s := newStage(t, access.Owner)
	s.token = ""
	w := s.get(s.org("organization") + "?search=a&sort=-name")
	to := w.Header().Get("Location")
	if want := "/studio/sign-in?return=" + url.QueryEscape(s.org("organization")+"?search=a&sort=-name"); w.Code != http.StatusSeeOther || to != want {
		t.Fatalf("%d to %q, want %q", w.Code, to, want)
	}
	s.see(s.get(to), http.StatusOK, `value="`+s.org("organization")+`?search=a&amp;sort=-name"`, "Continue with Acme")
	w = s.post("/studio/sign-in/password", url.Values{"login": {"ada"}, "password": {"correct horse"}, "return": {s.org("organization") + "?search=a"}})
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != s.org("organization")+"?search=a" {
		t.Errorf("after signing in: %d to %q", w.Code, to)
	}
}

func TestAWrongPasswordKeepsTheNameAndSaysNoMore(t *testing.T) {
	s := newStage(t, access.Owner)
	s.token = ""
	w := s.post("/studio/sign-in/password", url.Values{"login": {"ada<b>"}, "password": {"a guess of mine"}})
	s.see(w, http.StatusUnauthorized, "name or the password is wrong", `value="ada&lt;b&gt;"`)
	if strings.Contains(w.Body.String(), "a guess") {
		t.Error("the password comes back in the page")
	}
	s.people.fail = fault.New(fault.Throttled, "too many failed sign-ins").WithCode("locked").WithRemedy("Wait five minutes.")
	s.see(s.post("/studio/sign-in/password", url.Values{"login": {"ada"}}), http.StatusTooManyRequests, "Too many failed sign-ins", "Wait five minutes.")
}

func TestSigningInAgainEndsTheFormerSession(t *testing.T) {
	s := newStage(t, access.Owner)
	s.post("/studio/sign-in/password", url.Values{"login": {"ada"}, "password": {"correct horse"}})
	if !slices.Contains(s.people.did, "sign-out") {
		t.Errorf("the former session lives on: %v", s.people.did)
	}
}

func TestAnOIDCSignInIsBegunByALinkAndFinishedByTheBrowserThatBegan(t *testing.T) {
	s := newStage(t, access.Owner)
	s.token = ""
	w := s.get("/studio/sign-in/oidc?return=" + url.QueryEscape(s.org("organization")))
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || !strings.HasPrefix(to, "https://login.example.com/") {
		t.Fatalf("%d to %q", w.Code, to)
	}
	cookie := w.Result().Cookies()[0]
	if cookie.Name != flowCookie || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode {
		t.Fatalf("the flow's cookie is %v", cookie)
	}
	w = s.get("/studio/sign-in/callback?code=c&state=s", "Cookie", cookie.Name+"=flow "+s.org("organization"))
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != s.org("organization") {
		t.Errorf("after the provider: %d to %q", w.Code, to)
	}
	s.people.fail = fault.New(fault.Forbidden, "nobody of your groups may sign in here").WithCode("sign_in_refused")
	s.see(s.get("/studio/sign-in/callback?code=c&state=s"), http.StatusForbidden, "Nobody of your groups may sign in here")
}

func TestWithoutAProviderThereIsNoLinkToOne(t *testing.T) {
	s := newStage(t, access.Owner, func(st *Settings) { st.ProviderName = "" })
	s.token = ""
	if w := s.get("/studio/sign-in"); strings.Contains(w.Body.String(), "/oidc") {
		t.Error("there is a link to no provider")
	}
	s.see(s.get("/studio/sign-in/oidc"), http.StatusNotFound, "Sign-in with a provider is not set up here")
}

func TestSigningOutForgetsTheCookie(t *testing.T) {
	s := newStage(t, access.Owner)
	w := s.post("/studio/sign-out", nil)
	if w.Code != http.StatusSeeOther || !slices.Equal(s.people.did, []string{"sign-out"}) {
		t.Errorf("%d, did %v", w.Code, s.people.did)
	}
	for _, c := range w.Result().Cookies() {
		if c.Name == sessionCookie && c.MaxAge >= 0 {
			t.Errorf("the cookie stays: %v", c)
		}
	}
}

func TestALinkIsLookedAtWithoutUsingItAndUsedByAForm(t *testing.T) {
	s := newStage(t, access.Owner)
	s.token = ""
	s.see(s.get("/studio/link?token=link-1"), http.StatusOK, "ada", "It works once and expires", `name="token" value="link-1"`)
	if len(s.people.did) > 0 {
		t.Errorf("looking used it: %v", s.people.did)
	}
	w := s.post("/studio/link", url.Values{"token": {"link-1"}, "password": {"a few words"}, "again": {"other words"}})
	s.see(w, http.StatusUnprocessableEntity, "The two passwords are not the same")
	w = s.post("/studio/link", url.Values{"token": {"link-1"}, "password": {"a few words that do"}, "again": {"a few words that do"}})
	if w.Code != http.StatusSeeOther || !slices.Equal(s.people.did, []string{"use-link with a password"}) {
		t.Errorf("%d, did %v", w.Code, s.people.did)
	}
}

func TestALinkThatIsOverSaysHowToGetAnother(t *testing.T) {
	for _, signedIn := range []string{"", "token-1"} {
		s := newStage(t, access.Owner)
		s.token = signedIn
		s.see(s.get("/studio/link?token=gone"), http.StatusNotFound, "links work once", "adit admin link")
		s.see(s.post("/studio/link", url.Values{"token": {"gone"}}), http.StatusNotFound, "links work once")
	}
}

func TestTheAccountPageMarksThisSessionAndEndsOthers(t *testing.T) {
	s := newStage(t, access.Owner)
	s.see(s.get("/studio/account"), http.StatusOK, "this one", "192.0.2.2", "Safari", "owner of")
	s.post("/studio/account/sessions/end", url.Values{"session": {"ses_2"}})
	if want := []string{"end " + stageUser + " ses_2"}; !slices.Equal(s.people.did, want) {
		t.Errorf("did %v, want %v", s.people.did, want)
	}
}

func TestEndingNoSessionEndsNotAllOfThem(t *testing.T) {
	s := newStage(t, access.Owner)
	s.see(s.post("/studio/account/sessions/end", url.Values{"session": {" "}}), http.StatusUnprocessableEntity, "No session is named")
	if len(s.people.did) > 0 {
		t.Errorf("did %v", s.people.did)
	}
	s.post("/studio/account/sessions/end-all", nil)
	if want := []string{"end " + stageUser + " "}; !slices.Equal(s.people.did, want) {
		t.Errorf("did %v, want %v", s.people.did, want)
	}
}

func TestAPasswordIsChangedOnlyWhenTypedTwice(t *testing.T) {
	s := newStage(t, access.Owner)
	s.see(s.post("/studio/account/password", url.Values{"old_password": {"o"}, "new_password": {"a"}, "again": {"b"}}), http.StatusUnprocessableEntity, "not the same")
	s.people.fail = fault.New(fault.Invalid, "the present password is not right").WithParam("old_password")
	s.see(s.post("/studio/account/password", url.Values{"new_password": {"a"}, "again": {"a"}}), http.StatusUnprocessableEntity,
		`id="field-old_password-fault">The present password is not right.`, `aria-invalid="true"`)
	s.people.fail = nil
	w := s.post("/studio/account/password", url.Values{"new_password": {"a"}, "again": {"a"}})
	if last := s.people.did[len(s.people.did)-1]; w.Code != http.StatusSeeOther || last != "set-password from 127.0.0.1" {
		t.Errorf("%d, did %q", w.Code, last)
	}
}

func TestALockedSignInSaysWhenToComeBack(t *testing.T) {
	for wait, want := range map[time.Duration]string{
		30 * time.Second: "30", 30*time.Second + time.Millisecond: "31", time.Millisecond: "1", 0: "",
	} {
		s := newStage(t, access.Owner)
		locked := fault.New(fault.Throttled, "there were too many attempts").WithCode("locked")
		locked.RetryAfter = wait
		s.token, s.people.fail = "", locked
		w := s.post("/studio/sign-in/password", url.Values{"login": {"ada"}, "password": {"x"}})
		s.see(w, http.StatusTooManyRequests, "here were too many attempts")
		if got := w.Header().Get("Retry-After"); got != want {
			t.Errorf("after %v: Retry-After is %q, want %q", wait, got, want)
		}
	}
}

func TestAPageThatIsOutOfReachSaysWhenToComeBackAndARefusedOneDoesNot(t *testing.T) {
	s := newStage(t, access.Owner)
	const keys = "GET /organizations/" + stageOrg + "/keys"
	s.api.refuse(keys, wire.Problem{Status: http.StatusServiceUnavailable, Kind: "unavailable", Detail: "the database is away", RetryAfter: 2})
	w := s.get(s.org("keys"))
	s.see(w, http.StatusServiceUnavailable)
	if got := w.Header().Get("Retry-After"); got != "2" {
		t.Errorf("Retry-After is %q", got)
	}
	s.api.refuse(keys, wire.Problem{Status: http.StatusForbidden, Kind: "forbidden", Detail: "no", RetryAfter: 2})
	if got := s.get(s.org("keys")).Header().Get("Retry-After"); got != "" {
		t.Errorf("Retry-After of what is not allowed is %q", got)
	}
}
