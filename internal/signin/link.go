package signin

import (
	"cmp"
	"context"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
	"github.com/adit-hq/adit/internal/secret"
)

// MakeLink makes a link that signs in once, and returns it with its token, which
// is shown this once. A login that nobody has is that of a person whom the link
// makes, with the roles given (at least one). Of a person who is there the roles
// stay as they are, and the organizations of the roles given are only looked
// at: who is no member of one is refused, "not_a_member", so that nobody thinks
// he was added. Who makes a link must be one who may give all roles that it
// opens: else Forbidden, "role_not_yours". Former links of the login end.
func (r *Registry) MakeLink(ctx context.Context, by By, login string, roles []Membership) (Link, secret.String, error) {
	var f fault.Inputs
	checkLogin(&f, login)
	roles = r.resolved(&f, roles)
	if err := f.Err(); err != nil {
		return Link{}, secret.String{}, err
	}
	p, exists, err := r.local(ctx, login)
	if err != nil {
		return Link{}, secret.String{}, err
	}
	target, opens := p.ID, p.Roles
	if !exists {
		target, opens = "", roles
		if len(roles) == 0 {
			f.Add("role", "nobody has this login yet: say which role the person gets whom the link makes")
			return Link{}, secret.String{}, f.Err()
		}
	}
	if !mayGiveAll(by.Principal, roles) || !mayGiveAll(by.Principal, opens) {
		return Link{}, secret.String{}, fault.New(fault.Forbidden, "you may not make a way in for this login: it opens roles that are not yours to give").
			WithCode("role_not_yours").WithRemedy("Choose another login, or ask an operator.")
	}
	if err := missing(p, exists, roles); err != nil {
		return Link{}, secret.String{}, err
	}
	now := r.moment()
	token, hash := newToken(linkToken)
	l := Link{Hash: hash, Login: login, Version: p.Version, Created: now, Expires: now.Add(r.settings.LinkLife), By: by.Principal.Actor(by.Address)}
	if !exists {
		l.Roles = roles
	}
	var events []audit.Event
	for _, organization := range whose(opens) {
		events = append(events, byAnother(by, organization, target, "signin.link", now, map[string]string{
			"login": login, "roles": described(opens, organization), "expires": l.Expires.Format(time.RFC3339),
		}))
	}
	if err := r.settings.Store.CreateLink(ctx, l, events...); err != nil {
		return Link{}, secret.String{}, err
	}
	return l, token, nil
}

// missing refuses an invitation of a person who is there to where he is not.
func missing(p Person, exists bool, roles []Membership) error {
	for _, m := range roles {
		if _, ok := p.role(m.Organization); exists && !ok {
			return fault.New(fault.Invalid, "somebody has this login already, and a link does not change roles").
				WithCode("not_a_member").WithParam("login").
				WithRemedy("Give the person the role first, or choose another login.")
		}
	}
	return nil
}

// LinkOf returns the link that the token opens, without using it up, and whether
// the person is there already. One that was used, has expired or never was is
// Unauthenticated, "link_ended".
func (r *Registry) LinkOf(ctx context.Context, token string) (Link, bool, error) {
	hash, ok := readToken(linkToken, token)
	if !ok {
		return Link{}, false, linkEnded()
	}
	l, err := r.settings.Store.Link(ctx, hash)
	if fault.KindOf(err) == fault.NotFound {
		return Link{}, false, linkEnded()
	}
	if err != nil {
		return Link{}, false, err
	}
	_, exists, err := r.opened(ctx, l)
	return l, exists, err
}

// opened returns the person of a link that works. A link is for the person as he
// was when it was made: who got other roles or another password since, is not
// to be entered by who could make it for him before. And its maker must be one
// who could make it now.
func (r *Registry) opened(ctx context.Context, l Link) (Person, bool, error) {
	if !r.moment().Before(l.Expires) {
		return Person{}, false, linkEnded()
	}
	p, exists, err := r.local(ctx, l.Login)
	if err != nil {
		return Person{}, false, err
	}
	if exists == (len(l.Roles) > 0) || p.Version != l.Version {
		return Person{}, false, linkEnded()
	}
	if may, err := r.mayStillGive(ctx, l, opensOf(l, p, exists)); err != nil || !may {
		return Person{}, false, cmp.Or(err, linkEnded())
	}
	return p, exists, nil
}

// opensOf returns the roles that a link opens.
func opensOf(l Link, p Person, exists bool) []Membership {
	if exists {
		return p.Roles
	}
	return l.Roles
}

// UseLink begins a session by the link and uses it up; of two who try at once
// one gets "link_ended". A password that is not empty becomes the person's, and
// his other sessions end; one that cannot be taken leaves the link as it is. A
// link works for a locked login too, which the audit tells.
func (r *Registry) UseLink(ctx context.Context, token string, password secret.String, o Origin) (Opened, error) {
	l, _, err := r.LinkOf(ctx, token)
	if err != nil {
		return Opened{}, err
	}
	var hash string
	if !password.Empty() {
		var f fault.Inputs
		checkPassword(&f, "password", l.Login, password)
		if err := f.Err(); err != nil {
			return Opened{}, err
		}
		if hash, err = r.hashed(ctx, password); err != nil {
			return Opened{}, err
		}
	}
	locked := r.locked(ctx, []counted{r.loginName(l.Login)})
	if err := unless(locked, fault.Throttled); err != nil {
		return Opened{}, err
	}
	if l, err = r.settings.Store.TakeLink(ctx, l.Hash); fault.KindOf(err) == fault.NotFound {
		return Opened{}, linkEnded()
	}
	if err != nil {
		return Opened{}, err
	}
	p, exists, err := r.opened(ctx, l)
	if err != nil {
		return Opened{}, err
	}
	if p, err = r.entering(ctx, p, exists, l, hash, o); err != nil {
		return Opened{}, err
	}
	details := map[string]string{"link_by": l.By.Key}
	if locked != nil {
		details["break_glass"] = "the login was locked"
	}
	return r.open(ctx, p, byLink, o, details)
}

// entering makes the person of a link, or gives the one who is there the password.
func (r *Registry) entering(ctx context.Context, p Person, exists bool, l Link, hash string, o Origin) (Person, error) {
	now := r.moment()
	if !exists {
		p = Person{
			ID: ident.New(ident.Person), Login: l.Login, Name: l.Login, Password: hash,
			Roles: l.Roles, Created: now, Updated: now, Version: 1,
		}
		var events []audit.Event
		for _, organization := range whose(p.Roles) {
			events = append(events, audit.Event{
				Time: now, Organization: organization, Actor: l.By, Action: "member.add", Target: p.ID, Outcome: "ok",
				Details: map[string]string{"login": p.Login, "role": described(p.Roles, organization)},
			})
		}
		if err := r.settings.Store.CreatePerson(ctx, p, events...); err != nil {
			return p, err
		}
		return p, r.settings.Store.Forgive(ctx, r.loginName(p.Login).name) // what somebody guessed before he was there
	}
	if hash == "" {
		return p, nil
	}
	p.Password, p.Updated = hash, now
	events := byPerson(p, o, now, "signin.password", "ok", map[string]string{"method": byLink})
	if err := r.settings.Store.UpdatePerson(ctx, p, Ends{All: true}, events...); err != nil {
		return p, err
	}
	p.Version++
	return p, r.settings.Store.Forgive(ctx, r.loginName(p.Login).name)
}

func linkEnded() error {
	return fault.New(fault.Unauthenticated, "the link does not work any more: it was used or taken back, it is too old, a newer one was made, or who made it may not any more").
		WithCode("link_ended").WithRemedy("Ask for a new one; a link works once and for a few minutes.")
}
