package signin

import (
	"context"
	"errors"
	"slices"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
)

// Pending is a link that would sign in now, and that nobody has used yet.
type Pending struct {
	Link
	// Person is the id of whom it is for; "" of one whom the link makes.
	Person string
	// Opens are the roles that it leads to.
	Opens []Membership
}

// RevocableBy reports whether who asks may take it back.
func (l Pending) RevocableBy(p access.Principal) bool { return mayInvite(p, l.Opens) }

// Links returns the links that lead to a role in the organization with that id,
// by login; "" the operators'. Those that do not work any more are not among them.
func (r *Registry) Links(ctx context.Context, organization string) ([]Pending, error) {
	all, err := r.settings.Store.Links(ctx)
	if err != nil {
		return nil, err
	}
	var waiting []Pending
	known := makers{}
	for _, l := range all {
		if len(l.Roles) > 0 && !leadTo(l.Roles, organization) { // seen without a look at anybody
			continue
		}
		p, exists, err := r.meant(ctx, l)
		opens := opensOf(l, p, exists)
		if err == nil && !leadTo(opens, organization) {
			continue
		}
		may := false
		if err == nil {
			may, err = r.mayStillInvite(ctx, l, opens, known)
		}
		if err := unless(err, fault.Unauthenticated); err != nil {
			return nil, err
		}
		if may {
			waiting = append(waiting, Pending{Link: l, Person: p.ID, Opens: opens})
		}
	}
	return waiting, nil
}

func leadTo(roles []Membership, organization string) bool {
	return slices.ContainsFunc(roles, func(m Membership) bool { return m.Organization == organization })
}

// EndLink takes a link back that leads to a role in the organization with that
// id, before somebody uses it. Who asks must be one who may invite to all that it
// opens: else Forbidden, "role_not_yours". One that is not there is NotFound,
// "link_not_found".
func (r *Registry) EndLink(ctx context.Context, by By, organization, login string) error {
	if !sees(by, organization) {
		return noLink()
	}
	all, err := r.Links(ctx, organization)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(l Pending) bool { return l.Login == login })
	switch {
	case i < 0:
		return noLink()
	case !all[i].RevocableBy(by.Principal):
		return fault.New(fault.Forbidden, "you may not revoke this link: it grants roles that you cannot grant").
			WithCode("role_not_yours").WithRemedy("Ask an operator, or wait: links expire within minutes.")
	}
	return r.takeBack(ctx, asking(by, Person{}), all[i], "")
}

// takeBack removes the very link that was looked at: a newer one of the login,
// which may open something else, stays.
func (r *Registry) takeBack(ctx context.Context, by asker, l Pending, reason string) error {
	_, err := r.settings.Store.TakeLink(ctx, l.Hash, r.revoked(by, l, reason)...)
	if fault.KindOf(err) == fault.NotFound {
		return noLink()
	}
	return err
}

// revoked are the events of a link that ends before somebody used it; the reason
// "" is that somebody asked for it.
func (r *Registry) revoked(by asker, l Pending, reason string) []audit.Event {
	var events []audit.Event
	for _, organization := range whose(l.Opens) {
		details := map[string]string{"login": l.Login, "roles": described(l.Opens, organization), "link_by": l.By.Key}
		if reason != "" {
			details["reason"] = reason
		}
		events = append(events, by.did(organization, l.Person, "signin.link.revoke", r.moment(), details))
	}
	return events
}

// takeBackOf takes the links back that people made, those too that do not work
// any more.
func (r *Registry) takeBackOf(ctx context.Context, by asker, makers []string, reason string) error {
	made, err := r.madeBy(ctx, makers)
	errs := []error{err}
	for _, l := range made {
		errs = append(errs, unless(r.takeBack(ctx, by, l, reason), fault.NotFound))
	}
	return errors.Join(errs...)
}

// withLinks has the links that the person made end with their former password:
// whoever knew it may have made them. It returns the events too.
func (r *Registry) withLinks(ctx context.Context, p Person, by asker, ends Ends) (Ends, []audit.Event, error) {
	made, err := r.madeBy(ctx, []string{p.ID})
	var events []audit.Event
	for _, l := range made {
		ends.Links = append(ends.Links, l.Hash)
		events = append(events, r.revoked(by, l, "password_changed")...)
	}
	return ends, events, err
}

// madeBy returns the links of makers, those too that do not work any more.
func (r *Registry) madeBy(ctx context.Context, makers []string) ([]Pending, error) {
	all, err := r.settings.Store.Links(ctx)
	var made []Pending
	for _, l := range all {
		if !slices.Contains(makers, l.By.Key) {
			continue
		}
		one := Pending{Link: l, Opens: l.Roles}
		if len(l.Roles) == 0 {
			p, _, err := r.local(ctx, l.Login)
			if err != nil { // the server's audit tells of its end then
				r.settings.Log.Warn("whose link it is could not be read", "login", l.Login, "error", err)
			}
			one.Person, one.Opens = p.ID, p.Roles
		}
		made = append(made, one)
	}
	return made, err
}

func noLink() error {
	return fault.New(fault.NotFound, "there is no such pending link; it may have been used meanwhile").WithCode("link_not_found")
}
