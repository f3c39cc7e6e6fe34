package control

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/secret"
)

// Keys knows the API keys: an organization's by its id, the operators' by "".
type Keys interface {
	// Keys returns all, in order of name and id.
	Keys(organization string) ([]access.Key, error)
	Key(organization, idOrName string) (access.Key, error)
	LastUsed(ctx context.Context, organization string) (map[string]time.Time, error)
	KeyChanges
}

// KeyChanges changes API keys.
type KeyChanges interface {
	Create(ctx context.Context, by access.By, in access.Input) (access.Key, secret.String, error)
	Update(ctx context.Context, by access.By, organization, key string, p access.Patch) (access.Key, error)
	Rotate(ctx context.Context, by access.By, organization, key string, overlap time.Duration) (access.Key, secret.String, error)
	Revoke(ctx context.Context, by access.By, organization, key string, version int64) error
}

// defaultOverlap is how long a rotated key's former secret works on.
const defaultOverlap = 24 * time.Hour

// keyRoutes are twice the same: for an organization's keys, and for the operators'.
func (a *api) keyRoutes() []route {
	const all, one = "/organizations/{org}/keys", "/organizations/{org}/keys/{key}"
	const allOp, oneOp = "/operator/keys", "/operator/keys/{key}"
	const w = access.WriteOperatorKey
	return []route{
		{"GET", all, "list-keys", "List the API keys of an organization", access.ReadKey, ofOrganization, 0, on(a.listKeys)},
		{"POST", all, "create-key", "Create an API key; its secret is shown only once", access.WriteKey, ofOrganization, 0, made(a.createKey)},
		{"GET", one, "show-key", "Show an API key", access.ReadKey, ofOrganization, 0, on(a.showKey)},
		{"PATCH", one, "update-key", "Change an API key", access.WriteKey, ofOrganization, 0, versioned(on(a.updateKey))},
		{"DELETE", one, "revoke-key", "Revoke an API key immediately and permanently", access.WriteKey, ofOrganization, 0, versioned(does(a.revokeKey))},
		{"POST", one + "/rotate", "rotate-key", "Give an API key a new secret", access.WriteKey, ofOrganization, 0, on(once(http.StatusOK, a.rotateKey))},
		{"GET", allOp, "list-operator-keys", "List the operators' keys", w, ofServer, 0, on(a.listOperatorKeys)},
		{"POST", allOp, "create-operator-key", "Create an operator's key", w, ofServer, 0, made(a.createOperatorKey)},
		{"GET", oneOp, "show-operator-key", "Show an operator's key", w, ofServer, 0, on(a.showOperatorKey)},
		{"PATCH", oneOp, "update-operator-key", "Change an operator's key", w, ofServer, 0, versioned(on(a.updateOperatorKey))},
		{"DELETE", oneOp, "revoke-operator-key", "Revoke an operator's key", w, ofServer, 0, versioned(does(a.revokeOperatorKey))},
		{"POST", oneOp + "/rotate", "rotate-operator-key", "Give an operator's key a new secret", w, ofServer, 0, on(once(http.StatusOK, a.rotateOperatorKey))},
	}
}

// InKey names a key.
type InKey struct {
	Key string `path:"key" maxLength:"128" doc:"Id or name of the key"`
}

// What an operator's route takes, each for itself; routes of an organization
// take the same and the organization.
type (
	// ListKeysInput asks for a page.
	ListKeysInput struct {
		Paging
		Searched
		Sort string `query:"sort" enum:"name,-name,created,-created,updated,-updated,last_used,-last_used,expires,-expires" default:"name" doc:"Sort order of the list; - reverses it"`
		Role string `query:"role" enum:"operator,owner,admin,developer,auditor,invoke,credentials" doc:"Only keys with this role"`
	}
	// CreateKeyInput describes a key.
	CreateKeyInput struct{ Body wire.KeyInput }
	// UpdateKeyInput changes one.
	UpdateKeyInput struct {
		InKey
		Body wire.KeyPatch
	}
	// RotateKeyInput rotates one.
	RotateKeyInput struct {
		InKey
		Body *wire.RotationInput
	}

	listKeysOf struct {
		InOrganization
		ListKeysInput
	}
	createKeyOf struct {
		InOrganization
		CreateKeyInput
	}
	keyOf struct {
		InOrganization
		InKey
	}
	updateKeyOf struct {
		InOrganization
		UpdateKeyInput
	}
	rotateKeyOf struct {
		InOrganization
		RotateKeyInput
	}
)

// by is who the rooms will hold against their own rules.
func (c *call) by() access.By {
	return access.By{Principal: c.who, Address: c.actor().Address}
}

func (a *api) listOperatorKeys(ctx context.Context, c *call, in *ListKeysInput) (wire.Page[wire.Key], error) {
	all, err := a.s.Keys.Keys(c.organization.ID)
	if err != nil {
		return wire.Page[wire.Key]{}, err
	}
	used, err := a.s.Keys.LastUsed(ctx, c.organization.ID)
	if err != nil {
		return wire.Page[wire.Key]{}, err
	}
	keep := func(k access.Key) bool {
		return (in.Role == "" || slices.Contains(k.Roles, access.Role(in.Role))) && in.finds(append(tagTexts(k.Tags), k.Name, k.ID)...)
	}
	by := sorts[access.Key]{
		"name":      func(k access.Key) string { return k.Name },
		"created":   func(k access.Key) string { return sortable(k.Created) },
		"updated":   func(k access.Key) string { return sortable(k.Updated) },
		"last_used": func(k access.Key) string { return sortable(used[k.ID]) },
		"expires":   func(k access.Key) string { return cmp.Or(sortable(k.Expires), "never") }, // after all times
	}.by(in.Sort, func(k access.Key) string { return k.ID })
	show := func(k access.Key) wire.Key { return showKey(k, used[k.ID]) }
	return pageOf(all, keep, in.Paging, by, show, "keys", c.organization.ID, in.Search, in.Role)
}

func (a *api) createOperatorKey(ctx context.Context, c *call, in *CreateKeyInput) (wire.NewKey, error) {
	b := in.Body
	input := access.Input{
		Organization: c.organization.ID, Name: b.Name, Environments: b.Environments, Models: b.Models, Limits: limits(b.Limits), Tags: b.Tags,
	}
	if input.Organization == "" && len(b.Roles) == 0 {
		input.Roles = []access.Role{access.Operator}
	}
	for _, r := range b.Roles {
		input.Roles = append(input.Roles, access.Role(r))
	}
	if b.Expires != nil {
		input.Expires = *b.Expires
	}
	k, shown, err := a.s.Keys.Create(ctx, c.by(), input)
	if err != nil {
		return wire.NewKey{}, err
	}
	return wire.NewKey{Key: showKey(k, time.Time{}), Secret: shown.Reveal()}, nil
}

func (a *api) showOperatorKey(ctx context.Context, c *call, in *InKey) (wire.Key, error) {
	k, err := a.s.Keys.Key(c.organization.ID, in.Key)
	if err != nil {
		return wire.Key{}, err
	}
	return a.shownKey(ctx, k)
}

func (a *api) updateOperatorKey(ctx context.Context, c *call, in *UpdateKeyInput) (wire.Key, error) {
	key, version, err := a.pinnedKey(c, in.Key)
	if err != nil {
		return wire.Key{}, err
	}
	b := in.Body
	p := access.Patch{Version: version, Name: b.Name, Environments: b.Environments, Models: b.Models, Tags: b.Tags, Expires: b.Expires}
	if b.NeverExpires {
		p.Expires = new(time.Time)
	}
	if b.Limits != nil {
		l := limits(b.Limits)
		p.Limits = &l
	}
	if b.Roles != nil {
		roles := make([]access.Role, len(*b.Roles))
		for i, r := range *b.Roles {
			roles[i] = access.Role(r)
		}
		p.Roles = &roles
	}
	k, err := a.s.Keys.Update(ctx, c.by(), c.organization.ID, key, p)
	if err != nil {
		return wire.Key{}, err
	}
	return a.shownKey(ctx, k)
}

// pinnedKey is the key, and the version, that a change is to be made of.
func (a *api) pinnedKey(c *call, idOrName string) (key string, version int64, err error) {
	return c.pin(idOrName, func() (string, int64, error) {
		k, err := a.s.Keys.Key(c.organization.ID, idOrName)
		return k.ID, k.Version, err
	})
}

func (a *api) revokeOperatorKey(ctx context.Context, c *call, in *InKey) error {
	key, version, err := a.pinnedKey(c, in.Key)
	if err != nil {
		return err
	}
	return a.s.Keys.Revoke(ctx, c.by(), c.organization.ID, key, version)
}

func (a *api) rotateOperatorKey(ctx context.Context, c *call, in *RotateKeyInput) (wire.NewKey, error) {
	overlap := defaultOverlap
	if in.Body != nil && in.Body.OverlapSeconds != nil {
		overlap = time.Duration(*in.Body.OverlapSeconds) * time.Second
	}
	k, shown, err := a.s.Keys.Rotate(ctx, c.by(), c.organization.ID, in.Key, overlap)
	if err != nil {
		return wire.NewKey{}, err
	}
	return wire.NewKey{Key: showKey(k, time.Time{}), Secret: shown.Reveal()}, nil
}

// Of an organization: the same, in the one that the path names.

func (a *api) listKeys(ctx context.Context, c *call, in *listKeysOf) (wire.Page[wire.Key], error) {
	return a.listOperatorKeys(ctx, c, &in.ListKeysInput)
}

func (a *api) createKey(ctx context.Context, c *call, in *createKeyOf) (wire.NewKey, error) {
	return a.createOperatorKey(ctx, c, &in.CreateKeyInput)
}

func (a *api) showKey(ctx context.Context, c *call, in *keyOf) (wire.Key, error) {
	return a.showOperatorKey(ctx, c, &in.InKey)
}

func (a *api) updateKey(ctx context.Context, c *call, in *updateKeyOf) (wire.Key, error) {
	return a.updateOperatorKey(ctx, c, &in.UpdateKeyInput)
}

func (a *api) revokeKey(ctx context.Context, c *call, in *keyOf) error {
	return a.revokeOperatorKey(ctx, c, &in.InKey)
}

func (a *api) rotateKey(ctx context.Context, c *call, in *rotateKeyOf) (wire.NewKey, error) {
	return a.rotateOperatorKey(ctx, c, &in.RotateKeyInput)
}
