package cli

import (
	"context"
	"slices"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

// names are the names of environments, callers and organizations by their ids, as
// far as they may be read and are still there.
func (c *usageCmd) names(ctx context.Context, server *client.Client, f client.UsageFilter) map[string]string {
	names := map[string]string{}
	for o, err := range server.Organizations(ctx) {
		if err != nil {
			break
		}
		names[o.ID] = o.Name
		if f.Organization != "" && f.Organization != o.ID && f.Organization != o.Name {
			continue
		}
		for id, name := range environmentNames(ctx, server, o.ID) {
			names[id] = name
		}
		if slices.Contains(f.Group, "key") {
			callerNames(ctx, server, o.ID, names)
		}
	}
	if slices.Contains(f.Group, "key") {
		memberNames(ctx, server, "", names) // operators ask in the playgrounds of all
	}
	return names
}

// callerNames adds those of an organization's keys, trusted issuers and people.
// Each is for show: of those who may not be read the ids are shown.
func callerNames(ctx context.Context, server *client.Client, org string, names map[string]string) {
	for k, err := range server.Keys(ctx, org) {
		if err != nil {
			break
		}
		names[k.ID] = k.Name
	}
	issuers, _ := paged(func(l client.List) (wire.Page[wire.TrustedIssuer], error) {
		return server.TrustedIssuerPage(ctx, org, l)
	})
	for _, i := range issuers {
		names[i.ID] = i.Name
	}
	memberNames(ctx, server, org, names)
}

// memberNames adds those of an organization's people; "" stands for the operators.
func memberNames(ctx context.Context, server *client.Client, org string, names map[string]string) {
	members, _ := paged(func(l client.List) (wire.Page[wire.Person], error) { return server.MemberPage(ctx, org, l) })
	for _, m := range members {
		names[m.ID] = m.Name
	}
}
