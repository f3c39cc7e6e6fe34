package emulator

import (
	"strings"
	"time"
)

// profileSummary is InferenceProfileSummary of the Bedrock control plane.
type profileSummary struct {
	Name      string              `json:"inferenceProfileName"`
	CreatedAt time.Time           `json:"createdAt"`
	UpdatedAt time.Time           `json:"updatedAt"`
	ARN       string              `json:"inferenceProfileArn"`
	Models    []map[string]string `json:"models"`
	ID        string              `json:"inferenceProfileId"`
	Status    string              `json:"status"`
	Type      string              `json:"type"`
}

func (p *profile) summary() profileSummary {
	born := time.Date(2025, 10, 1, 0, 0, 0, 0, time.UTC)
	if !p.born.IsZero() {
		born = p.born.UTC()
	}
	s := profileSummary{Name: p.name, CreatedAt: born, UpdatedAt: born, ARN: p.arn, ID: p.id, Status: "ACTIVE", Type: p.typ}
	for _, m := range p.models {
		s.Models = append(s.Models, map[string]string{"modelArn": m})
	}
	return s
}

// visibleProfiles are a Region's profiles of a type, "" for both.
func (e *Emulator) visibleProfiles(region, typ string) []*profile {
	all := e.systemProfiles(region)
	e.profiles.mu.RLock()
	defer e.profiles.mu.RUnlock()
	all = append(all, e.profiles.order...)
	var list []*profile
	for _, p := range all {
		listed := p.typ == typeSystem || p.typ == typeApplication
		if a, _ := parseARN(p.arn); listed && a.region == region && (typ == "" || typ == p.typ) {
			list = append(list, p)
		}
	}
	return list
}

// serveListProfiles is ListInferenceProfiles.
func (x *exchange) serveListProfiles(string) {
	q, ok := x.entry(everything, "type", "maxResults", "nextToken")
	if !ok {
		return
	}
	typ := q.Get("type")
	if typ != "" && typ != typeSystem && typ != typeApplication {
		x.fail(enumError("typeEquals", []string{typeSystem, typeApplication}))
		return
	}
	list := x.e.visibleProfiles(x.event.Region, typ)
	from, to, next, err := page(q, len(list))
	if err != nil {
		x.fail(err)
		return
	}
	summaries := []profileSummary{}
	for _, p := range list[from:to] {
		summaries = append(summaries, p.summary())
	}
	answer := map[string]any{"inferenceProfileSummaries": summaries}
	if next != "" {
		answer["nextToken"] = next
	}
	x.respondValue(answer)
}

// serveGetProfile is GetInferenceProfile, by id or ARN. The right is checked
// on the ARN before anything is said about whether the profile exists.
func (x *exchange) serveGetProfile(id string) {
	name := func() string { return x.e.profileARN(id, x.event.Region) }
	if _, ok := x.entry(name); !ok {
		return
	}
	for _, p := range x.e.visibleProfiles(x.event.Region, "") {
		if p.arn == name() {
			x.respondValue(p.summary())
			return
		}
	}
	x.fail(notFound("The inference profile does not exist."))
}

// profileARN is the ARN that an id or an ARN means in a Region.
func (e *Emulator) profileARN(id, region string) string {
	if strings.HasPrefix(id, "arn:") {
		return id
	}
	for _, p := range e.visibleProfiles(region, typeApplication) {
		if p.id == id {
			return p.arn
		}
	}
	return e.resourceARN(region, "inference-profile/"+id)
}
