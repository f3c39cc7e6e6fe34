package tenant

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/audit"
)

// described is what the audit keeps of an environment's settings. None is a secret.
func (e *Environment) described() map[string]string {
	d := map[string]string{
		"name": e.Name, "provider": e.Provider, "region": e.Region, "role_arn": e.RoleARN,
		"audiences": strings.Join(e.Audiences, ","), "session": e.Session.String(), "session_name": string(e.SessionName),
		"session_tags": strconv.FormatBool(e.SessionTags), "description": e.Description, "models": strings.Join(e.Models, ","),
	}
	if e.Limits.PerMinute > 0 {
		d["requests_per_minute"] = strconv.Itoa(e.Limits.PerMinute)
	}
	if e.Limits.Concurrent > 0 {
		d["max_concurrent"] = strconv.Itoa(e.Limits.Concurrent)
	}
	for name, value := range e.Tags {
		d["tag."+name] = value
	}
	return filled(d)
}

func (o *Organization) described() map[string]string {
	return filled(map[string]string{"name": o.Name, "description": o.Description, "plain_users": strconv.FormatBool(o.PlainUsers)})
}

// filled leaves out what has no value.
func filled(d map[string]string) map[string]string {
	maps.DeleteFunc(d, func(_, v string) bool { return v == "" })
	return d
}

// event tells of something that was done to an environment.
func (e *Environment) event(actor audit.Actor, action string, at time.Time, details map[string]string) audit.Event {
	return audit.Event{
		Time: at, Organization: e.Organization, Actor: actor, Action: action, Target: e.ID, Outcome: "ok", Details: details,
	}
}

func (o *Organization) event(actor audit.Actor, action string, at time.Time, details map[string]string) audit.Event {
	return audit.Event{Time: at, Organization: o.ID, Actor: actor, Action: action, Target: o.ID, Outcome: "ok", Details: details}
}
