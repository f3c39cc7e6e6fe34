package signin_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signin"
)

func (p *place) links(organization string) []signin.Pending {
	p.t.Helper()
	links, err := p.Links(p.t.Context(), organization)
	if err != nil {
		p.t.Fatal(err)
	}
	return links
}

// waiting are the logins of the links that are listed.
func (p *place) waiting(organization string) (logins []string) {
	p.t.Helper()
	for _, l := range p.links(organization) {
		logins = append(logins, l.Login)
	}
	return logins
}

func (p *place) wantWaiting(organization string, want ...string) {
	p.t.Helper()
	if d := cmp.Diff(want, p.waiting(organization)); d != "" {
		p.t.Errorf("the links of %q (-want +got):\n%s", organization, d)
	}
}

func TestLinksAreListedWhileTheyWorkWhereTheyLeadTo(t *testing.T) {
	p := newPlace(t)
	owner := p.invite("owner", good, member(orgA, access.Owner))
	bob := p.invite("bob", good, member(orgA, access.Developer), member(orgB, access.Auditor))
	p.link("zoe", member(orgA, access.Developer))
	p.link("root", member("", access.Operator))
	toBob := p.link("bob")
	_, _, err := p.MakeLink(t.Context(), as(owner, orgA), "dan", []signin.Membership{member(orgA, access.Admin)})
	if err != nil {
		t.Fatal(err)
	}
	p.wantWaiting(orgA, "bob", "dan", "zoe")
	p.wantWaiting(orgB, "bob")
	p.wantWaiting("", "root")
	links, err := p.Links(t.Context(), orgA)
	if err != nil || links[0].Person != bob.Person.ID || len(links[0].Opens) != 2 || links[1].Person != "" || links[1].By.Key != owner.Person.ID || links[1].Opens[0] != member(orgA, access.Admin) {
		t.Errorf("%+v, %v", links, err)
	}

	if _, err := p.use(toBob, ""); err != nil { // once
		t.Fatal(err)
	}
	p.wantWaiting(orgA, "dan", "zoe")
	if err := p.RemoveRole(t.Context(), server(), owner.Person.ID, orgA, 0); err != nil {
		t.Fatal(err)
	}
	p.wantWaiting(orgA, "zoe") // the one of who is gone does not work
	p.pass(10 * time.Minute)
	p.wantWaiting(orgA)
	p.wantWaiting("")
}

func TestALinkThatIsTakenBackDoesNotWorkAndTheAuditTells(t *testing.T) {
	p := newPlace(t)
	owner := p.invite("owner", good, member(orgA, access.Owner))
	token := p.link("zoe", member(orgA, access.Developer))
	if err := p.EndLink(t.Context(), as(owner, orgA), orgA, "zoe"); err != nil {
		t.Fatal(err)
	}
	if p.works(token) {
		t.Error("it works")
	}
	p.wantWaiting(orgA)
	want := map[string]string{"login": "zoe", "roles": "developer", "link_by": "system"}
	got := p.events("signin.link.revoke")
	if len(got) != 1 || got[0].Organization != orgA || got[0].Actor.Key != owner.Person.ID || cmp.Diff(want, got[0].Details) != "" {
		t.Errorf("%+v", got)
	}
	if err := p.EndLink(t.Context(), as(owner, orgA), orgA, "zoe"); fault.KindOf(err) != fault.NotFound || code(err) != "link_not_found" {
		t.Errorf("once more: %v", err)
	}
	again := p.link("zoe", member(orgA, access.Developer))
	if !p.works(again) {
		t.Error("a new one does not work")
	}
}

func TestALinkIsTakenBackByWhoMayGiveWhatItOpens(t *testing.T) {
	p := newPlace(t)
	owner := p.invite("owner", good, member(orgA, access.Owner))
	admin := p.invite("admin-a", good, member(orgA, access.Admin))
	foreign := p.invite("foreign", good, member(orgB, access.Owner))
	p.invite("both", good, member(orgA, access.Developer), member(orgB, access.Developer))
	tokens := map[string]string{
		"zoe": p.link("zoe", member(orgA, access.Developer)), "both": p.link("both"),
		"next": p.link("next", member(orgA, access.Owner)), "root": p.link("root", member("", access.Operator)),
	}
	for what, c := range map[string]struct {
		by                  signin.By
		organization, login string
		code                string
	}{
		"an admin one of an owner":          {as(admin, orgA), orgA, "next", "role_not_yours"},
		"an admin, who invites nobody":      {as(admin, orgA), orgA, "zoe", "role_not_yours"},
		"an owner one of somebody beside":   {as(owner, orgA), orgA, "both", "role_not_yours"},
		"an owner an operator's":            {as(owner, orgA), "", "root", "link_not_found"},
		"an owner an operator's, as theirs": {as(owner, orgA), orgA, "root", "link_not_found"},
		"another organization's owner":      {as(foreign, orgB), orgA, "zoe", "link_not_found"},
		"another's owner, as theirs":        {as(foreign, orgB), orgB, "zoe", "link_not_found"},
		"an operator in the wrong place":    {server(), "", "zoe", "link_not_found"},
		"nobody in particular":              {signin.By{}, orgA, "zoe", "link_not_found"},
		"a login that nobody has":           {server(), orgA, "nobody", "link_not_found"},
		"a login that none can be":          {server(), orgA, strings.Repeat("x\x00", 999), "link_not_found"},
		"a developer":                       {signin.By{Principal: access.Principal{Key: access.Key{ID: "k", Organization: orgA, Roles: []access.Role{access.Developer}}}}, orgA, "zoe", "role_not_yours"},
		"an operator's key of orgA's rows":  {signin.By{Principal: access.Principal{Key: access.Key{ID: "k", Organization: orgA, Roles: []access.Role{access.Operator}}}}, orgA, "zoe", "role_not_yours"},
	} {
		for _, l := range p.links(c.organization) {
			if l.Login == c.login && c.code == "role_not_yours" && l.RevocableBy(c.by.Principal) {
				t.Errorf("%s: it is listed as one to take back", what)
			}
		}
		if err := p.EndLink(t.Context(), c.by, c.organization, c.login); code(err) != c.code {
			t.Errorf("%s: %v", what, err)
		}
	}
	for login, token := range tokens {
		if !p.works(token) {
			t.Errorf("the link of %s does not work any more", login)
		}
	}
	for login, by := range map[string]signin.By{"zoe": as(owner, orgA), "next": as(owner, orgA), "both": server()} {
		for _, l := range p.links(orgA) {
			if l.Login == login && !l.RevocableBy(by.Principal) {
				t.Errorf("%s is not listed as one to take back", login)
			}
		}
		if err := p.EndLink(t.Context(), by, orgA, login); err != nil || p.works(tokens[login]) {
			t.Errorf("%s: %v", login, err)
		}
	}
	if err := p.EndLink(t.Context(), server(), "", "root"); err != nil || p.works(tokens["root"]) {
		t.Errorf("root: %v", err)
	}
	if got := p.events("signin.link.revoke"); len(got) != 5 { // both is told twice: to each organization
		t.Errorf("%d events: %+v", len(got), got)
	}
}

func TestAListLooksAtNobodyWhoseLinkLeadsElsewhereAndAtAMakerOnce(t *testing.T) {
	p := newPlace(t)
	owner, other := p.invite("owner", good, member(orgA, access.Owner)), p.invite("other", good, member(orgB, access.Owner))
	for i := range 30 {
		for by, organization := range map[*signin.Opened]string{&owner: orgA, &other: orgB} {
			login := fmt.Sprintf("new-%s-%d", organization[4:5], i)
			if _, _, err := p.MakeLink(t.Context(), as(*by, organization), login, []signin.Membership{member(organization, access.Developer)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	asked := 0
	p.store.Before = func() error { asked++; return nil }
	if got := p.waiting(orgA); len(got) != 30 {
		t.Errorf("%d links", len(got))
	}
	if asked != 1+30+1 { // the links, whether somebody has the logins, the maker
		t.Errorf("the store was asked %d times", asked)
	}
}
