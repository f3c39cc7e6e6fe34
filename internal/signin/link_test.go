package signin_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signin"
)

func (p *place) link(login string, roles ...signin.Membership) string {
	p.t.Helper()
	_, token, err := p.MakeLink(p.t.Context(), server(), login, roles)
	if err != nil {
		p.t.Fatal(err)
	}
	return token.Reveal()
}

func (p *place) use(token, password string) (signin.Opened, error) {
	return p.UseLink(p.t.Context(), token, secret.New(password), here())
}

func TestALinkMakesThePersonAndSignsInOnce(t *testing.T) {
	p := newPlace(t)
	l, token, err := p.MakeLink(t.Context(), server(), "ada", []signin.Membership{member("", access.Operator), member("a", access.Owner)})
	if err != nil || l.Expires.Sub(l.Created) != 10*time.Minute || l.By.Key != "system" {
		t.Fatalf("%+v, %v", l, err)
	}
	for range 3 { // looking does not use it up
		seen, exists, err := p.LinkOf(t.Context(), token.Reveal())
		if err != nil || exists || seen.Login != "ada" {
			t.Fatalf("%+v, %v", seen, err)
		}
	}
	o, err := p.use(token.Reveal(), good)
	if err != nil {
		t.Fatal(err)
	}
	s := p.signedIn(o)
	want := []signin.Membership{member("", access.Operator), member(orgA, access.Owner)}
	if d := cmp.Diff(want, s.Person.Roles); d != "" || s.Person.Login != "ada" || s.Session.Method != "link" {
		t.Errorf("%s%+v", d, s)
	}
	if _, err := p.use(token.Reveal(), good); fault.KindOf(err) != fault.Unauthenticated || code(err) != "link_ended" {
		t.Errorf("a second time: %v", err)
	}
	if _, _, err := p.LinkOf(t.Context(), token.Reveal()); code(err) != "link_ended" {
		t.Errorf("looked at afterwards: %v", err)
	}
	if strings.Contains(p.store.Everything()+fmt.Sprintf("%+v", l), token.Reveal()) {
		t.Error("the token is kept")
	}
	if got := p.events("signin.link"); len(got) != 2 || got[0].Organization != "" || got[1].Organization != orgA || got[1].Details["roles"] != "owner" {
		t.Errorf("%+v", got)
	}
	if got := p.events("member.add"); len(got) != 2 || got[0].Target != o.Person.ID || got[0].Actor.Key != "system" {
		t.Errorf("%+v", got)
	}
}

func TestOfManyWhoUseALinkAtOnceOneIsSignedIn(t *testing.T) {
	p := newPlace(t)
	p.invite("ada", good, member(orgA, access.Owner))
	token := p.link("ada")
	var in atomic.Int32
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := p.use(token, ""); err == nil {
				in.Add(1)
			} else if code(err) != "link_ended" {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if _, err := p.use(token, ""); code(err) != "link_ended" {
		t.Errorf("and once more: %v", err)
	}
	if in.Load() != 1 {
		t.Errorf("%d are signed in", in.Load())
	}
}

func TestALinkEndsAfterTenMinutesAndWhenANewerOneIsMade(t *testing.T) {
	p := newPlace(t)
	old := p.link("ada", member(orgA, access.Owner))
	next := p.link("ada", member(orgA, access.Owner))
	if _, err := p.use(old, ""); code(err) != "link_ended" {
		t.Errorf("the older one: %v", err)
	}
	p.pass(10*time.Minute - time.Second)
	if _, _, err := p.LinkOf(t.Context(), next); err != nil {
		t.Error(err)
	}
	p.pass(time.Second)
	if _, err := p.use(next, ""); code(err) != "link_ended" {
		t.Errorf("ten minutes later: %v", err)
	}
}

func TestALinkWorksForALockedLoginWhichTheAuditTells(t *testing.T) {
	p := newPlace(t)
	p.invite("ada", good, member(orgA, access.Owner))
	for range 5 {
		_, _ = p.signIn("ada", wrong)
	}
	if _, err := p.signIn("ada", good); code(err) != "locked" {
		t.Fatal(err)
	}
	o, err := p.use(p.link("ada"), "")
	if err != nil || !p.in(o) {
		t.Fatal(err)
	}
	got := p.events("signin.ok")
	if last := got[len(got)-1]; last.Details["break_glass"] == "" || last.Details["method"] != "link" || last.Details["link_by"] != "system" {
		t.Errorf("%+v", last)
	}
	if _, err := p.signIn("ada", good); code(err) != "locked" {
		t.Errorf("the password is not proved by a link: %v", err)
	}
	if _, err := p.use(p.link("ada"), "another-walnut-orbit"); err != nil {
		t.Fatal(err)
	}
	if _, err := p.signIn("ada", "another-walnut-orbit"); err != nil {
		t.Errorf("with a new password: %v", err)
	}
}

func TestAPasswordByALinkEndsTheOtherSessionsAndNoneKeepsTheOldOne(t *testing.T) {
	p := newPlace(t)
	first := p.invite("ada", good, member(orgA, access.Owner))
	second, err := p.use(p.link("ada"), "")
	if err != nil || !p.in(first) || !p.in(second) {
		t.Fatalf("%v", err)
	}
	if _, err := p.signIn("ada", good); err != nil {
		t.Errorf("the old password: %v", err)
	}
	third, err := p.use(p.link("ada"), "another-walnut-orbit")
	if err != nil || p.in(first) || p.in(second) || !p.in(third) {
		t.Errorf("%v", err)
	}
	if _, err := p.signIn("ada", good); code(err) != "sign_in_failed" {
		t.Errorf("the old password: %v", err)
	}
}

func TestALinkIsForThePersonAsTheyWereWhenItWasMade(t *testing.T) {
	p := newPlace(t)
	owner := p.invite("owner", good, member(orgA, access.Owner))
	bob := p.invite("bob", good, member(orgA, access.Developer))
	_, token, err := p.MakeLink(t.Context(), as(owner, orgA), "bob", nil)
	if err != nil {
		t.Fatal(err)
	}
	p.pass(time.Second)
	if _, err := p.SetRole(t.Context(), server(), bob.Person.ID, "", access.Operator, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := p.use(token.Reveal(), ""); code(err) != "link_ended" {
		t.Errorf("the owner of one organization became operator: %v", err)
	}

	// An invitation is not a way in for somebody who came to be meanwhile by another way.
	_, invitation, err := p.MakeLink(t.Context(), as(owner, orgA), "carol", []signin.Membership{member(orgA, access.Developer)})
	if err != nil {
		t.Fatal(err)
	}
	p.store.Before = nil
	if err := p.store.CreatePerson(t.Context(), signin.Person{ID: "usr_c", Login: "carol", Roles: []signin.Membership{member("", access.Operator)}, Version: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.use(invitation.Reveal(), ""); code(err) != "link_ended" {
		t.Errorf("%v", err)
	}

	removed := p.invite("dan", good, member(orgA, access.Developer))
	left := p.link("dan")
	if err := p.RemoveRole(t.Context(), server(), removed.Person.ID, orgA, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := p.use(left, ""); code(err) != "link_ended" {
		t.Errorf("of a removed person: %v", err)
	}
}

func TestNobodyMakesALinkThatOpensMoreThanTheyMayGive(t *testing.T) {
	p := newPlace(t)
	owner := p.invite("owner", good, member(orgA, access.Owner))
	admin := p.invite("admin-a", good, member(orgA, access.Admin))
	p.invite("oper", good, member("", access.Operator))
	p.invite("both", good, member(orgA, access.Developer), member(orgB, access.Developer))
	p.invite("foreign", good, member(orgB, access.Developer))
	roles := func(m ...signin.Membership) []signin.Membership { return m }
	for what, c := range map[string]struct {
		by    signin.By
		login string
		roles []signin.Membership
	}{
		"an owner a new operator":           {as(owner, orgA), "new", roles(member("", access.Operator))},
		"an owner one elsewhere":            {as(owner, orgA), "new", roles(member(orgB, access.Auditor))},
		"an owner one here and elsewhere":   {as(owner, orgA), "new", roles(member(orgA, access.Auditor), member(orgB, access.Auditor))},
		"an owner the operator":             {as(owner, orgA), "oper", nil},
		"an owner the operator, by a role":  {as(owner, orgA), "oper", roles(member(orgA, access.Auditor))},
		"an owner who is elsewhere too":     {as(owner, orgA), "both", nil},
		"an owner who is elsewhere":         {as(owner, orgA), "foreign", roles(member(orgA, access.Auditor))},
		"an admin a new owner":              {as(admin, orgA), "new", roles(member(orgA, access.Owner))},
		"an admin the owner":                {as(admin, orgA), "owner", nil},
		"an admin a developer":              {as(admin, orgA), "new", roles(member(orgA, access.Developer))},
		"nobody in particular":              {signin.By{}, "new", roles(member(orgA, access.Auditor))},
		"an operator's key of organization": {signin.By{Principal: access.Principal{Key: access.Key{Organization: orgB, Roles: []access.Role{access.Operator}}}}, "new", roles(member(orgA, access.Auditor))},
	} {
		if _, token, err := p.MakeLink(t.Context(), c.by, c.login, c.roles); fault.KindOf(err) != fault.Forbidden || code(err) != "role_not_yours" || !token.Empty() {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, _, err := p.MakeLink(t.Context(), as(owner, orgA), "new", roles(member(orgA, access.Owner))); err != nil {
		t.Errorf("an owner another owner: %v", err)
	}
}

func TestAnInvitationIsNotEndedByALinkOfWhoMayNotTakeItBack(t *testing.T) {
	p := newPlace(t)
	first := p.invite("owner-a", good, member(orgA, access.Owner))
	other := p.invite("owner-b", good, member(orgB, access.Owner))
	invites := func(by signin.By, login string, roles ...signin.Membership) (string, error) {
		_, token, err := p.MakeLink(t.Context(), by, login, roles)
		return token.Reveal(), err
	}
	dan, err := invites(as(first, orgA), "dan", member(orgA, access.Developer))
	if err != nil {
		t.Fatal(err)
	}
	for login, token := range map[string]string{"dan": dan, "zoe": p.link("zoe", member("", access.Operator))} {
		if _, err := invites(as(other, orgB), login, member(orgB, access.Developer)); fault.KindOf(err) != fault.Forbidden || code(err) != "role_not_yours" {
			t.Errorf("%s: %v", login, err)
		}
		if !p.works(token) {
			t.Errorf("the invitation of %s does not work any more", login)
		}
	}
	if got := p.events("signin.link.revoke"); len(got) != 0 {
		t.Errorf("%+v", got)
	}

	again, err := invites(server(), "dan", member(orgB, access.Developer))
	if err != nil || p.works(dan) || !p.works(again) {
		t.Errorf("by who may: %v", err)
	}
	want := map[string]string{"login": "dan", "roles": "developer", "link_by": first.Person.ID, "reason": "replaced"}
	if got := p.events("signin.link.revoke"); len(got) != 1 || got[0].Organization != orgA || cmp.Diff(want, got[0].Details) != "" {
		t.Errorf("the organization is not told that its invitation ended: %+v", got)
	}
	p.pass(10 * time.Minute)
	if _, err := invites(as(first, orgA), "dan", member(orgA, access.Developer)); err != nil || len(p.events("signin.link.revoke")) != 1 {
		t.Errorf("after it expired: %v", err)
	}
}

func TestOfTwoInvitationsAtOnceNeitherEndsTheOtherUnseen(t *testing.T) {
	for range 20 {
		p := newPlace(t)
		makers := map[string]signin.Opened{orgA: p.invite("owner-a", good, member(orgA, access.Owner)), orgB: p.invite("owner-b", good, member(orgB, access.Owner))}
		var made atomic.Int32
		var all sync.WaitGroup
		for organization, maker := range makers {
			all.Go(func() {
				_, _, err := p.MakeLink(t.Context(), as(maker, organization), "dan", []signin.Membership{member(organization, access.Developer)})
				if err == nil {
					made.Add(1)
				} else if code(err) != "role_not_yours" {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if made.Load() != 1 {
			t.Fatalf("%d links were made", made.Load())
		}
	}
}

func TestALinkForWhoIsThereDoesNotAddThemToAnOrganization(t *testing.T) {
	p := newPlace(t)
	o := p.invite("ada", good, member(orgA, access.Developer))
	if _, _, err := p.MakeLink(t.Context(), server(), "ada", []signin.Membership{member(orgB, access.Owner)}); code(err) != "not_a_member" {
		t.Errorf("%v", err)
	}
	again, err := p.use(p.link("ada", member(orgA, access.Owner)), "")
	if err != nil || again.Person.ID != o.Person.ID || again.Person.Roles[0].Role != access.Developer {
		t.Errorf("%+v, %v", again.Person, err)
	}
}

func TestAllThatIsWrongWithAnInvitationIsToldAtOnce(t *testing.T) {
	p := newPlace(t)
	for _, login := range []string{"", "Ada", "-ada", ".", "a b", "a\x00", "é", strings.Repeat("a", 65), "../../etc", "a@b"} {
		_, _, err := p.MakeLink(t.Context(), server(), login, []signin.Membership{
			member(orgA, access.Invoke), member(orgA, access.Operator), member("", access.Owner), member(orgA, access.Owner), member("a", access.Admin),
		})
		if d := cmp.Diff([]string{"login", "role", "role", "role", "role"}, places(err)); d != "" {
			t.Errorf("%q: %s", login, d)
		}
	}
	if _, _, err := p.MakeLink(t.Context(), server(), "ada", nil); code(err) != "invalid_input" || fault.From(err).Param != "role" {
		t.Errorf("%v", err)
	}
	if _, _, err := p.MakeLink(t.Context(), server(), "ada", []signin.Membership{member("nowhere", access.Owner)}); code(err) != "organization_not_found" {
		t.Errorf("%v", err)
	}
	for _, login := range []string{"ada", "0", "ada.lovelace_1815-x", strings.Repeat("a", 64)} {
		if _, _, err := p.MakeLink(t.Context(), server(), login, []signin.Membership{member("a", access.Owner)}); err != nil {
			t.Errorf("%q: %v", login, err)
		}
	}
}
