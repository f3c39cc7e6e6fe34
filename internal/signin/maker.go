package signin

import (
	"context"
	"slices"

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

// mayInvite reports whether who asks may make a way in to all of the roles, and
// so take one back: they invite people there, and each role is theirs to give.
func mayInvite(p access.Principal, roles []Membership) bool {
	return !slices.ContainsFunc(roles, func(m Membership) bool {
		needs := access.WriteMember
		if m.Organization == "" {
			needs = access.WriteOperator
		}
		return !p.May(needs, m.Organization) || !mayGive(p, m)
	})
}

// makers are those of the links of one list, each of which is read once.
type makers map[[2]string]maker

// maker is who made a link, as one who asks now.
type maker struct {
	access.Principal
	there bool // false: nobody any more
	key   bool // an API key, not a person
}

// mayStillInvite reports whether who made the link may invite to the roles by
// now: a link is a promise of its maker, and who was removed, demoted or revoked
// since keeps none. What the server made itself stays good.
func (r *Registry) mayStillInvite(ctx context.Context, l Link, roles []Membership, known makers) (bool, error) {
	who := [2]string{l.By.Organization, l.By.Key}
	m, seen := known[who]
	if !seen {
		var err error
		if m, err = r.maker(ctx, l.By); err != nil {
			return false, err
		}
		known[who] = m
	}
	if m.key && !r.secretLeft(m.Key, l) {
		return false, nil
	}
	return m.there && mayInvite(m.Principal, roles), nil
}

// secretLeft reports whether the key still has a secret that it had when the
// link was made: a key is rotated because somebody else may have had the former one.
func (r *Registry) secretLeft(k access.Key, l Link) bool {
	now := r.moment()
	return slices.ContainsFunc(k.Secrets, func(s access.Secret) bool {
		return !s.Created.After(l.Created) && (s.Expires.IsZero() || now.Before(s.Expires))
	})
}

// maker returns who made a link.
func (r *Registry) maker(ctx context.Context, by audit.Actor) (maker, error) {
	if by.Key == audit.System().Key {
		return maker{Principal: access.System(), there: true}, nil
	}
	p, err := r.settings.Store.Person(ctx, by.Key)
	switch {
	case err == nil:
		if !r.welcome(p) {
			return maker{}, nil
		}
		who, there := SignedIn{Person: p}.Principal(by.Organization)
		return maker{Principal: who, there: there}, nil
	case fault.KindOf(err) != fault.NotFound:
		return maker{}, err
	}
	k, err := r.settings.Keys.Key(by.Organization, by.Key)
	switch {
	case fault.KindOf(err) == fault.NotFound, err == nil && k.ID != by.Key: // another key may have the id as its name
		return maker{}, nil
	case err != nil:
		return maker{}, err
	case !k.Expires.IsZero() && !r.moment().Before(k.Expires):
		return maker{}, nil
	}
	return maker{Principal: access.Principal{Key: k}, there: true, key: true}, nil
}
