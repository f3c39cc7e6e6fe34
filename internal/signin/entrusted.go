package signin

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/audit"
)

// entrusted is the person before a role somewhere else is added, and what ends
// with that: the sessions, the links that the person made, and the password.
// Whoever administers where they have a role already may have chosen it, by making
// a link to them and using it, and would be let in with it to the rest. Links to
// them end with any change of their roles. Nobody but operators could choose that
// of an operator, who is let in everywhere: it stays.
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
