package signin_test

import (
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signin"
)

// Whoever has had somebody's session has made a link for themself with it.
func TestLinksThatWereMadeInSomebodysNameEndWithWhatEndsAllTheirSessions(t *testing.T) {
	for what, c := range map[string]struct {
		remedy func(p *place, owner signin.Opened) error
		reason string // "": the links stay
		by     string // the owner, or the server
	}{
		"the owner signs out everywhere": {func(p *place, o signin.Opened) error {
			return second(p.EndSessions(t.Context(), as(o, orgA), o.Person.ID, nil))
		}, "signed_out", "owner"},
		"another signs the owner out": {func(p *place, o signin.Opened) error {
			return second(p.EndSessions(t.Context(), server(), o.Person.ID, nil))
		}, "signed_out", "system"},
		"one session ends": {func(p *place, o signin.Opened) error {
			return second(p.EndSessions(t.Context(), as(o, orgA), o.Person.ID, []string{o.Session.ID}))
		}, "", ""},
		"the owner signs out": {func(p *place, o signin.Opened) error {
			return p.SignOut(t.Context(), p.signedIn(o), here())
		}, "", ""},
		"the owner changes the password": {func(p *place, o signin.Opened) error {
			return p.SetPassword(t.Context(), p.signedIn(o), secret.New(good), secret.New("another-walnut-orbit"), here())
		}, "password_changed", "owner"},
		"the owner chooses a password at a link": {func(p *place, _ signin.Opened) error {
			return second(p.use(p.link("owner"), "another-walnut-orbit"))
		}, "password_changed", "owner"},
	} {
		p := newPlace(t)
		owner := p.invite("owner", good, member(orgA, access.Owner))
		p.invite("bob", good, member(orgA, access.Developer))
		newcomer, known := p.invites(as(owner, orgA))
		servers := p.link("carol", member(orgA, access.Developer))
		if err := c.remedy(p, owner); err != nil {
			t.Fatal(what, err)
		}
		for _, token := range []string{newcomer, known} {
			if works := p.works(token); works != (c.reason == "") {
				t.Errorf("%s: a link that was made in the owner's name works: %v", what, works)
			}
		}
		if !p.works(servers) {
			t.Errorf("%s: another's link ended", what)
		}
		got := p.events("signin.link.revoke")
		if c.reason == "" {
			continue
		}
		by := map[string]string{"owner": owner.Person.ID, "system": "system"}[c.by]
		if len(got) != 2 || got[0].Details["reason"] != c.reason || got[1].Details["login"] != "newcomer" || got[0].Actor.Key != by || got[0].Organization != orgA {
			t.Errorf("%s: %+v", what, got)
		}
	}
}
