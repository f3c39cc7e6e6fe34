package signin

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/audit"
)

// entrusted is the person before a role somewhere else is added, and what ends
// with that: the sessions, the links that he made, and the password. Whoever
// administers where he is already may have chosen it, by making him a link and
// using it himself, and would be let in with it to the rest. Links to him end with
// any change of his roles. Nobody but operators could choose an operator's, and he
// is let in everywhere: his stays.
func (r *Registry) entrusted(ctx context.Context, by asker, p Person, now time.Time) (Person, Ends, []audit.Event, error) {
	ends := Ends{All: true}
	if p.operator() {
		return p, ends, nil, nil
	}
	ends, events, err := r.withLinks(ctx, p, by, ends)
	if p.Password == "" || err != nil {
		return p, ends, events, err
	}
	for _, organization := range whose(p.Roles) {
		events = append(events, by.did(organization, p.ID, "signin.password", now, map[string]string{"changed": "removed"}))
	}
	p.Password = ""
	return p, ends, events, nil
}
