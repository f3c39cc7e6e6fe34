package signin_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signin"
)

// told are the events with the action that an organization's readers see.
func (p *place) told(organization, action string) (list []audit.Event) {
	for _, e := range p.events(action) {
		if e.Organization == organization {
			list = append(list, e)
		}
	}
	return list
}

func TestWhoSignsOutAMemberOfTwoOrganizationsIsNamedInTheirOwnOnly(t *testing.T) {
	p := newPlace(t)
	boss := p.invite("boss", good, member(orgB, access.Owner))
	ann := p.invite("ann", good, member(orgA, access.Owner), member(orgB, access.Developer))
	if _, _, err := p.MakeLink(t.Context(), as(ann, orgA), "zoe", []signin.Membership{member(orgA, access.Developer)}); err != nil {
		t.Fatal(err)
	}
	by := as(boss, orgB)
	by.Address = "203.0.113.9"
	if _, err := p.EndSessions(t.Context(), by, ann.Person.ID, nil); err != nil {
		t.Fatal(err)
	}
	for _, action := range []string{"signin.out", "signin.link.revoke"} {
		got := p.told(orgA, action)
		if len(got) != 1 || got[0].Actor != (audit.Actor{Name: "somebody outside this organization"}) {
			t.Errorf("%s: %+v", action, got)
		}
		for _, secret := range []string{orgB, boss.Person.ID, "boss", by.Address} {
			if strings.Contains(fmt.Sprintf("%+v", got), secret) {
				t.Errorf("%s tells the other organization %s", action, secret)
			}
		}
	}
	if got := p.told(orgB, "signin.out"); len(got) != 1 || got[0].Actor != by.Principal.Actor(by.Address) {
		t.Errorf("their own organization is not told who it was: %+v", got)
	}
}

func TestAnOperatorIsNamedInEveryOrganization(t *testing.T) {
	p := newPlace(t)
	root := as(p.invite("root", good, member("", access.Operator)), "")
	ann := p.invite("ann", good, member(orgA, access.Owner), member(orgB, access.Developer))
	if _, err := p.EndSessions(t.Context(), root, ann.Person.ID, nil); err != nil {
		t.Fatal(err)
	}
	for _, organization := range []string{orgA, orgB} {
		if got := p.told(organization, "signin.out"); len(got) != 1 || got[0].Actor != root.Principal.Actor(root.Address) {
			t.Errorf("%s: %+v", organization, got)
		}
	}
}

func TestWhatSomebodyDoesAboutThemselfHasTheirNameInEachOfTheirOrganizations(t *testing.T) {
	const next = "another-walnut-orbit"
	for action, do := range map[string]func(*place, signin.Opened) error{
		"signin.out": func(p *place, ann signin.Opened) error {
			return second(p.EndSessions(t.Context(), as(ann, orgA), ann.Person.ID, nil))
		},
		"signin.link.revoke": func(p *place, ann signin.Opened) error {
			if _, _, err := p.MakeLink(t.Context(), as(ann, orgB), "zoe", []signin.Membership{member(orgB, access.Developer)}); err != nil {
				return err
			}
			return p.SetPassword(t.Context(), p.signedIn(ann), secret.New(good), secret.New(next), here())
		},
		"member.remove": func(p *place, ann signin.Opened) error {
			return p.RemoveRole(t.Context(), as(ann, orgA), ann.Person.ID, orgB, 0)
		},
	} {
		p := newPlace(t)
		ann := p.invite("ann", good, member(orgA, access.Owner), member(orgB, access.Owner))
		if err := do(p, ann); err != nil {
			t.Errorf("%s: %v", action, err)
		}
		want := audit.Actor{Organization: orgB, Key: ann.Person.ID, Name: "ann", Address: "192.0.2.1"}
		if got := p.told(orgB, action); len(got) != 1 || got[0].Actor != want {
			t.Errorf("%s: %+v", action, got)
		}
	}
}
