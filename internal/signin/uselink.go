package signin

import (
	"cmp"
	"context"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
	"github.com/adit-hq/adit/internal/secret"
)

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

// opened returns the person of a link that works: it is for the person as they are
// (see meant), and its maker is one who could make it now.
func (r *Registry) opened(ctx context.Context, l Link) (Person, bool, error) {
	p, exists, err := r.meant(ctx, l)
	if err != nil {
		return Person{}, false, err
	}
	if may, err := r.mayStillInvite(ctx, l, opensOf(l, p, exists), makers{}); err != nil || !may {
		return Person{}, false, cmp.Or(err, linkEnded())
	}
	return p, exists, nil
}

// meant returns the person of a link that is not too old. A link is for the
// person as they were when it was made: who got other roles or another password
// since, is not to be entered by who could make it for them before.
func (r *Registry) meant(ctx context.Context, l Link) (Person, bool, error) {
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
// their other sessions end, and the links that the person made; one that cannot be taken
// leaves the link as it is. A link works for a locked login too, which the audit tells.
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
	// Hashing took its time, so all is looked at once more, before the link is used
	// up: what cannot be read now leaves it as it is.
	p, exists, err := r.opened(ctx, l)
	if err != nil {
		return Opened{}, err
	}
	if _, err = r.settings.Store.TakeLink(ctx, l.Hash); fault.KindOf(err) == fault.NotFound {
		return Opened{}, linkEnded()
	}
	if err != nil {
		return Opened{}, err
	}
	p, err = r.entering(ctx, p, exists, l, hash, o)
	if f := fault.From(err); f != nil && (f.Code == "conflict" || f.Code == "name_taken") { // somebody was quicker
		return Opened{}, linkEnded()
	}
	if err != nil {
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
		return p, r.settings.Store.Forgive(ctx, r.loginName(p.Login).name) // what somebody guessed before the person was there
	}
	if hash == "" {
		return p, nil
	}
	p.Password, p.Updated = hash, now
	ends, ended, err := r.withLinks(ctx, p, self(p, o), Ends{All: true})
	if err != nil {
		return p, err
	}
	events := append(byPerson(p, o, now, "signin.password", "ok", map[string]string{"method": byLink}), ended...)
	if err := r.settings.Store.UpdatePerson(ctx, p, ends, events...); err != nil {
		return p, err
	}
	p.Version++
	return p, r.settings.Store.Forgive(ctx, r.loginName(p.Login).name)
}

func linkEnded() error {
	return fault.New(fault.Unauthenticated, "the link no longer works: it was used or revoked, has expired, was replaced by a newer one, or its creator may no longer invite you").
		WithCode("link_ended").WithRemedy("Ask for a new one; a link works once, and for a few minutes.")
}
