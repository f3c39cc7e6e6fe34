package studio

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/adit-hq/adit/internal/access"
)

func TestAFormThatIsSentAfterTheSessionLeadsBackToItsPageAndSaysThatNothingChanged(t *testing.T) {
	s := newStage(t, access.Owner)
	s.token = ""
	for sent, page := range map[string]string{
		s.org("keys"):                                           s.org("keys", "new"),
		s.org("keys", stageKey, "rotate"):                       s.org("keys", stageKey, "rotate"),
		s.org("environments", "new"):                            s.org("environments", "new"),
		s.org("organization", "members", stageUser, "sign-out"): s.org("organization", "members", stageUser),
		s.org("audit", "verify"):                                s.org("audit"),
		"/studio/organizations":                                 "/studio/organizations/new",
		"/studio/account/password":                              "/studio/account/password",
	} {
		w := s.post(sent, url.Values{"name": {"x"}})
		to := w.Header().Get("Location")
		if want := "/studio/sign-in?return=" + url.QueryEscape(page); w.Code != http.StatusSeeOther || to != want {
			t.Errorf("%s: %d to %q, want %q", sent, w.Code, to, want)
			continue
		}
		if said := saidNext(w); said != "You were signed out; nothing was changed." {
			t.Errorf("%s: the next page says %q", sent, said)
		}
	}
	if len(s.api.changes()) > 0 {
		t.Errorf("something was changed: %v", s.api.changes())
	}
}

// saidNext is what the next page says was done.
func saidNext(w *httptest.ResponseRecorder) string {
	for _, c := range w.Result().Cookies() {
		if c.Name == noticeCookie {
			text, _ := base64.RawURLEncoding.DecodeString(c.Value)
			return string(text)
		}
	}
	return ""
}

func TestSigningOutTwiceIsNoLoss(t *testing.T) {
	s := newStage(t, access.Owner)
	s.token = ""
	w := s.post("/studio/sign-out", nil)
	if to := w.Header().Get("Location"); to != "/studio/sign-in" || len(w.Result().Cookies()) > 0 {
		t.Errorf("to %q with %v", to, w.Result().Cookies())
	}
}
