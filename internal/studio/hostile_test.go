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

// hostileTexts are texts that others may have put into any field.
func hostileTexts() []string {
	return []string{
		`<img src=x onerror=alert(1)>`, `"><script>alert(1)</script>`, `' onmouseover='alert(1)`, `</title></textarea><script>1</script>`,
		`javascript:alert(1)`, "a\u202Etxt.exe\u2066\u200F", "a\x00b\x1b[31mc", strings.Repeat("wide ", 2000), strings.Repeat("x", 10_000), `{{.}}`, "\xff\xfe",
	}
}

// inert fails the test when a page has something of a text that a browser would run.
func inert(t *testing.T, where, body string) {
	t.Helper()
	for _, bad := range []string{"<img", "<script>", `href="javascript:`, "\x00", "\x1b", "\u202E", "\u2066", "onmouseover='", `onerror=alert(1)>`} {
		if strings.Contains(body, bad) {
			i := strings.Index(body, bad)
			t.Errorf("%s has %q: …%.200q…", where, bad, body[max(0, i-80):])
		}
	}
}

func TestTextOfOthersIsTextOnEveryPage(t *testing.T) {
	for _, h := range hostileTexts() {
		s := newStage(t, access.Operator)
		now := stageNow()
		org := wire.Organization{ID: stageOrg, Name: h, Description: h, Created: now}
		s.people.Person.Name, s.people.Person.Email = h, h
		s.people.sessions[1].Agent, s.people.sessions[1].Address = h, h
		s.api.answer("GET /organizations/"+stageOrg, org)
		s.api.answer("GET /organizations", wire.Page[wire.Organization]{Items: []wire.Organization{org}})
		s.api.answer("GET /organizations/"+stageOrg+"/overview", wire.Overview{
			Organization: org, Environments: map[string]int{"failing": 1},
			Attention: []wire.Attention{{Severity: h, What: h, Remedy: h, Target: stageEnv + h, Name: h}},
		})
		s.api.answer("GET /organizations/"+stageOrg+"/environments", wire.Page[wire.Environment]{Items: []wire.Environment{
			{ID: stageEnv, Name: h, Region: h, State: h, Why: h, RoleARN: h},
		}, Next: h})
		person := wire.Person{ID: stageUser, Login: h, Name: h, Email: h, Issuer: h, Subject: h, Roles: []wire.Membership{{Organization: stageOrg, Role: h}}}
		s.api.answer("GET /organizations/"+stageOrg+"/members", wire.Page[wire.Person]{Items: []wire.Person{person}, Next: h})
		s.api.answer("GET /organizations/"+stageOrg+"/members/"+stageUser, person)
		waiting := wire.PendingLink{Login: h, Roles: []wire.Membership{{Organization: stageOrg, Role: h}}, MadeBy: wire.LinkMaker{ID: h, Name: h}, Created: now, Expires: now.Add(time.Minute)}
		operator := person
		operator.Roles = []wire.Membership{{Role: h}}
		s.api.answer("GET /organizations/"+stageOrg+"/members/links", wire.Page[wire.PendingLink]{Items: []wire.PendingLink{waiting}})
		s.api.answer("GET /operator/links", wire.Page[wire.PendingLink]{Items: []wire.PendingLink{waiting}})
		s.api.answer("GET /operator/people", wire.Page[wire.Person]{Items: []wire.Person{operator}, Next: h})
		s.api.answer("GET /operator/people/"+stageUser, operator)
		s.api.answer("POST /organizations/"+stageOrg+"/members/links", wire.Link{URL: h, Login: h, Expires: now.Add(time.Minute)})
		s.api.answer("GET /issuer/keys", wire.SigningKeys{Issuer: h, Items: []wire.SigningKey{{KID: h, Algorithm: h, State: h, Unripe: h, Created: now.Add(-time.Hour)}}})
		for _, path := range []string{
			s.org(), s.org("organization"), s.org("organization") + "?search=" + url.QueryEscape(h), s.org("organization", "members", stageUser),
			s.org("organization", "members", stageUser, "remove"), "/studio/account", "/studio/organizations?search=" + url.QueryEscape(h),
			"/studio/operators?search=" + url.QueryEscape(h), "/studio/operators/members/" + stageUser, "/studio/operators/members/" + stageUser + "/remove",
			"/studio/issuer", "/studio/organizations/" + stageOrg + "/delete", s.org("organization", "invite") + "?login=" + url.QueryEscape(h),
		} {
			w := s.get(path)
			if w.Code != http.StatusOK {
				t.Errorf("%s: %d %.300s", path, w.Code, w.Body)
			}
			inert(t, path, w.Body.String())
		}
		inert(t, "an invitation", s.post(s.org("organization", "invite"), url.Values{"login": {h}}).Body.String())
	}
}

func TestFaultsOfAWSAreTextToo(t *testing.T) {
	for _, h := range hostileTexts() {
		s := newStage(t, access.Operator)
		s.api.refuse("POST /organizations", wire.Problem{
			Status: http.StatusBadGateway, Kind: "refused", Detail: h, Remedy: h, Explanation: h, AWS: &wire.AWSError{Code: h, Message: h, RequestID: h},
			Errors: []wire.FieldError{{Location: "body.name", Message: h}},
		})
		w := s.post("/studio/organizations", url.Values{"name": {h}, "description": {h}})
		if w.Code != http.StatusBadGateway {
			t.Errorf("%d", w.Code)
		}
		inert(t, "the form", w.Body.String())
	}
}

func FuzzReturningLeadsNowhereElse(f *testing.F) {
	for _, s := range []string{
		"", "/", "//evil.example", "/\\evil.example", "/studio/\\evil", "https:evil", "https://evil.example/studio/", "/studio//evil.example", "/studio/..//evil.example",
		"/studio/%2e%2e//evil", "/studio/%5cevil", "/studio/\t//evil", "/studio/\n", "javascript:alert(1)", "/studio/o/x?a=b#c", "/studio/%", "/studio/?return=//evil",
		"/studioevil", "/studio/@evil.example", "/studio/..;/x", "/studio/\u2028", "/studio/%0d%0aSet-Cookie:x=y",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := localPath(s)
		if !strings.HasPrefix(got, "/studio/") || strings.ContainsAny(got, "\\\r\n\t\x00 ") || strings.HasPrefix(got, "//") {
			t.Fatalf("%q leads to %q", s, got)
		}
		base, _ := url.Parse("https://adit.example.com/studio/sign-in")
		u, err := base.Parse(got)
		if err != nil || u.Host != "adit.example.com" || u.Scheme != "https" || !strings.HasPrefix(u.Path, "/studio/") {
			t.Fatalf("%q leads to %v %v", s, u, err)
		}
		if again := localPath(got); again != got {
			t.Fatalf("%q, then %q", got, again)
		}
	})
}

func TestASignInLeadsToPagesOfStudioOnly(t *testing.T) {
	for _, back := range []string{"//evil.example/studio/", "/\\evil.example", "https://evil.example", "https:/evil.example", "/api/v1/whoami", "/studio/../api/v1", "/studio/%2e%2e/api", "\t//evil"} {
		s := newStage(t, access.Owner)
		w := s.post("/studio/sign-in/password", url.Values{"login": {"ada"}, "password": {"correct horse"}, "return": {back}})
		if to := w.Header().Get("Location"); to != "/studio/" {
			t.Errorf("%q leads to %q", back, to)
		}
		if to := s.get("/studio/sign-in?return=" + url.QueryEscape(back)).Header().Get("Location"); to != "/studio/" {
			t.Errorf("signed in, %q leads to %q", back, to)
		}
	}
}
