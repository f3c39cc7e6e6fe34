package signin

import (
	"context"
	"slices"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

// MakeLink makes a link that signs in once, and returns it with its token, which
// is shown this once. A login that nobody has is that of a person whom the link
// makes, with the roles given (at least one). Of a person who is there the roles
// stay as they are, and the organizations of the roles given are only looked
// at: who is no member of one is refused, "not_a_member", so that nobody thinks
// they were added. Who makes a link must be one who may invite to all roles that it
// opens, and to those that a link opens which waits for the login and ends by
// this: else Forbidden, "role_not_yours".
func (r *Registry) MakeLink(ctx context.Context, by By, login string, roles []Membership) (Link, secret.String, error) {
	var f fault.Inputs
	checkLogin(&f, login)
	roles = r.resolved(&f, roles)
	if err := f.Err(); err != nil {
		return Link{}, secret.String{}, err
	}
	for try := 1; ; try++ {
		l, token, err := r.makeLink(ctx, by, login, roles)
		if err == nil || try == tries || fault.From(err).Code != "conflict" {
			return l, token, err
		}
	}
}

// makeLink is one try, which another link of the login, or a change of the
// person, may get in the way of: Invalid, "conflict".
func (r *Registry) makeLink(ctx context.Context, by By, login string, roles []Membership) (Link, secret.String, error) {
	p, exists, err := r.local(ctx, login)
	if err != nil {
		return Link{}, secret.String{}, err
	}
	opens := p.Roles
	if !exists {
		opens = roles
		if len(roles) == 0 {
			var f fault.Inputs
			f.Add("role", "nobody has this login yet: say which role the person gets whom the link makes")
			return Link{}, secret.String{}, f.Err()
		}
	}
	if !mayInvite(by.Principal, roles) || !mayInvite(by.Principal, opens) {
		return Link{}, secret.String{}, notYoursToOpen()
	}
	if err := missing(p, exists, roles); err != nil {
		return Link{}, secret.String{}, err
	}
	replaced, events, err := r.replaced(ctx, by, login)
	if err != nil {
		return Link{}, secret.String{}, err
	}
	now := r.moment()
	token, hash := newToken(linkToken)
	l := Link{Hash: hash, Login: login, Version: p.Version, Created: now, Expires: now.Add(r.settings.LinkLife), By: by.Principal.Actor(by.Address)}
	if !exists {
		l.Roles = roles
	}
	for _, organization := range whose(opens) {
		events = append(events, asking(by, p).did(organization, p.ID, "signin.link", now, map[string]string{
			"login": login, "roles": described(opens, organization), "expires": l.Expires.Format(time.RFC3339),
		}))
	}
	if err := r.settings.Store.CreateLink(ctx, l, replaced, events...); err != nil {
		return Link{}, secret.String{}, err
	}
	return l, token, nil
}

// replaced returns the hash of the link that a new one of the login replaces
// (nil: none is kept) and the events of its end. One that works is another's
// invitation: whoever may not take it back does not end it by a link of their own.
func (r *Registry) replaced(ctx context.Context, by By, login string) ([]byte, []audit.Event, error) {
	all, err := r.settings.Store.Links(ctx)
	i := slices.IndexFunc(all, func(l Link) bool { return l.Login == login })
	if err != nil || i < 0 {
		return nil, nil, err
	}
	l := all[i]
	p, exists, err := r.opened(ctx, l)
	switch {
	case fault.KindOf(err) == fault.Unauthenticated:
		return l.Hash, nil, nil
	case err != nil:
		return nil, nil, err
	}
	waits := Pending{Link: l, Person: p.ID, Opens: opensOf(l, p, exists)}
	if !mayInvite(by.Principal, waits.Opens) {
		return nil, nil, notYoursToOpen()
	}
	return l.Hash, r.revoked(asking(by, p), waits, "replaced"), nil
}

func notYoursToOpen() error {
	return fault.New(fault.Forbidden, "you may not create a link for this login: it grants roles that you cannot grant").
		WithCode("role_not_yours").WithRemedy("Choose another login, or ask an operator.")
}

// missing refuses an invitation of a person who is there to where they are no member.
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
