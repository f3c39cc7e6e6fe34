package signin

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
)

// whose returns the ids of the organizations that an event of somebody with
// these roles concerns; "" is the server's. Each gets the event, since each has
// readers of its own.
func whose(roles []Membership) []string {
	var ids []string
	for _, m := range roles {
		if !slices.Contains(ids, m.Organization) {
			ids = append(ids, m.Organization)
		}
	}
	if len(ids) == 0 {
		return []string{""}
	}
	return ids
}

// byPerson returns the events of what a person did themself.
func byPerson(p Person, o Origin, at time.Time, action, outcome string, details map[string]string) []audit.Event {
	var events []audit.Event
	for _, organization := range whose(p.Roles) {
		events = append(events, audit.Event{
			Time: at, Organization: organization, Action: action, Target: p.ID, Outcome: outcome, Details: maps.Clone(details),
			Actor: audit.Actor{Organization: organization, Key: p.ID, Name: p.Called(), Address: o.Address},
		})
	}
	return events
}

// described is what the audit keeps of roles: those of one organization, which another's readers do not see.
func described(roles []Membership, organization string) string {
	var names []string
	for _, m := range roles {
		if m.Organization == organization {
			names = append(names, string(m.Role))
		}
	}
	return strings.Join(names, ",")
}

// missed records a sign-in that failed. Of who is not known to exist only the
// address is kept: what was typed as a login may be a password.
func (r *Registry) missed(ctx context.Context, p Person, known bool, o Origin, action, outcome string, details map[string]string) {
	now := r.moment()
	if !r.noise.admit(neighbourhood(o.Address), now) {
		return
	}
	if details == nil {
		details = map[string]string{}
	}
	events := []audit.Event{{
		Time: now, Action: action, Outcome: outcome, Details: details, Actor: audit.Actor{Address: o.Address},
	}}
	if known {
		if p.Login != "" {
			details["login"] = p.Login
		}
		events = byPerson(p, o, now, action, outcome, details)
	}
	for _, e := range events {
		if err := r.settings.Record(ctx, e); err != nil {
			r.settings.Log.Warn("a failed sign-in could not be recorded", "error", err)
			return
		}
	}
}

// noise bounds how many failures are recorded: whoever is outside can make as
// many as they like, and must not fill the audit. Each is counted all the same.
type noise struct {
	mu     sync.Mutex
	minute time.Time
	total  int
	by     map[string]int
}

// The failures that are recorded in a minute, of one address and of all. The
// latter bounds the map as well.
const (
	loudAddress = 10
	loudAll     = 300
)

func (n *noise) admit(address string, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if minute := now.Truncate(time.Minute); !minute.Equal(n.minute) || n.by == nil {
		n.minute, n.total, n.by = minute, 0, map[string]int{}
	}
	if n.total >= loudAll || n.by[address] >= loudAddress {
		return false
	}
	n.total++
	n.by[address]++
	return true
}

// spoken writes a duration as people say it, in whole seconds or minutes.
func spoken(d time.Duration) string {
	switch {
	case d == time.Second:
		return "1 second"
	case d < 2*time.Minute:
		return fmt.Sprintf("%d seconds", int(d.Round(time.Second)/time.Second))
	default:
		return fmt.Sprintf("%d minutes", int((d+time.Minute-1)/time.Minute))
	}
}

// mayGive reports whether who asks may give the role in the organization, and
// so take it, or make a way in for who has it.
func mayGive(p access.Principal, m Membership) bool {
	for _, has := range p.Key.Roles {
		if has == access.Operator {
			if p.Key.Organization == "" && has.MayGive(m.Role) {
				return true
			}
			continue
		}
		if m.Organization != "" && m.Organization == p.Key.Organization && has.MayGive(m.Role) {
			return true
		}
	}
	return false
}
