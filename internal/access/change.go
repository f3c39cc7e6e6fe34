package access

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
	"github.com/adit-hq/adit/internal/secret"
)

// By is who asks for a change, and from where.
type By struct {
	Principal Principal
	// Address is where the request came from; "" from the server itself.
	Address string
}

// Create makes a key and returns it with the whole API key, which is shown this
// once and kept nowhere. Roles that go together: operator alone and without an
// organization; else at most one of owner, admin, developer and auditor, and
// invoke and credentials with any. All faults of the input are told at once.
// Who may not give all of the roles gets a fault of kind Forbidden, "role_not_yours".
func (r *Registry) Create(ctx context.Context, by By, in Input) (Key, secret.String, error) {
	if err := r.settings.Fresh(); err != nil {
		return Key{}, secret.String{}, err
	}
	now := r.moment()
	k := Key{
		ID: ident.New(ident.Key), Organization: in.Organization, Name: in.Name, Roles: slices.Clone(in.Roles),
		Environments: slices.Clone(in.Environments), Models: slices.Clone(in.Models), Limits: in.Limits, Tags: maps.Clone(in.Tags),
		Created: now, Updated: now, Expires: whole(in.Expires), Version: 1,
	}
	if len(k.Roles) == 0 {
		k.Roles = []Role{Invoke}
	}
	if k.Organization != "" {
		id, err := r.settings.Tenants.OrganizationID(k.Organization)
		if err != nil {
			return Key{}, secret.String{}, err
		}
		k.Organization = id
	}
	if err := mayChange(by, k); err != nil {
		return Key{}, secret.String{}, err
	}
	if err := r.check(&k, Key{}); err != nil {
		return Key{}, secret.String{}, err
	}
	whole, made := r.newSecret(k.ID, now)
	k.Secrets = []Secret{made}
	if err := r.settings.Store.CreateKey(ctx, k, event(by, "apikey.create", k, now, described(k))); err != nil {
		return Key{}, secret.String{}, err
	}
	r.desk.TakeOver(ctx)
	return k, whole, nil
}

// Update changes a key. Who asks must be one who may give the roles that the key
// has and those that it gets.
func (r *Registry) Update(ctx context.Context, by By, organization, key string, p Patch) (Key, error) {
	return r.change(ctx, organization, key, p.Version, func(old Key, now time.Time) (Key, change, error) {
		k := p.apply(old)
		k.Updated = now
		if err := mayChange(by, old); err != nil {
			return k, change{}, err
		}
		if p.Roles != nil {
			if err := mayChange(by, k); err != nil {
				return k, change{}, err
			}
		}
		if err := r.check(&k, old); err != nil {
			return k, change{}, err
		}
		details := audit.Changed(described(old), described(k))
		if len(details) == 0 {
			return old, change{}, nil
		}
		return k, change{event(by, "apikey.update", k, now, details)}, nil
	})
}

// Revoke ends a key at once and for ever. Every key may revoke itself; the last
// operator's key that never ends cannot be revoked. A version that is asked for,
// not 0, is held against what is there when it is written.
func (r *Registry) Revoke(ctx context.Context, by By, organization, key string, version int64) error {
	_, err := r.change(ctx, organization, key, version, func(k Key, now time.Time) (Key, change, error) {
		if by.Principal.Key.ID != k.ID {
			if err := mayChange(by, k); err != nil {
				return k, change{}, err
			}
		}
		k.Revoked, k.Updated = now, now
		k.Secrets = nil // nothing that is left opens it
		return k, change{event(by, "apikey.revoke", k, now, map[string]string{"name": k.Name})}, nil
	})
	return err
}

// mayChange returns a fault unless who asks may give all roles that the key has.
func mayChange(by By, k Key) error {
	if by.Principal.mayGive(k.Organization, k.Roles) {
		return nil
	}
	return fault.New(fault.Forbidden, "your key may not create or change keys with these roles: nobody can grant more than they have").
		WithCode("role_not_yours").
		WithRemedy("Operators manage operators' keys; owners and operators manage keys of owners and admins; admins manage all other keys.")
}
