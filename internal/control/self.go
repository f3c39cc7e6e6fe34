package control

import (
	"context"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

func (a *api) selfRoutes() []route {
	return []route{{"GET", "/whoami", "whoami", "Show the calling key and what it may do", "", ofSelf, 0, on(a.whoAmI)}}
}

func (a *api) whoAmI(_ context.Context, c *call, _ *struct{}) (wire.WhoAmI, error) {
	k := c.who.Key
	w := wire.WhoAmI{Key: k.ID, Name: k.Name, Organization: k.Organization, Roles: []string{}, Permissions: []string{}}
	if c.person() {
		w.Person = k.ID
	}
	for _, r := range k.Roles {
		w.Roles = append(w.Roles, string(r))
	}
	for _, p := range access.Permissions() {
		if c.who.May(p, k.Organization) {
			w.Permissions = append(w.Permissions, string(p))
		}
	}
	return w, nil
}
