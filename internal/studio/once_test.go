package studio

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

// onceIn is what tells the form of a page from every other.
func onceIn(t *testing.T, body string) string {
	t.Helper()
	found := regexp.MustCompile(`name="once" value="([A-Z2-7]{26})"`).FindStringSubmatch(body)
	if found == nil {
		t.Fatalf("the form has nothing to tell it by:\n%.3000s", body)
	}
	return found[1]
}

// makeOnce has the control API make a thing once for each idempotency key, as
// it does where the answer has a secret.
func makeOnce(s *visitor, what string, body any) (made func() int) {
	first := map[string]string{} // the bodies of the keys' first requests
	s.api.answers[what] = func(r *http.Request) (int, any) {
		key, sent := r.Header.Get("Idempotency-Key"), s.api.asked[len(s.api.asked)-1].Body
		was, again := first[key]
		switch {
		case strings.Contains(sent, "1970"): // no key ends in the past
			return http.StatusUnprocessableEntity, wire.Problem{
				Status: http.StatusUnprocessableEntity, Kind: "invalid", Detail: "it is past", ErrorID: "req_1", Errors: []wire.FieldError{{Location: "body.expires", Message: "it is past"}},
			}
		case again && was == sent:
			return http.StatusConflict, wire.Problem{Status: http.StatusConflict, Kind: "invalid", Code: "already_done", Detail: "it was only in that answer", ErrorID: "req_1"}
		case again:
			return http.StatusUnprocessableEntity, wire.Problem{Status: http.StatusUnprocessableEntity, Kind: "invalid", Code: "idempotency_mismatch", Detail: "used already", ErrorID: "req_1"}
		}
		first[key] = sent
		return http.StatusCreated, body
	}
	return func() int { return len(first) }
}

func TestLoadingThePageOfASecretAgainMakesNothingNewAndSaysSo(t *testing.T) {
	s := keyStage(t, access.Owner, stageKeyRow())
	key := wire.NewKey{Key: stageKeyRow(), Secret: "adit_x_SECRET_y"}
	link := wire.Link{Login: "bob", URL: "https://adit.example.com/studio/link#SECRET", Expires: stageNow()}
	const org = "POST /organizations/" + stageOrg
	for what, c := range map[string]struct {
		form, to, lost string
		answer         any
		sent           url.Values
	}{
		org + "/keys":                         {s.org("keys", "new"), s.org("keys"), "Rotate the key", key, url.Values{"name": {"search"}, "roles": {"invoke"}}},
		org + "/keys/" + stageKey + "/rotate": {s.org("keys", stageKey, "rotate"), s.org("keys", stageKey, "rotate"), "Rotate the key", key, url.Values{"overlap_seconds": {"3600"}}},
		org + "/members/links":                {s.org("organization", "invite"), s.org("organization", "invite"), "Create a new link", link, url.Values{"login": {"bob"}, "role": {"developer"}}},
	} {
		made := makeOnce(s, what, c.answer)
		c.sent.Set("once", onceIn(t, s.get(c.form).Body.String()))
		s.see(s.post(c.to, c.sent), http.StatusOK, "SECRET")
		again := s.post(c.to, c.sent)
		s.see(again, http.StatusConflict, "This was already created; the secret is shown once.", c.lost+" if you have lost it.")
		if strings.Contains(again.Body.String(), "<form method=\"post\" action=\""+c.to) {
			t.Errorf("%s: the form that was done is offered once more", what)
		}
		c.sent.Set("once", onceIn(t, s.get(c.form).Body.String()))
		s.see(s.post(c.to, c.sent), http.StatusOK, "SECRET")
		if made() != 2 {
			t.Errorf("%s: %d things of two forms", what, made())
		}
	}
}

func TestAFormKeepsItsMarkWhileItMadeNothingAndGetsANewOneAfter(t *testing.T) {
	s := keyStage(t, access.Owner, stageKeyRow())
	made := makeOnce(s, "POST /organizations/"+stageOrg+"/keys", wire.NewKey{Key: stageKeyRow(), Secret: "adit_x_SECRET_y"})
	sent := url.Values{"name": {"search"}, "roles": {"invoke"}, "once": {onceIn(t, s.get(s.org("keys", "new")).Body.String())}}
	typo := url.Values{"name": {"search"}, "roles": {"invoke"}, "expires": {"soon"}, "once": sent["once"]}
	if refused := s.post(s.org("keys"), typo); onceIn(t, refused.Body.String()) != sent.Get("once") {
		t.Error("a form that was refused is another one")
	}
	s.see(s.post(s.org("keys"), sent), http.StatusOK, "SECRET")
	sent.Set("name", "other") // after the browser's Back
	other := s.post(s.org("keys"), sent)
	s.see(other, http.StatusUnprocessableEntity, "was sent before with other values", `value="other"`)
	sent.Set("once", onceIn(t, other.Body.String()))
	s.see(s.post(s.org("keys"), sent), http.StatusOK, "SECRET")
	if made() != 2 {
		t.Errorf("%d keys were made", made())
	}
}

func TestEveryFormThatMakesSomethingCanBeToldFromTheNext(t *testing.T) {
	s := keyStage(t, access.Owner, stageKeyRow())
	var seen []string
	for _, path := range []string{"keys/new", "trusted-issuers/new", "budgets/new", "environments/new", "organization/invite", "keys/new"} {
		mark := onceIn(t, s.get(s.org()+"/"+path).Body.String())
		if slices.Contains(seen, mark) {
			t.Errorf("%s: a mark twice", path)
		}
		seen = append(seen, mark)
	}
	o := newStage(t, access.Operator)
	onceIn(t, o.get("/studio/organizations/new").Body.String())
	o.api.answer("GET /issuer/keys", issuerKeys())
	onceIn(t, o.get("/studio/issuer/rotate").Body.String())
	sent := url.Values{"name": {"search"}, "roles": {"invoke"}, "once": {"x\r\nEvil: 1"}}
	s.api.answer("POST /organizations/"+stageOrg+"/keys", wire.NewKey{Key: stageKeyRow(), Secret: "adit_x_SECRET_y"})
	s.see(s.post(s.org("keys"), sent), http.StatusOK, "SECRET")
}
