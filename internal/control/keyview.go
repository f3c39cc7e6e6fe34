package control

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/control/wire"
)

// shownKey is a key with its last use.
func (a *api) shownKey(ctx context.Context, k access.Key) (wire.Key, error) {
	used, err := a.s.Keys.LastUsed(ctx, k.Organization)
	return showKey(k, used[k.ID]), err
}

// showKey is a key as clients see it: of its secrets only their times.
func showKey(k access.Key, used time.Time) wire.Key {
	w := wire.Key{
		ID: k.ID, Organization: k.Organization, Name: k.Name, Roles: make([]string, len(k.Roles)), Environments: k.Environments, Models: k.Models,
		Limits: wire.Limits{PerMinute: k.Limits.PerMinute, Concurrent: k.Limits.Concurrent}, Tags: k.Tags, Secrets: make([]wire.KeySecret, len(k.Secrets)),
		Created: k.Created.UTC(), Updated: k.Updated.UTC(), Expires: moment(k.Expires), LastUsed: moment(used), Version: k.Version,
	}
	for i, r := range k.Roles {
		w.Roles[i] = string(r)
	}
	for i, s := range k.Secrets {
		w.Secrets[i] = wire.KeySecret{Created: s.Created.UTC(), Expires: moment(s.Expires)}
	}
	return w
}

func limits(l *wire.Limits) caller.Limits {
	if l == nil {
		return caller.Limits{}
	}
	return caller.Limits{PerMinute: l.PerMinute, Concurrent: l.Concurrent}
}
