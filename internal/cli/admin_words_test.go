package cli

import (
	"strings"
	"testing"
)

func TestListsOfPeopleNameOrganizationsAndLeadToTheOperators(t *testing.T) {
	d := newDesk(t)
	d.serve()
	d.adit("admin", "list").exits(0).tells("Nobody has a role here yet.", "`adit admin list --operators`")
	d.adit("admin", "links").exits(0).tells("No link is pending.", "`adit admin links --operators`")
	d.adit("admin", "unlink", "nobody").exits(3).tells("`adit admin links` lists the pending ones")
	d.adit("admin", "unlink", "nobody", "--operators").exits(3).tells("`adit admin links --operators` lists")
	if r := d.adit("admin", "unlink", "nobody", "--org", "default").exits(3).tells("`adit admin links --org default`"); strings.Contains(r.err, "/api/") {
		t.Errorf("a path of the API: %s", r.err)
	}
	d.opened("ann", "owner", "default")
	d.adit("admin", "link", "bob", "--org", "default").exits(0)
	d.adit("admin", "links").exits(0).says("LOGIN", "admin@default")
	if r := d.adit("admin", "list").exits(0).says("LOGIN", "NAME", "owner@default"); r.err != "" {
		t.Errorf("it is not empty: %s", r.err)
	}
	d.adit("admin", "remove", "ann").exits(2).tells("owner@default")
	d.adit("admin", "link", "--help").exits(0).says("none) ($ADIT_ORG)", "Without --org the link is for an operator")
}
