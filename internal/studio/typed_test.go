package studio

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

func TestWhatWasTypedStandsInItsFieldAsItWasSent(t *testing.T) {
	s, f := bench(t, access.Developer)
	const text = "<b>\u202Egpj.exe\u2066 & \"x\" \u007e \u0001 &amp;</textarea>"
	w := s.post(s.org("playground"), url.Values{"model": {titan}, "texts": {text}})
	s.see(w, http.StatusOK, `id="result"`)
	field := regexp.MustCompile(`(?s)<textarea[^>]*>\n(.*?)</textarea>`).FindStringSubmatch(w.Body.String())
	if field == nil || html.UnescapeString(field[1]) != text || f.got[0] != text {
		t.Errorf("sent %q, got back %q", text, field)
	}
	if strings.ContainsAny(w.Body.String(), "\u202E\u2066\u0001") {
		t.Error("the page itself can be turned about")
	}
	k := keyStage(t, access.Owner, stageKeyRow())
	k.api.refuse("POST /organizations/"+stageOrg+"/keys", wire.Problem{
		Status: http.StatusUnprocessableEntity, Kind: "invalid", Detail: "it is past", Errors: []wire.FieldError{{Location: "body.expires", Message: "it is past"}},
	})
	w = k.post(k.org("keys"), url.Values{"name": {"a\u202Eb\"'"}, "expires": {"soon"}})
	k.see(w, http.StatusUnprocessableEntity, `value="a&#x202e;b&#34;&#39;"`)
	k.see(k.get(k.org("keys")+"?search="+url.QueryEscape("a\u202E\"")), http.StatusOK, `value="a&#x202e;&#34;"`)
}
