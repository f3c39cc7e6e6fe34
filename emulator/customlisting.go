package emulator

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// serveListCustom is ListCustomModels.
func (x *exchange) serveListCustom(string) {
	x.serveOwned(typeCustom, "modelSummaries", []string{"modelStatus", "isOwned", "baseModelArnEquals", "foundationModelArnEquals"}, func(q url.Values, p *profile) any {
		for _, filter := range []string{q.Get("baseModelArnEquals"), q.Get("foundationModelArnEquals")} {
			if filter != "" && filter != p.models[0] {
				return nil
			}
		}
		if s := q.Get("modelStatus"); s != "" && s != "Active" || q.Get("isOwned") == "false" {
			return nil
		}
		a, _ := parseARN(p.arn)
		return map[string]any{
			"modelArn": p.arn, "modelName": p.name, "creationTime": p.born.UTC(), "baseModelArn": p.models[0], "baseModelName": p.model.id,
			"customizationType": "FINE_TUNING", "ownerAccountId": a.account, "modelStatus": "Active",
		}
	})
}

// serveListProvisioned is ListProvisionedModelThroughputs.
func (x *exchange) serveListProvisioned(string) {
	x.serveOwned(typeProvisioned, "provisionedModelSummaries", []string{"statusEquals", "modelArnEquals"}, func(q url.Values, p *profile) any {
		if f := q.Get("modelArnEquals"); f != "" && f != p.source {
			return nil
		}
		if s := q.Get("statusEquals"); s != "" && s != "InService" {
			return nil
		}
		return map[string]any{
			"provisionedModelName": p.name, "provisionedModelArn": p.arn, "modelArn": p.source, "desiredModelArn": p.source, "foundationModelArn": p.models[0],
			"modelUnits": 1, "desiredModelUnits": 1, "status": "InService", "creationTime": p.born.UTC(), "lastModifiedTime": p.born.UTC(),
		}
	})
}

// closedSets are the words that parameters of the listings may have.
func closedSets() map[string][]string {
	return map[string][]string{
		"sortBy": {"CreationTime"}, "sortOrder": {"Ascending", "Descending"}, "isOwned": {"true", "false"},
		"modelStatus": {"Active", "Creating", "Failed"}, "statusEquals": {"Creating", "InService", "Updating", "Failed"},
	}
}

// serveOwned lists what the account made in the Region, newest first unless
// asked otherwise. show makes a summary, or nil for what a filter leaves out.
func (x *exchange) serveOwned(typ, member string, filters []string, show func(url.Values, *profile) any) {
	q, ok := x.entry(everything, append(filters, "creationTimeBefore", "creationTimeAfter", "nameContains", "maxResults", "nextToken", "sortBy", "sortOrder")...)
	if !ok {
		return
	}
	for name, allowed := range closedSets() {
		if v := q.Get(name); v != "" && !slices.Contains(allowed, v) {
			x.fail(enumError(name, allowed))
			return
		}
	}
	born, err := span(q)
	if err != nil {
		x.fail(err)
		return
	}
	list := []any{}
	for _, p := range x.e.ownedProfiles(typ, x.event.Region) {
		if s := show(q, p); s != nil && born(p.born) && strings.Contains(p.name, q.Get("nameContains")) {
			list = append(list, s)
		}
	}
	if q.Get("sortOrder") != "Ascending" {
		slices.Reverse(list)
	}
	from, to, next, err := page(q, len(list))
	if err != nil {
		x.fail(err)
		return
	}
	answer := map[string]any{member: list[from:to]}
	if next != "" {
		answer["nextToken"] = next
	}
	x.respondValue(answer)
}

// ownedProfiles are a Region's custom or provisioned models, oldest first.
func (e *Emulator) ownedProfiles(typ, region string) []*profile {
	e.profiles.mu.RLock()
	defer e.profiles.mu.RUnlock()
	var list []*profile
	for _, p := range e.profiles.order {
		if a, _ := parseARN(p.arn); p.typ == typ && a.region == region {
			list = append(list, p)
		}
	}
	return list
}

// span reads creationTimeAfter and creationTimeBefore into a test of times.
func span(q url.Values) (func(time.Time) bool, *awsError) {
	var after, before time.Time
	for name, limit := range map[string]*time.Time{"creationTimeAfter": &after, "creationTimeBefore": &before} {
		if q.Get(name) == "" {
			continue
		}
		var err error
		if *limit, err = time.Parse(time.RFC3339, q.Get(name)); err != nil {
			return nil, validation("1 validation error detected: Value at '" + name + "' failed to satisfy constraint: Member must be a timestamp")
		}
	}
	return func(t time.Time) bool {
		return (after.IsZero() || t.After(after)) && (before.IsZero() || t.Before(before))
	}, nil
}
