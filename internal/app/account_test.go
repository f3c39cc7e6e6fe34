package app

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"testing"

	"github.com/adit-hq/adit/internal/control/wire"
)

// browser signs somebody in to Studio by a link, and keeps cookies; it follows no redirect.
func (r *replica) browser(link string) *http.Client {
	r.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		r.t.Fatal(err)
	}
	c := &http.Client{Transport: r.http.Transport, Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	u, err := url.Parse(link)
	if err != nil {
		r.t.Fatal(err)
	}
	if status, _ := r.studio(c, "/link", url.Values{"token": {u.Query().Get("token")}}); status != http.StatusSeeOther {
		r.t.Fatalf("the link answers with %d", status)
	}
	return c
}

// studio asks for a page, or sends a form, and returns the status and the page.
func (r *replica) studio(c *http.Client, path string, form url.Values) (status int, page string) {
	r.t.Helper()
	get := func() (*http.Response, error) { return c.Get(r.URL() + studioPath + path) }
	if form != nil {
		get = func() (*http.Response, error) { return c.PostForm(r.URL()+studioPath+path, form) }
	}
	resp, err := get()
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// An operator has a role on the server itself, everybody else has none there.
func TestEverybodySignsOutOneSessionAndEverywhere(t *testing.T) {
	r := startReplica(t, newAWS(t), nil)
	for _, who := range []struct{ organization, role string }{{"default", "developer"}, {"", "operator"}} {
		var places []*http.Client
		for range 3 {
			link, err := r.control.InviteMember(t.Context(), who.organization, wire.LinkInput{Login: "a-" + who.role, Role: who.role})
			if err != nil {
				t.Fatal(err)
			}
			places = append(places, r.browser(link.URL))
		}
		signedIn := func() (in []bool) {
			for _, c := range places {
				status, _ := r.studio(c, "/account", nil)
				in = append(in, status == http.StatusOK)
			}
			return in
		}
		_, page := r.studio(places[0], "/account", nil)
		ids := regexp.MustCompile(`name="session" value="(ses_[0-9a-f]+)"`).FindAllStringSubmatch(page, -1)
		if len(ids) == 0 {
			t.Fatalf("no session can be ended: %s", page)
		}
		if status, page := r.studio(places[0], "/account/sessions/end", url.Values{"session": {ids[0][1]}}); status != http.StatusSeeOther {
			t.Fatalf("%s: one session: %d %s", who.role, status, page)
		}
		left := 0
		for _, in := range signedIn() {
			if in {
				left++
			}
		}
		if left != 2 {
			t.Errorf("%s: %d of 3 sessions are left after one was ended", who.role, left)
		}
		for i, in := range signedIn() {
			if !in {
				continue
			}
			if status, page := r.studio(places[i], "/account/sessions/end-all", url.Values{}); status != http.StatusSeeOther {
				t.Fatalf("%s: all sessions: %d %s", who.role, status, page)
			}
			break
		}
		for _, in := range signedIn() {
			if in {
				t.Errorf("%s: a session is left after all were ended", who.role)
			}
		}
	}
}
