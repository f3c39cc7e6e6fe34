package studio

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// visitOf is a visit that a test has an answer sent to.
func visitOf(t *testing.T, header ...string) (*visit, *httptest.ResponseRecorder) {
	t.Helper()
	settings, err := Settings{People: newFakePeople(access.Owner), Client: newFakeAPI(t).client, Now: stageNow}.check()
	if err != nil {
		t.Fatal(err)
	}
	look, err := newLook(stageNow)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "http://localhost/studio/x", nil)
	r.RemoteAddr = "127.0.0.1:1"
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	return &visit{studio: &studio{Settings: settings, look: look}, r: r, w: w}, w
}

func TestThePartOfAPageIsAPageOfItsOwnWithoutScript(t *testing.T) {
	p := page{template: "choose", title: "A part"}
	v, whole := visitOf(t)
	if err := p.send(v); err != nil {
		t.Fatal(err)
	}
	v, part := visitOf(t, fragmentHeader, "1")
	if err := p.send(v); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(whole.Body.String(), part.Body.String()) || !strings.Contains(whole.Body.String(), "<h1>") || strings.Contains(part.Body.String(), "<h1>") {
		t.Errorf("whole:\n%s\npart:\n%s", whole.Body, part.Body)
	}
}

func TestAStreamSendsEachPieceAtOnceAndTellsWhatBrokeIt(t *testing.T) {
	for _, header := range [][]string{nil, {fragmentHeader, "1"}} {
		v, w := visitOf(t, header...)
		s := stream{page: page{title: "Diagnosis", plain: true}, list: "steps", steps: func(send func(string, any) error) error {
			if err := send("stream-fault", &problem{Message: "first <!--piece-->"}); err != nil {
				return err
			}
			if !w.Flushed || !strings.Contains(w.Body.String(), "first") {
				t.Error("the first piece waits")
			}
			return fault.New(fault.Refused, "AWS said no").WithRemedy("Ask again.")
		}}
		if err := s.send(v); err != nil {
			t.Fatal(err)
		}
		body := w.Body.String()
		if !strings.Contains(body, "AWS said no") || !strings.Contains(body, "Ask again.") {
			t.Errorf("what broke it is not told: %s", body)
		}
		if whole := strings.Contains(body, "</html>"); whole != (header == nil) {
			t.Errorf("%v: whole page = %v", header, whole)
		}
		if pieces := strings.Count(body, pieceEnd); header != nil && pieces != 1 {
			t.Errorf("%d ends of pieces, want the one of the first", pieces)
		}
	}
}

// hurried is a connection that notes until when it would wait.
type hurried struct {
	*httptest.ResponseRecorder
	until time.Time
}

func (h *hurried) SetWriteDeadline(until time.Time) error { h.until = until; return nil }

func TestNobodyIsWaitedForForEver(t *testing.T) {
	for name, a := range map[string]answer{
		"a page":   page{template: "choose", title: "A page"},
		"a file":   file{name: "a.csv", media: "text/csv", write: writes("a,b")},
		"a stream": stream{steps: func(send func(string, any) error) error { return send("stream-fault", &problem{Message: "one"}) }},
	} {
		v, w := visitOf(t, fragmentHeader, "1")
		h := &hurried{ResponseRecorder: w}
		v.w = h
		if err := a.send(v); err != nil {
			t.Fatal(err)
		}
		if left := time.Until(h.until); left <= 0 || left > patience {
			t.Errorf("%s: %v are waited", name, left)
		}
	}
}

func TestOurOwnMistakesHaveAnIDAndSayNothingElse(t *testing.T) {
	v, w := visitOf(t)
	if err := v.wrong(errors.New("disk /secret/path is full")).send(v); err != nil {
		t.Fatal(err)
	}
	body := w.Body.String()
	if w.Code != http.StatusInternalServerError || strings.Contains(body, "secret") || !strings.Contains(body, "Error id <code>req_") {
		t.Errorf("%d %s", w.Code, body)
	}
}

func TestAFaultShowsWhatAWSSaidAndDetailsForAdministrators(t *testing.T) {
	s := newStage(t, access.Operator)
	s.api.refuse("GET /organizations/"+stageOrg+"/overview", wire.Problem{
		Status: http.StatusBadGateway, Kind: "refused", Detail: "AWS STS rejected the token", Remedy: "Mend the policy.", Explanation: "sub env:a:b",
		AWS: &wire.AWSError{Code: "AccessDenied", RequestID: "r-1"},
	})
	s.see(s.get(s.org()), http.StatusBadGateway, "AWS STS rejected the token.", "Mend the policy.", "<code>AccessDenied</code>", "<code>r-1</code>", "<summary>Details</summary>", "sub env:a:b", "Error id <code>req_1</code>")
}

func TestAFormThatIsTooLargeIsRefused(t *testing.T) {
	s := newStage(t, access.Operator)
	w := s.post("/studio/organizations", url.Values{"name": {strings.Repeat("x", maxForm)}})
	s.see(w, http.StatusRequestEntityTooLarge, "larger than 4096 KiB")
	if len(s.api.changes()) > 0 {
		t.Error("it was sent on")
	}
}

func TestAFormOfWhoHasNotSignedInIsSmall(t *testing.T) {
	s := newStage(t, access.Operator)
	s.token = ""
	for _, path := range []string{"/studio/sign-in/password", "/studio/link"} {
		s.see(s.post(path, url.Values{"login": {"ada"}, "password": {strings.Repeat("x", maxOpenForm)}}), http.StatusRequestEntityTooLarge, "larger than 16 KiB")
	}
	if len(s.people.did) > 0 {
		t.Errorf("it was sent on: %v", s.people.did)
	}
}

func TestWhoseSessionTheDatabaseCannotTellIsNotSentToSignIn(t *testing.T) {
	s := newStage(t, access.Owner, func(st *Settings) { st.People = deafPeople{st.People} })
	s.see(s.get(s.org()), http.StatusServiceUnavailable, "The database cannot be read")
}

func TestTimesAreToldFromNowWithTheExactOneBehind(t *testing.T) {
	for ago, want := range map[time.Duration]string{
		0: "just now", -30 * time.Second: "in a moment", time.Minute: "1 minute ago", 59 * time.Minute: "59 minutes ago", time.Hour: "1 hour ago", 2 * time.Hour: "2 hours ago",
		47 * time.Hour: "2 days ago", -72 * time.Hour: "in 3 days", 70 * 24 * time.Hour: "2 months ago", 900 * 24 * time.Hour: "2 years ago",
	} {
		if got := relative(stageNow().Add(-ago), stageNow()); got != want {
			t.Errorf("%v: %q, want %q", ago, got, want)
		}
	}
	if got := string(moment(stageNow(), stageNow(), "ago")); got != `<time datetime="2026-11-22T12:00:00Z" title="22 November 2026, 12:00:00 UTC" data-ago>just now</time>` {
		t.Error(got)
	}
	var never *time.Time
	if got := string(moment(never, stageNow(), "ago")); !strings.Contains(got, "never") {
		t.Error(got)
	}
}

func TestNumbersHaveTheirThousandsApart(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "−1,234,567"} {
		if got := thousands(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{9999: "9,999", 12345: "12.3k", 1_000_000: "1M", 2_500_000_000: "2.5B"} {
		if got := short(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestAssetsAreKeptForEverUnderTheirHashOnly(t *testing.T) {
	s := newStage(t, access.Owner)
	a, err := readAssets()
	if err != nil {
		t.Fatal(err)
	}
	w := s.get(a.url("studio.css"))
	if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" || w.Header().Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := s.get("/studio/assets/0000/studio.js"); w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := s.get("/studio/assets/" + a.hash + "/..%2ftemplates%2flayout.html"); w.Code != http.StatusNotFound {
		t.Errorf("%d", w.Code)
	}
}

func TestASlashBehindThePathOfAPageLeadsToThePage(t *testing.T) {
	s := newStage(t, access.Operator)
	for _, row := range Routes() {
		path := filledIn(row.Path, stageOrg)
		if row.Method != http.MethodGet || strings.HasSuffix(path, "/") {
			continue
		}
		for _, query := range []string{"", "?search=a%2Fb&sort=-name"} {
			w := s.get(path + "/" + query)
			if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != path+query {
				t.Errorf("%s/%s: %d to %q", path, query, w.Code, got)
			}
		}
	}
	s.forget()
	for _, row := range Routes() {
		if row.Method == http.MethodPost {
			if w := s.post(filledIn(row.Path, stageOrg)+"/", url.Values{}); w.Code != http.StatusNotFound || len(s.api.changes()) > 0 {
				t.Errorf("POST %s/: %d, changed %v", row.Path, w.Code, s.api.changes())
			}
		}
	}
	for _, path := range []string{"/studio/nothing/", "/studio/o/", "/studio/o/" + stageOrg + "/nothing/", "/studio/issuer%2F"} {
		s.see(s.get(path), http.StatusNotFound)
	}
	for _, path := range []string{"/studio/o/%2F%2Fevil.example/", "/studio/o/%5Cevil.example/", "/studio/o/x%0d%0aSet-Cookie:a=b/", "/studio/o/../../evil/"} {
		if to := s.get(path).Header().Get("Location"); to != "" && !strings.HasPrefix(to, "/studio/") && to != "/evil/" {
			t.Errorf("%s leads to %q", path, to)
		}
	}
}

func TestWhoIsSignedInIsLedToTheDocumentOfTheAPI(t *testing.T) {
	s := newStage(t, access.Auditor)
	s.see(s.get(s.org()), http.StatusOK, `<a href="/api/docs">API</a>`)
}
