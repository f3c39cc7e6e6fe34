package signin

import (
	"context"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
)

// Keys knows the API keys that make links.
type Keys interface {
	// Key returns a key of the organization ("" an operator's) by id; one that was
	// revoked, and none, are a fault of kind NotFound.
	Key(organization, idOrName string) (access.Key, error)
}

// noKeys are those of a registry that was given none: links of keys do not work.
type noKeys struct{}

// Key implements [Keys].
func (noKeys) Key(string, string) (access.Key, error) {
	return access.Key{}, fault.New(fault.NotFound, "there is no such API key").WithCode("key_not_found")
}

// mayStillGive reports whether who made the link may give the roles by now: a
// link is a promise of its maker, and who was removed, demoted or revoked since
// keeps none. What the server made itself stays good.
func (r *Registry) mayStillGive(ctx context.Context, l Link, roles []Membership) (bool, error) {
	maker, there, err := r.maker(ctx, l.By)
	return there && mayGiveAll(maker, roles), err
}

// maker returns who made a link as one who asks now; false: nobody any more.
func (r *Registry) maker(ctx context.Context, by audit.Actor) (access.Principal, bool, error) {
	if by.Key == audit.System().Key {
		return access.System(), true, nil
	}
	p, err := r.settings.Store.Person(ctx, by.Key)
	switch {
	case err == nil:
		if !r.welcome(p) {
			return access.Principal{}, false, nil
		}
		maker, there := SignedIn{Person: p}.Principal(by.Organization)
		return maker, there, nil
	case fault.KindOf(err) != fault.NotFound:
		return access.Principal{}, false, err
	}
	k, err := r.settings.Keys.Key(by.Organization, by.Key)
	switch {
	case fault.KindOf(err) == fault.NotFound, err == nil && k.ID != by.Key: // another key may have the id as its name
		return access.Principal{}, false, nil
	case err != nil:
		return access.Principal{}, false, err
	case !k.Expires.IsZero() && !r.moment().Before(k.Expires):
		return access.Principal{}, false, nil
	}
	return access.Principal{Key: k}, true, nil
}
