package control

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signin"
)

// people is the world's registry of those who sign in.
type people struct{ w *world }

func noPerson() error {
	return fault.New(fault.NotFound, "there is no such person").WithCode("person_not_found")
}

func (p people) People(_ context.Context, organization *string) (out []signin.Person, _ error) {
	for _, one := range p.w.people {
		if organization == nil || roleIn(one, *organization) != "" {
			out = append(out, one)
		}
	}
	return out, nil
}

func (p people) Person(_ context.Context, id string) (signin.Person, error) {
	if i := slices.IndexFunc(p.w.people, func(one signin.Person) bool { return one.ID == id }); i >= 0 {
		return p.w.people[i], nil
	}
	return signin.Person{}, noPerson()
}

func (p people) member(id, organization string) (signin.Person, error) {
	one, err := p.Person(context.Background(), id)
	if err == nil && roleIn(one, organization) == "" {
		err = noPerson()
	}
	return one, err
}

func (p people) SetRole(_ context.Context, by access.By, id, organization string, role access.Role, _ int64) (signin.Person, error) {
	one, err := p.member(id, organization)
	if err != nil {
		return signin.Person{}, err
	}
	one.Roles = []signin.Membership{{Organization: organization, Role: role}, {Organization: theirs, Role: access.Owner}}
	return one, p.w.changed(by.Principal.Key.ID + " makes " + id + " " + string(role))
}

func (p people) RemoveRole(_ context.Context, _ access.By, id, organization string, _ int64) error {
	if _, err := p.member(id, organization); err != nil {
		return err
	}
	return p.w.changed("remove " + id)
}

func (p people) EndSessions(_ context.Context, by access.By, id string, ids []string) (int, error) {
	if ids != nil {
		return 0, fault.New(fault.Internal, "all sessions were to end")
	}
	return 2, p.w.changed("sign out " + id + " from " + by.Address)
}

func (p people) MakeLink(_ context.Context, _ access.By, login string, roles []signin.Membership) (signin.Link, secret.String, error) {
	if roles[0].Role == access.Operator != (roles[0].Organization == "") {
		return signin.Link{}, secret.String{}, fault.New(fault.Invalid, "an operator administers the server, not an organization").WithParam("role").WithCode("invalid_input")
	}
	l := signin.Link{Login: login, Expires: start().Add(600e9)}
	return l, secret.New("canary+link/token"), p.w.changed("invite " + login + " as " + string(roles[0].Role) + " of " + roles[0].Organization)
}

// The logins of links that wait: one in each organization, and an operator's.
const (
	ourLink      = "grace"
	theirLink    = "heidi"
	operatorLink = "linus"
)

func (p people) Links(_ context.Context, organization string) ([]signin.Pending, error) {
	login, ok := map[string]string{ours: ourLink, theirs: theirLink, "": operatorLink}[organization]
	if !ok {
		return nil, nil
	}
	l := signin.Pending{Opens: []signin.Membership{{Organization: organization, Role: access.Developer}, {Organization: "org_elsewhere", Role: access.Owner}}}
	l.Login, l.Person, l.Hash, l.By.Key, l.By.Name, l.By.Address = login, "usr_"+login, []byte("canary"), "usr_maker", "Maker", "192.0.2.99"
	l.Created, l.Expires = start(), start().Add(600e9)
	return []signin.Pending{l}, nil
}

func (p people) EndLink(ctx context.Context, by access.By, organization, login string) error {
	all, err := p.Links(ctx, organization)
	if err == nil && (len(all) == 0 || all[0].Login != login) {
		err = fault.New(fault.NotFound, "there is no such link").WithCode("link_not_found")
	}
	if err != nil {
		return err
	}
	return p.w.changed("take back the link of " + login + " for " + by.Principal.Key.ID)
}

func (w *world) Callable(_ context.Context, organization string) ([]wire.CallableModel, error) {
	return slices.Clone(w.callables), nil
}

const members = base + "/organizations/ours/members"

func TestAnOrganizationIsToldOfItsMembersAndNotWhatElseTheyAre(t *testing.T) {
	w := newWorld()
	w.people[0].Roles = append(w.people[0].Roles, signin.Membership{Organization: theirs, Role: access.Owner}, signin.Membership{Role: access.Operator})
	h := New(w.settings())
	out := ask(t, h, "auditor@"+ours, "GET", members, "")
	got := read[wire.Page[wire.Person]](t, out, http.StatusOK)
	at := start()
	want := []wire.Person{{
		ID: ourPerson, Login: "ada.ours", Name: "Ada of ours", Password: true, Roles: []wire.Membership{{Organization: ours, Role: "developer"}},
		Created: at, Updated: at, Version: 1,
	}}
	if d := cmp.Diff(want, got.Items); d != "" || strings.Contains(out.Body.String(), "canary") {
		t.Errorf("%s %s", d, out.Body)
	}
	all := read[wire.Page[wire.Person]](t, ask(t, h, "operator", "GET", members, ""), http.StatusOK)
	if len(all.Items) != 1 || len(all.Items[0].Roles) != 3 {
		t.Errorf("an operator sees %+v", all.Items)
	}
	changed := ask(t, h, "owner@"+ours, "PATCH", members+"/"+ourPerson, `{"role":"admin"}`)
	if p := read[wire.Person](t, changed, http.StatusOK); len(p.Roles) != 1 || p.Roles[0].Role != "admin" {
		t.Errorf("after a change: %+v", p.Roles)
	}
}

func TestMembersAreSearchedAndPagedInOrderOfName(t *testing.T) {
	w := newWorld()
	for _, name := range []string{"zoe", "Bob", "élise", "bob"} {
		w.people = append(w.people, signin.Person{ID: "usr_" + name, Name: name, Email: name + "@example.com", Roles: []signin.Membership{{Organization: ours, Role: access.Auditor}}})
	}
	h := New(w.settings())
	var seen []string
	for next := ""; ; {
		page := read[wire.Page[wire.Person]](t, ask(t, h, "owner@"+ours, "GET", members+"?limit=2&cursor="+next, ""), 200)
		for _, p := range page.Items {
			seen = append(seen, p.Name)
		}
		if next = page.Next; next == "" {
			break
		}
	}
	if d := cmp.Diff([]string{"Ada of ours", "Bob", "bob", "zoe", "élise"}, seen); d != "" {
		t.Error(d)
	}
	for query, want := range map[string][]string{
		"search=BOB": {"Bob", "bob"}, "search=example.com&role=auditor": {"Bob", "bob", "zoe", "élise"}, "role=developer": {"Ada of ours"}, "search=usr_bb": {},
	} {
		if d := cmp.Diff(want, names(t, h, "owner@"+ours, "/organizations/ours/members?"+query, "name")); d != "" {
			t.Errorf("%s: %s", query, d)
		}
	}
}

func TestAMemberIsSignedOutByWhoIsNamedInTheAudit(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	who := as(personOf(ours, access.Owner), "192.0.2.7")
	if out := ask(t, h, "", "POST", members+"/"+ourPerson+"/sign-out", "", who); out.Code != http.StatusNoContent {
		t.Errorf("%d %s", out.Code, out.Body)
	}
	if d := cmp.Diff([]string{"sign out " + ourPerson + " from 192.0.2.7"}, w.changes); d != "" {
		t.Error(d)
	}
	for _, path := range []string{members + "/" + theirPerson + "/sign-out", members + "/usr_x/sign-out"} {
		if p := told(t, ask(t, h, "operator", "POST", path, "")); p.Code != "person_not_found" || len(w.changes) != 1 {
			t.Errorf("an operator, too, signs out members of the organization only: %+v %q", p, w.changes)
		}
	}
}

func TestALinkIsShownOnceAndOpensStudio(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	link := read[wire.Link](t, ask(t, h, "owner@"+ours, "POST", members+"/links", `{"login":"grace"}`), http.StatusCreated)
	if link.URL != "https://adit.example.com/studio/link?token=canary%2Blink%2Ftoken" || link.Login != "grace" || !link.Expires.Equal(start().Add(600e9)) {
		t.Errorf("%+v", link)
	}
	read[wire.Link](t, ask(t, h, "owner@"+ours, "POST", members+"/links", `{"login":"grace","role":"developer"}`), http.StatusCreated)
	read[wire.Link](t, ask(t, h, "operator", "POST", base+"/operator/links", `{"login":"root"}`), http.StatusCreated)
	want := []string{"invite grace as admin of " + ours, "invite grace as developer of " + ours, "invite root as operator of "}
	if d := cmp.Diff(want, w.changes); d != "" {
		t.Error(d)
	}
	for path, body := range map[string]string{members + "/links": `{"login":"grace","role":"operator"}`, base + "/operator/links": `{"login":"grace","role":"owner"}`} {
		if p := told(t, ask(t, h, "operator", "POST", path, body)); p.Status != 422 || p.Errors[0].Location != "body.role" {
			t.Errorf("%s %s: %+v", path, body, p)
		}
	}
	s := w.settings()
	s.StudioURL = nil
	if p := told(t, ask(t, New(s), "operator", "POST", base+"/operator/links", `{"login":"root"}`)); p.Code != "no_studio_url" || len(w.changes) != 3 {
		t.Errorf("%+v %q", p, w.changes)
	}
}

func TestLinksThatWaitAreListedWithoutWhatOpensThemAndTakenBack(t *testing.T) {
	w := newWorld()
	h := New(w.settings())
	out := ask(t, h, "auditor@"+ours, "GET", members+"/links?search=GRA", "")
	want := []wire.PendingLink{{
		Login: ourLink, Person: "usr_grace", Roles: []wire.Membership{{Organization: ours, Role: "developer"}}, MadeBy: wire.LinkMaker{ID: "usr_maker", Name: "Maker"},
		Created: start(), Expires: start().Add(600e9),
	}}
	if d := cmp.Diff(want, read[wire.Page[wire.PendingLink]](t, out, http.StatusOK).Items); d != "" || strings.Contains(out.Body.String(), "canary") || strings.Contains(out.Body.String(), "192.0.2.99") {
		t.Errorf("%s %s", d, out.Body)
	}
	for who, may := range map[string]bool{"operator": true, "owner@" + ours: false} { // it leads to another organization too
		page := read[wire.Page[wire.PendingLink]](t, ask(t, h, who, "GET", members+"/links", ""), http.StatusOK)
		if len(page.Items) != 1 || page.Items[0].Revocable != may {
			t.Errorf("%s: %+v", who, page.Items)
		}
	}
	if d := cmp.Diff([]string{operatorLink}, names(t, h, "operator", "/operator/links", "login")); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{}, names(t, h, "owner@"+ours, "/organizations/ours/members/links?search=linus", "login")); d != "" {
		t.Error(d)
	}
	who := as(personOf(ours, access.Owner), "192.0.2.7")
	if out := ask(t, h, "", "DELETE", members+"/links/"+ourLink, "", who); out.Code != http.StatusNoContent {
		t.Errorf("%d %s", out.Code, out.Body)
	}
	if out := ask(t, h, "operator", "DELETE", base+"/operator/links/"+operatorLink, ""); out.Code != http.StatusNoContent {
		t.Errorf("%d %s", out.Code, out.Body)
	}
	if len(w.changes) != 2 || !strings.HasPrefix(w.changes[0], "take back the link of grace for usr_") {
		t.Errorf("%q", w.changes)
	}
	for _, path := range []string{members + "/links/linus", base + "/operator/links/grace"} {
		if p := told(t, ask(t, h, "operator", "DELETE", path, "")); p.Status != 404 || p.Code != "link_not_found" || p.Remedy != "List the pending ones." {
			t.Errorf("%s: %+v", path, p)
		}
	}
}

func TestPricesAreExactAndTellWhereTheyAreFrom(t *testing.T) {
	got := read[wire.Prices](t, ask(t, New(newWorld().settings()), "invoke@"+ours, "GET", base+"/prices", ""), http.StatusOK)
	i := slices.IndexFunc(got.Items, func(p wire.Price) bool { return p.Model == "amazon.titan-embed-text-v2:0" })
	want := wire.Price{Model: "amazon.titan-embed-text-v2:0", USDPerMillionTokens: "0.02", Source: "built-in", Date: got.Date}
	if i < 0 || got.Items[i] != want || got.Date == "" {
		t.Errorf("%+v", got)
	}
}

func TestCallersSeeWhatTheyMayAskForAndNoMore(t *testing.T) {
	w := newWorld()
	w.callables = []wire.CallableModel{
		{Name: "embed", ModelID: "cohere.embed-v4:0", Family: "cohere-v4", Source: "file"},
		{Name: "prod/amazon.titan-embed-text-v2:0", ModelID: "amazon.titan-embed-text-v2:0", Family: "titan-text", Source: "environment", Environment: ourEnv, Region: "eu-central-1"},
		{Name: "test/amazon.titan-embed-text-v2:0", ModelID: "amazon.titan-embed-text-v2:0", Family: "titan-text", Source: "environment", Environment: "env_test", Region: "us-east-1"},
	}
	h := New(w.settings())
	for query, want := range map[string][]string{
		"":                             {"embed", "prod/amazon.titan-embed-text-v2:0", "test/amazon.titan-embed-text-v2:0"},
		"?search=TITAN":                {"prod/amazon.titan-embed-text-v2:0", "test/amazon.titan-embed-text-v2:0"},
		"?environment=" + ourEnv:       {"prod/amazon.titan-embed-text-v2:0"},
		"?family=cohere-v4":            {"embed"},
		"?family=titan-text&search=us": {"test/amazon.titan-embed-text-v2:0"},
	} {
		if d := cmp.Diff(want, names(t, h, "developer@"+ours, "/organizations/ours/models"+query, "name")); d != "" {
			t.Errorf("%s: %s", query, d)
		}
	}
	bound := personOf(ours, access.Developer)
	bound.Key.Environments, bound.Key.Models = []string{ourEnv}, []string{"embed", "prod/amazon.titan-embed-text-v2:0"}
	page := read[wire.Page[wire.CallableModel]](t, ask(t, h, "", "GET", base+"/organizations/ours/models", "", as(bound, "")), 200)
	if len(page.Items) != 2 || page.Items[1].Environment != ourEnv {
		t.Errorf("%+v", page.Items)
	}
}

// overtakenPeople are changed by somebody else just before a change is written:
// whatever version was read, it is not there any more.
type overtakenPeople struct{ people }

func (o overtakenPeople) overtaken(version int64) error {
	if version == 0 {
		return nil
	}
	return fault.New(fault.Invalid, "the person was changed meanwhile").WithCode("conflict")
}

func (o overtakenPeople) SetRole(ctx context.Context, by access.By, id, organization string, role access.Role, version int64) (signin.Person, error) {
	if err := o.overtaken(version); err != nil {
		return signin.Person{}, err
	}
	return o.people.SetRole(ctx, by, id, organization, role, version)
}

func (o overtakenPeople) RemoveRole(ctx context.Context, by access.By, id, organization string, version int64) error {
	if err := o.overtaken(version); err != nil {
		return err
	}
	return o.people.RemoveRole(ctx, by, id, organization, version)
}

func TestAPersonIsChangedAsReadOrNotAtAll(t *testing.T) {
	w := newWorld()
	s := w.settings()
	s.People = overtakenPeople{people{w}}
	h := New(s)
	for _, c := range []struct{ method, path, body string }{
		{"PATCH", members + "/" + ourPerson, `{"role":"auditor"}`}, {"DELETE", members + "/" + ourPerson, ""}, {"DELETE", operatorPeople + "/" + operatorPerson, ""},
	} {
		w.changes = nil
		for _, tag := range []string{`"1"`, `"1-abc"`, `"2"`} { // the version that was read, and another
			if p := told(t, ask(t, h, "operator", c.method, c.path, c.body, with("If-Match", tag))); p.Status != http.StatusPreconditionFailed || p.Code != "conflict" {
				t.Errorf("%s %s as of %s: %+v", c.method, c.path, tag, p)
			}
		}
		if len(w.changes) > 0 {
			t.Errorf("%s %s: %q was done", c.method, c.path, w.changes)
		}
		for _, any := range []func(*http.Request){with("If-Match", "*"), with("Accept", "*/*")} {
			if out := ask(t, h, "operator", c.method, c.path, c.body, any); out.Code/100 != 2 {
				t.Errorf("%s %s, whatever the version: %d %s", c.method, c.path, out.Code, out.Body)
			}
		}
	}
}
