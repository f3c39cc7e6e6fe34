package trust

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
)

// apply returns the rule as the patch makes it; the old one keeps its lists.
func (p Patch) apply(i Issuer) Issuer {
	if p.Name != nil {
		i.Name = *p.Name
	}
	if p.Subject != nil {
		i.Subject = *p.Subject
	}
	if p.Environments != nil {
		i.Environments = slices.Clone(*p.Environments)
	}
	if p.Models != nil {
		i.Models = slices.Clone(*p.Models)
	}
	if p.Limits != nil {
		i.Limits = *p.Limits
	}
	if p.Tags != nil {
		i.Tags = maps.Clone(*p.Tags)
	}
	return i
}

func event(by access.By, action string, i Issuer, at time.Time, details map[string]string) audit.Event {
	return audit.Event{
		Time: at, Organization: i.Organization, Actor: by.Principal.Actor(by.Address),
		Action: action, Target: i.ID, Outcome: "ok", Details: details,
	}
}

// described is what the audit keeps of a rule: all of it.
func described(i Issuer) map[string]string {
	d := map[string]string{"name": i.Name, "issuer_url": i.URL, "subject": i.Subject}
	if i.Environments != nil {
		d["environments"] = strings.Join(i.Environments, ",")
	}
	if i.Models != nil {
		d["models"] = strings.Join(i.Models, ",")
	}
	if i.Limits.PerMinute > 0 {
		d["requests_per_minute"] = strconv.Itoa(i.Limits.PerMinute)
	}
	if i.Limits.Concurrent > 0 {
		d["max_concurrent"] = strconv.Itoa(i.Limits.Concurrent)
	}
	for name, value := range i.Tags {
		d["tag."+name] = value
	}
	return d
}
