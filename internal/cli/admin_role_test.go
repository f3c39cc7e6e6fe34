package cli

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// opened makes a link and opens it in a browser, so that the person is there.
func (d *desk) opened(login, role, org string) {
	d.t.Helper()
	link, err := url.Parse(strings.TrimSpace(d.adit("admin", "link", login, "--org", org, "--role", role, "--quiet").exits(0).out))
	if err != nil {
		d.t.Fatal(err)
	}
	form := url.Values{"token": {link.Query().Get("token")}, "password": {"tulips under a grey bridge"}, "again": {"tulips under a grey bridge"}}
	link.RawQuery = ""
	browser := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := browser.PostForm(link.String(), form)
	if err != nil {
		d.t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusSeeOther {
		d.t.Fatalf("the link answered %s", resp.Status)
	}
}

func TestAnOperatorAddsAMemberOfOneOrganizationToAnother(t *testing.T) {
	d := newDesk(t)
	d.serve()
	d.adit("org", "create", "second").exits(0)
	d.opened("ann", "owner", "default")
	d.adit("admin", "link", "ann", "--org", "second", "--role", "owner").exits(3).tells("`adit admin role ann owner --org second`")
	d.adit("admin", "role", "ann", "owner", "--org", "second").exits(0).tells("ann is owner now.", "their password no longer works", "adit admin link ann --org second")
	d.adit("admin", "list", "--org", "second").exits(0).says("ann")
	d.adit("admin", "link", "ann", "--org", "second").exits(0)
	d.adit("admin", "role", "bob", "owner", "--org", "second").exits(2).tells("nobody on this server", "adit admin link bob --org second")
	d.adit("admin", "remove", "ann", "--org", "second", "--yes").exits(0)
	d.adit("admin", "sign-out", "ann", "--org", "second").exits(2).tells("none of the members")

	owner := d.with("ADIT_API_KEY=" + strings.TrimSpace(d.adit("key", "create", "boss", "--org", "second", "--role", "owner", "--quiet").exits(0).out))
	owner.adit("admin", "role", "ann", "owner", "--org", "second").exits(2).tells("none of the members of the organization is called ann")
}
