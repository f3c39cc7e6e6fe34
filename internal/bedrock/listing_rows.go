package bedrock

import (
	"cmp"
	"slices"
	"strings"

	"github.com/adit-hq/adit/internal/model"
)

// lists are the answers of all queries.
type lists struct {
	foundation          []foundationModel
	system, application []inferenceProfile
	custom              []customModel
	provisioned         []provisionedModel
}

// rows makes one row of each id that can be invoked. A foundation model that
// works through profiles only has no row of its own where one is listed.
func (g *lists) rows() []ListedModel {
	byBase := map[string]*foundationModel{}
	for i := range g.foundation {
		byBase[g.foundation[i].ID] = &g.foundation[i]
	}
	var profiles []ListedModel
	behind := map[string]bool{}
	for _, p := range g.system {
		profiles = append(profiles, p.row(SystemProfile, p.ID, byBase))
	}
	for _, p := range g.application {
		profiles = append(profiles, p.row(ApplicationProfile, p.ARN, byBase))
	}
	for _, p := range profiles {
		for _, b := range p.Base {
			behind[b] = true
		}
	}
	var out []ListedModel
	for i := range g.foundation {
		m := &g.foundation[i]
		if !m.profileOnly() || !behind[m.ID] {
			out = append(out, m.row())
		}
	}
	out = append(out, profiles...)
	for _, c := range g.custom {
		out = append(out, accountRow(Custom, c.ARN, c.Name, c.Status, "Active", c.Base, byBase))
	}
	for _, p := range g.provisioned {
		out = append(out, accountRow(Provisioned, p.ARN, p.Name, p.Status, "InService", p.Foundation, byBase))
	}
	slices.SortStableFunc(out, func(a, b ListedModel) int {
		if (a.Family == "") != (b.Family == "") {
			return cmp.Compare(b.Family, a.Family) // what Adit can embed with comes first
		}
		return cmp.Compare(a.ID, b.ID)
	})
	return slices.CompactFunc(out, func(a, b ListedModel) bool { return a.ID == b.ID })
}

func (m *foundationModel) has(inference string) bool { return slices.Contains(m.Inference, inference) }

// profileOnly says that AWS refuses the model's own id and takes a profile's.
func (m *foundationModel) profileOnly() bool {
	return !m.has("ON_DEMAND") && m.has("INFERENCE_PROFILE")
}

func (m *foundationModel) row() ListedModel {
	r := ListedModel{ID: m.ID, Name: m.Name, Origin: Foundation, Base: []string{m.ID}}
	r.describe(m.ID, m)
	switch {
	case m.has("ON_DEMAND"):
	case m.profileOnly():
		r.Why = "it works only through an inference profile, and no listed profile leads to it"
	case m.has("PROVISIONED"):
		r.Why = "it needs provisioned throughput"
	default:
		r.Why = "it cannot be invoked by this id"
	}
	return r
}

func (p *inferenceProfile) row(o Origin, id string, byBase map[string]*foundationModel) ListedModel {
	r := ListedModel{ID: id, Name: p.Name, Origin: o, Lifecycle: p.Status}
	var arns []string
	for _, m := range p.Models {
		arns = append(arns, m.ARN)
		if _, base := destination(m.ARN); base != "" && !slices.Contains(r.Base, base) {
			r.Base = append(r.Base, base)
		}
	}
	r.Destinations = model.DestinationRegions(arns)
	if len(r.Base) > 0 {
		r.describe(r.Base[0], byBase[r.Base[0]])
	}
	if p.Status != "" && p.Status != "ACTIVE" {
		r.Lifecycle, r.Why = p.Status, "the profile is "+p.Status
	}
	return r
}

// accountRow is a row of what the account made or bought of a foundation model.
func accountRow(o Origin, arn, name, status, usable, from string, byBase map[string]*foundationModel) ListedModel {
	r := ListedModel{ID: arn, Name: name, Origin: o}
	if _, base := destination(from); base != "" {
		r.Base = []string{base}
		r.describe(base, byBase[base])
	}
	r.Lifecycle = status
	if status != "" && status != usable {
		r.Why = "its status is " + status
	}
	return r
}

// describe adds what is known of the foundation model behind a row; m is nil
// where the region does not list it.
func (r *ListedModel) describe(base string, m *foundationModel) {
	if id, err := model.ParseID(base); err == nil {
		if f, err := model.Find(id, ""); err == nil {
			r.Family = f.Name
		}
	}
	if m == nil {
		r.Provider, _, _ = strings.Cut(base, ".")
		return
	}
	r.Provider, r.Inputs, r.Outputs = m.Provider, m.Inputs, m.Outputs
	r.Lifecycle, r.EndOfLife = m.Lifecycle.Status, instant(m.Lifecycle.EndOfLife)
}
