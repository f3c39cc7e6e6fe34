package access

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/roster"
	"github.com/adit-hq/adit/internal/secret"
)

// change is what a change tells the audit; nothing means that nothing changes.
type change []audit.Event

// change reads a key, has it changed, and writes it if nobody else did
// meanwhile. A version that is asked for is held against what is there.
func (r *Registry) change(
	ctx context.Context, organization, key string, version int64, do func(Key, time.Time) (Key, change, error),
) (Key, error) {
	read := func() (Key, int64, error) {
		k, err := r.Key(organization, key)
		return k, k.Version, err
	}
	return roster.Change(ctx, r.desk, "API key", version, read, func(old Key) (Key, bool, error) {
		k, events, err := do(old, r.moment())
		if err != nil || len(events) == 0 {
			return k, false, err
		}
		err = r.settings.Store.UpdateKey(ctx, k, events...)
		k.Version = old.Version + 1
		return k, true, err
	})
}

// newSecret makes a secret for the key, and what recognises it.
func (r *Registry) newSecret(id string, now time.Time) (secret.String, Secret) {
	whole := newSecret(id)
	_, part, _ := parse(whole.Reveal())
	return whole, Secret{MAC: macOf(r.settings.Pepper, id, part), Created: now}
}

// moment is the time of a change, as databases keep it.
func (r *Registry) moment() time.Time { return whole(r.settings.Now()) }

func whole(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

// apply returns the key as the patch makes it; the old one keeps its lists.
func (p Patch) apply(k Key) Key {
	if p.Name != nil {
		k.Name = *p.Name
	}
	if p.Roles != nil {
		k.Roles = slices.Clone(*p.Roles)
	}
	if p.Environments != nil {
		k.Environments = slices.Clone(*p.Environments)
	}
	if p.Models != nil {
		k.Models = slices.Clone(*p.Models)
	}
	if p.Limits != nil {
		k.Limits = *p.Limits
	}
	if p.Tags != nil {
		k.Tags = maps.Clone(*p.Tags)
	}
	if p.Expires != nil {
		k.Expires = whole(*p.Expires)
	}
	return k
}

func event(by By, action string, k Key, at time.Time, details map[string]string) audit.Event {
	return audit.Event{
		Time: at, Organization: k.Organization, Actor: by.Principal.Actor(by.Address),
		Action: action, Target: k.ID, Outcome: "ok", Details: details,
	}
}

// described is what the audit keeps of a key: everything but what recognises its secrets.
func described(k Key) map[string]string {
	d := map[string]string{"name": k.Name, "roles": joined(k.Roles)}
	if k.Environments != nil {
		d["environments"] = strings.Join(k.Environments, ",")
	}
	if k.Models != nil {
		d["models"] = strings.Join(k.Models, ",")
	}
	if k.Limits.PerMinute > 0 {
		d["requests_per_minute"] = strconv.Itoa(k.Limits.PerMinute)
	}
	if k.Limits.Concurrent > 0 {
		d["max_concurrent"] = strconv.Itoa(k.Limits.Concurrent)
	}
	for _, name := range slices.Sorted(maps.Keys(k.Tags)) {
		d["tag."+name] = k.Tags[name]
	}
	if !k.Expires.IsZero() {
		d["expires"] = k.Expires.Format(time.RFC3339)
	}
	return d
}

func joined(roles []Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return strings.Join(names, ",")
}
