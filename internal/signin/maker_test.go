package signin_test

import (
	"errors"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signin"
)

// keyring holds API keys by id.
type keyring map[string]access.Key

func (k keyring) Key(organization, id string) (access.Key, error) {
	if key, ok := k[id]; ok && key.Organization == organization {
		return key, nil
	}
	return access.Key{}, fault.New(fault.NotFound, "there is no such API key").WithCode("key_not_found")
}

// invites makes a link in the maker's name for a developer of orgA, and for one who is there.
func (p *place) invites(by signin.By) (newcomer, known string) {
	p.t.Helper()
	_, first, err := p.MakeLink(p.t.Context(), by, "newcomer", []signin.Membership{member(orgA, access.Developer)})
	if err != nil {
		p.t.Fatal(err)
	}
	_, second, err := p.MakeLink(p.t.Context(), by, "bob", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return first.Reveal(), second.Reveal()
}

// works reports whether a link would sign in. It does not use it.
func (p *place) works(token string) bool {
	p.t.Helper()
	_, _, err := p.LinkOf(p.t.Context(), token)
	if err != nil && code(err) != "link_ended" {
		p.t.Fatal(err)
	}
	if _, used := p.use(token, "short"); err != nil && code(used) != "link_ended" || err == nil && code(used) != "invalid_input" {
		p.t.Errorf("looked at: %v, used: %v", err, used)
	}
	return err == nil
}

func TestALinkWorksWhileItsMakerMayGiveWhatItOpens(t *testing.T) {
	for what, c := range map[string]struct {
		maker  []signin.Membership
		as     string // the organization that the maker acts in
		change func(p *place, maker string) error
		works  bool
	}{
		"nothing happened":         {[]signin.Membership{member(orgA, access.Owner)}, orgA, func(*place, string) error { return nil }, true},
		"the maker was removed":    {[]signin.Membership{member(orgA, access.Owner)}, orgA, func(p *place, m string) error { return p.RemoveRole(t.Context(), server(), m, orgA, 0) }, false},
		"the maker is elsewhere":   {[]signin.Membership{member(orgA, access.Owner), member(orgB, access.Owner)}, orgA, func(p *place, m string) error { return p.RemoveRole(t.Context(), server(), m, orgA, 0) }, false},
		"the maker was demoted":    {[]signin.Membership{member(orgA, access.Owner)}, orgA, setsRole(orgA, access.Auditor), false},
		"the maker is still above": {[]signin.Membership{member(orgA, access.Owner)}, orgA, setsRole(orgA, access.Admin), false},  // and invites nobody
		"the maker became more":    {[]signin.Membership{member(orgA, access.Owner)}, orgA, setsRole("", access.Operator), false}, // it ends with the password
		"an operator got another":  {[]signin.Membership{member("", access.Operator)}, "", setsRole(orgA, access.Auditor), true},
		"an operator no more":      {[]signin.Membership{member("", access.Operator), member(orgA, access.Auditor)}, "", func(p *place, m string) error { return p.RemoveRole(t.Context(), server(), m, "", 0) }, false},
		"an operator who is one":   {[]signin.Membership{member("", access.Operator)}, "", func(*place, string) error { return nil }, true},
	} {
		p := newPlace(t)
		p.invite("root", good, member("", access.Operator))
		p.invite("bob", good, member(orgA, access.Developer))
		maker := p.invite("maker", good, c.maker...)
		newcomer, known := p.invites(as(maker, c.as))
		p.pass(time.Second)
		if err := c.change(p, maker.Person.ID); err != nil {
			t.Fatal(what, err)
		}
		for _, token := range []string{newcomer, known} {
			if got := p.works(token); got != c.works {
				t.Errorf("%s: the link works: %v, want %v", what, got, c.works)
			}
		}
	}
}

func setsRole(organization string, role access.Role) func(p *place, maker string) error {
	return func(p *place, maker string) error {
		return second(p.SetRole(p.t.Context(), server(), maker, organization, role, 0))
	}
}

func TestALinkOfAnAPIKeyWorksWhileTheKeyMayGiveWhatItOpens(t *testing.T) {
	for what, c := range map[string]struct {
		change func(p *place, keys keyring, k access.Key)
		works  bool
	}{
		"nothing happened":    {func(*place, keyring, access.Key) {}, true},
		"it was revoked":      {func(_ *place, keys keyring, k access.Key) { delete(keys, k.ID) }, false},
		"it expired":          {func(p *place, _ keyring, _ access.Key) { p.pass(time.Minute) }, false},
		"it may less":         {func(_ *place, keys keyring, k access.Key) { k.Roles = []access.Role{access.Auditor}; keys[k.ID] = k }, false},
		"it invites nobody":   {func(_ *place, keys keyring, k access.Key) { k.Roles = []access.Role{access.Admin}; keys[k.ID] = k }, false},
		"it got another name": {func(_ *place, keys keyring, k access.Key) { k.Name, k.Version = "other", 2; keys[k.ID] = k }, true},
		"its secret is another": {func(p *place, keys keyring, k access.Key) {
			p.pass(time.Second)
			k.Secrets = []access.Secret{{Created: p.clock()}}
			keys[k.ID] = k
		}, false},
		"its secret is another, and the former works on": {func(p *place, keys keyring, k access.Key) {
			p.pass(time.Second)
			k.Secrets = []access.Secret{{Created: p.clock()}, {Created: k.Created, Expires: p.clock().Add(time.Minute)}}
			keys[k.ID] = k
		}, true},
		"its secret is another, and the former has ended": {func(p *place, keys keyring, k access.Key) {
			p.pass(time.Second)
			k.Secrets = []access.Secret{{Created: p.clock()}, {Created: k.Created, Expires: p.clock().Add(time.Second)}}
			keys[k.ID] = k
			p.pass(time.Second)
		}, false},
		"another has its id as its name": {func(_ *place, keys keyring, k access.Key) {
			keys["key_1"] = access.Key{ID: "key_2", Name: k.ID, Organization: orgA, Roles: []access.Role{access.Owner}}
		}, false},
	} {
		keys := keyring{}
		p := newPlace(t, func(s *signin.Settings) { s.Keys = keys })
		p.invite("bob", good, member(orgA, access.Developer))
		k := access.Key{ID: "key_1", Name: "onboarding", Organization: orgA, Roles: []access.Role{access.Owner}, Expires: p.clock().Add(time.Minute)}
		k.Created, k.Secrets = p.clock(), []access.Secret{{Created: p.clock()}}
		keys[k.ID] = k
		newcomer, known := p.invites(signin.By{Principal: access.Principal{Key: k}})
		c.change(p, keys, k)
		for _, token := range []string{newcomer, known} {
			if got := p.works(token); got != c.works {
				t.Errorf("%s: the link works: %v, want %v", what, got, c.works)
			}
		}
	}
}

func TestALinkIsNotCalledDeadWhenItCannotBeJudged(t *testing.T) {
	keys := awayKeys{}
	p := newPlace(t, func(s *signin.Settings) { s.Keys = keys })
	k := access.Key{ID: "key_1", Organization: orgA, Roles: []access.Role{access.Owner}}
	_, token, err := p.MakeLink(t.Context(), signin.By{Principal: access.Principal{Key: k}}, "ada", []signin.Membership{member(orgA, access.Developer)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.use(token.Reveal(), ""); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("%v", err)
	}
	if _, _, err := p.LinkOf(t.Context(), token.Reveal()); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("the link was used up: %v", err)
	}
}

type awayKeys struct{}

func (awayKeys) Key(string, string) (access.Key, error) {
	return access.Key{}, fault.Wrap(errors.New("away"), fault.Unavailable, "the keys cannot be read")
}

func TestALinkOfWhoSignedInByAProviderThatIsGoneDoesNotWork(t *testing.T) {
	f := newFederated(t, "group:platform=owner@a")
	o, err := f.come(ada())
	if err != nil {
		t.Fatal(err)
	}
	_, token, err := f.MakeLink(t.Context(), as(o, orgA), "bob", []signin.Membership{member(orgA, access.Developer)})
	if err != nil {
		t.Fatal(err)
	}
	if !f.works(token.Reveal()) {
		t.Fatal("it does not work at all")
	}
	without := f.again()
	if _, _, err := without.LinkOf(t.Context(), token.Reveal()); code(err) != "link_ended" {
		t.Errorf("%v", err)
	}
}

// hiccup is a keyring that cannot be read the time after that many.
type hiccup struct {
	keyring
	good *int
}

func (h hiccup) Key(organization, id string) (access.Key, error) {
	if *h.good--; *h.good == -1 {
		return awayKeys{}.Key(organization, id)
	}
	return h.keyring.Key(organization, id)
}

func TestALinkThatCouldNotBeLookedAtIsNotUsedUp(t *testing.T) {
	k := access.Key{ID: "key_1", Organization: orgA, Roles: []access.Role{access.Owner}, Secrets: []access.Secret{{}}}
	for looks := range 2 {
		after := looks
		p := newPlace(t, func(s *signin.Settings) { s.Keys = hiccup{keyring{k.ID: k}, &after} })
		_, token, err := p.MakeLink(t.Context(), signin.By{Principal: access.Principal{Key: k}}, "ada", []signin.Membership{member(orgA, access.Developer)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.use(token.Reveal(), good); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("%d looks are good: %v", looks, err)
		}
		if _, err := p.use(token.Reveal(), good); err != nil {
			t.Errorf("%d looks were good: the link was used up: %v", looks, err)
		}
	}
}
