package signin_test

import (
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signin"
)

// planted is a password that an owner chose for somebody else.
const planted = "planted-orbit-lantern"

// own makes the person of a link that an organization's owner both made and used.
func (p *place) own(owner signin.Opened, login string) signin.Opened {
	p.t.Helper()
	_, token, err := p.MakeLink(p.t.Context(), as(owner, orgA), login, []signin.Membership{member(orgA, access.Owner)})
	if err != nil {
		p.t.Fatal(err)
	}
	o, err := p.UseLink(p.t.Context(), token.Reveal(), secret.New(planted), here())
	if err != nil {
		p.t.Fatal(err)
	}
	return o
}

func TestAPasswordThatAnOwnerChoseForSomebodyDoesNotOpenWhatAnOperatorAdds(t *testing.T) {
	for _, added := range []signin.Membership{member(orgB, access.Owner), member("", access.Operator)} {
		p := newPlace(t)
		boss := p.invite("boss", good, member(orgA, access.Owner))
		ann := p.own(boss, "ann")
		in := p.signedIn(ann)
		_, toAnn, err := p.MakeLink(t.Context(), as(boss, orgA), "ann", nil)
		if err != nil {
			t.Fatal(err)
		}
		_, byAnn, err := p.MakeLink(t.Context(), as(ann, orgA), "zoe", []signin.Membership{member(orgA, access.Developer)})
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.SetRole(t.Context(), server(), ann.Person.ID, added.Organization, added.Role, 0)
		if err != nil || len(got.Roles) != 2 || got.Password != "" {
			t.Fatalf("with %d roles, and a password of %d bytes: %v", len(got.Roles), len(got.Password), err)
		}
		if _, err := p.signIn("ann", planted); code(err) != "sign_in_failed" {
			t.Errorf("%s: the owner of another organization signs in: %v", added.Role, err)
		}
		if err := p.SetPassword(t.Context(), in, secret.String{}, secret.New(planted), here()); code(err) != "session_ended" {
			t.Errorf("%s: a request that was under way chooses a password again: %v", added.Role, err)
		}
		if p.in(ann) || p.works(toAnn.Reveal()) || p.works(byAnn.Reveal()) {
			t.Errorf("%s: a way in of before is left", added.Role)
		}
		if _, _, err := p.MakeLink(t.Context(), as(boss, orgA), "ann", nil); code(err) != "role_not_yours" {
			t.Errorf("%s: the owner makes another: %v", added.Role, err)
		}
		told := p.told(orgA, "signin.password")
		if len(told) != 1 || told[0].Target != ann.Person.ID || told[0].Details["changed"] != "removed" || told[0].Actor.Key != "system" {
			t.Errorf("%s: her organization is not told: %+v", added.Role, told)
		}
		back, err := p.use(p.link("ann"), good)
		if err != nil || len(back.Person.Roles) != 2 {
			t.Errorf("%s: she does not get in by a link of an operator: %v", added.Role, err)
		}
	}
}

func TestAPasswordStaysWhereNobodyElseCouldHaveChosenIt(t *testing.T) {
	for what, c := range map[string]struct {
		had    []signin.Membership
		change func(*place, signin.Opened) error
	}{
		"another role in the same organization": {
			[]signin.Membership{member(orgA, access.Developer)},
			func(p *place, o signin.Opened) error {
				return second(p.SetRole(t.Context(), server(), o.Person.ID, orgA, access.Admin, 0))
			},
		},
		"an operator's further role": {
			[]signin.Membership{member("", access.Operator)},
			func(p *place, o signin.Opened) error {
				return second(p.SetRole(t.Context(), as(o, ""), o.Person.ID, orgB, access.Auditor, 0))
			},
		},
		"a role less": {
			[]signin.Membership{member(orgA, access.Developer), member(orgB, access.Developer)},
			func(p *place, o signin.Opened) error {
				return p.RemoveRole(t.Context(), server(), o.Person.ID, orgB, 0)
			},
		},
	} {
		p := newPlace(t)
		o := p.invite("ann", good, c.had...)
		if err := c.change(p, o); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if _, err := p.signIn("ann", good); err != nil || len(p.events("signin.password")) != 0 {
			t.Errorf("%s: %v", what, err)
		}
	}
}
