package studio

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/access"
)

// filledIn puts values into a row's pattern.
func filledIn(path, org string) string {
	path = strings.NewReplacer("{org}", org, "{env}", stageEnv, "{$}", "").Replace(path)
	return root + regexp.MustCompile(`\{[^}]+\}`).ReplaceAllString(path, "x")
}

func TestEveryRowIsAPageOrAChange(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range Routes() {
		if row.Method != http.MethodGet && row.Method != http.MethodPost {
			t.Errorf("%s %s: pages are GET and forms are POST", row.Method, row.Path)
		}
		if key := row.Method + row.Path; seen[key] {
			t.Errorf("%s %s stands twice", row.Method, row.Path)
		} else {
			seen[key] = true
		}
		if row.Open && !strings.HasPrefix(row.Path, "/sign-in") && row.Path != "/link" {
			t.Errorf("%s is open to everybody", row.Path)
		}
	}
}

func TestAChangeThatAnotherSitesPageSendsIsRefusedEverywhere(t *testing.T) {
	s := newStage(t, access.Operator)
	for _, row := range Routes() {
		if row.Method == http.MethodGet {
			continue
		}
		for _, header := range [][]string{
			{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"},
			{"Sec-Fetch-Site", "", "Origin", "https://evil.example"}, {"Sec-Fetch-Site", "", "Origin", "null"},
		} {
			w := s.post(filledIn(row.Path, stageOrg), url.Values{"name": {"x"}}, header...)
			if w.Code != http.StatusForbidden {
				t.Errorf("POST %s with %v: %d", row.Path, header, w.Code)
			}
			if len(s.api.changes()) > 0 || len(s.people.did) > 0 {
				t.Errorf("POST %s with %v changed something: %v %v", row.Path, header, s.api.changes(), s.people.did)
			}
		}
	}
}

func TestAPageOfAnotherOrganizationIsNotThere(t *testing.T) {
	s := newStage(t, access.Owner)
	for _, row := range Routes() {
		if !strings.HasPrefix(row.Path, "/o/{org}") {
			continue
		}
		for _, org := range []string{otherOrg, "beta", "..%2f" + stageOrg, "%00", stageOrg + "x"} {
			s.forget()
			s.api.answer("GET /organizations/"+otherOrg, map[string]string{"id": otherOrg, "name": "beta"})
			w := s.do(row.Method, filledIn(row.Path, org), url.Values{})
			if w.Code != http.StatusNotFound {
				t.Errorf("%s %s of %s: %d", row.Method, row.Path, org, w.Code)
			}
			for _, asked := range s.api.asked {
				if asked.Method != http.MethodGet || strings.Contains(asked.Path, otherOrg+"/") {
					t.Errorf("%s %s of %s asked %v", row.Method, row.Path, org, asked)
				}
			}
		}
	}
}

func TestPagesOfTheServerAreForOperators(t *testing.T) {
	s := newStage(t, access.Owner)
	for _, row := range Routes() {
		if !strings.HasPrefix(row.Path, "/organizations") && !strings.HasPrefix(row.Path, "/operators") && !strings.HasPrefix(row.Path, "/issuer") && !strings.HasPrefix(row.Path, "/audit") {
			continue
		}
		if w := s.do(row.Method, filledIn(row.Path, ""), nil); w.Code != http.StatusForbidden || len(s.api.asked) > 0 {
			t.Errorf("%s %s: %d, asked %v", row.Method, row.Path, w.Code, s.api.asked)
		}
	}
}

// reads are the POSTs of the control API that change nothing: a GET page may ask them.
func reads(path string) bool {
	return strings.HasSuffix(path, "/setup") || strings.HasSuffix(path, "/audit/verify")
}

func TestAPageThatIsOnlyLookedAtChangesNothing(t *testing.T) {
	s := newStage(t, access.Operator)
	for _, row := range Routes() {
		if row.Method != http.MethodGet || strings.HasPrefix(row.Path, "/sign-in/") {
			continue
		}
		s.forget()
		w := s.get(filledIn(row.Path, stageOrg))
		if w.Code == http.StatusInternalServerError {
			t.Errorf("%s: %s", row.Path, w.Body)
		}
		for _, c := range s.api.changes() {
			if !reads(c.Path) {
				t.Errorf("%s asked for %v", row.Path, c)
			}
		}
		if len(s.people.did) > 0 {
			t.Errorf("%s: %v", row.Path, s.people.did)
		}
	}
}

func TestWhoIsNotSignedInSeesOnlyTheWayIn(t *testing.T) {
	s := newStage(t, access.Operator)
	s.token = "somebody-elses"
	for _, row := range Routes() {
		if row.Open {
			continue
		}
		w := s.do(row.Method, filledIn(row.Path, stageOrg), nil)
		if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/studio/sign-in") {
			t.Errorf("%s %s: %d to %q", row.Method, row.Path, w.Code, to)
		}
		if len(s.api.asked) > 0 || len(s.people.did) > 0 {
			t.Errorf("%s %s asked %v %v", row.Method, row.Path, s.api.asked, s.people.did)
		}
	}
}

func TestEveryAnswerHasTheHeadersThatKeepOthersOut(t *testing.T) {
	s := newStage(t, access.Operator)
	paths := []string{"/studio/nothing", "/studio/assets/x/studio.css", "/studio/assets/x/none", "/studio/o/", "/studio"}
	for _, row := range Routes() {
		paths = append(paths, filledIn(row.Path, stageOrg))
	}
	for _, path := range paths {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodHead, http.MethodDelete} {
			h := s.do(method, path, nil).Header()
			csp := h.Get("Content-Security-Policy")
			if !strings.HasPrefix(csp, "default-src 'none'; script-src 'self'; style-src 'self'") || strings.Contains(csp, "unsafe") ||
				!strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "form-action 'self'") || !strings.Contains(csp, "base-uri 'none'") {
				t.Errorf("%s %s: policy %q", method, path, csp)
			}
			for name, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin", "Cache-Control": "no-store",
			} {
				if h.Get(name) != want {
					t.Errorf("%s %s: %s is %q", method, path, name, h.Get(name))
				}
			}
		}
	}
}
