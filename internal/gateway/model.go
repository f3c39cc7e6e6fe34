package gateway

import (
	"slices"
	"strings"
	"sync/atomic"

	"github.com/adit-hq/adit/internal/bedrock"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/limit"
	"github.com/adit-hq/adit/internal/model"
	"github.com/adit-hq/adit/internal/telemetry"
)

// Model is a name that callers use, and what stands behind it.
type Model struct {
	Name   string
	Target *bedrock.Target
	// Set are the parameters that the configuration sets; a request may set others.
	Set    map[string]string
	Limits limit.Limits
}

// Info is what a caller may know of a model.
type Info struct {
	Name       string
	ID         string
	Family     string
	Dimensions int
}

// entry is a model in force.
type entry struct {
	Model
	params  model.Params // Set with all defaults
	metrics *telemetry.ModelMetrics
	key     atomic.Pointer[quotaKey] // what AWS counts its calls against, once known
	refused atomic.Pointer[refusal]  // AWS's last, until a call succeeds
	expires atomic.Int64             // what the metrics were told last, in Unix time
}

func (e *entry) info() Info {
	return Info{Name: e.Name, ID: e.Target.ID.String(), Family: e.Target.Family.Name, Dimensions: e.Target.Family.Dimension(e.params)}
}

func (e *entry) sameID(other *entry) bool {
	return other != nil && e.Target.ID.String() == other.Target.ID.String()
}

// paramsFor merges what one request asks for into the model's own parameters.
func (e *entry) paramsFor(over map[string]string) (model.Params, error) {
	if len(over) == 0 {
		return e.params, nil
	}
	set := make(map[string]string, len(e.Set)+len(over))
	for k, v := range e.Set {
		set[k] = v
	}
	family := e.Target.Family
	for k, v := range over {
		p, ok := family.Param(k)
		switch {
		case ok:
			set[p.Name] = v
		case k != "dimensions":
			return nil, fault.New(fault.Invalid, "%s has no %s to choose", family.Title, k).WithParam(k).WithRemedy("%s", choices(family))
		case v != itoa(family.Dimensions[0]): // asking for what one gets anyway is no fault
			return nil, fault.New(fault.Invalid, "the vectors of %s always have %d numbers", family.Title, family.Dimensions[0]).
				WithParam(k).WithRemedy("Leave dimensions out.")
		}
	}
	return family.Resolve(set)
}

// choices says which parameters of a request the family knows.
func choices(f *model.Family) string {
	var known []string
	for _, name := range []string{"dimensions", "input_type", "truncate"} {
		if _, ok := f.Param(name); ok {
			known = append(known, name)
		}
	}
	if known == nil {
		return "Leave it out."
	}
	return "A request may choose: " + strings.Join(known, ", ") + "."
}

// snapshot is the models of one configuration. It never changes.
type snapshot struct {
	byName map[string]*entry
	names  []string
}

func (s *snapshot) find(name string) (*entry, error) {
	if e, ok := s.byName[name]; ok {
		return e, nil
	}
	f := fault.New(fault.NotFound, "there is no model of that name").WithCode("model_not_found").WithParam("model")
	if len(s.names) == 0 {
		return nil, f.WithRemedy("No model is configured: add one under embeddings: in spicepod.yaml.")
	}
	return nil, f.WithRemedy("Models: %s.", strings.Join(s.names, ", "))
}

func newSnapshot(models []Model) (*snapshot, error) {
	s := &snapshot{byName: make(map[string]*entry, len(models))}
	for _, m := range models {
		params, err := m.Target.Family.Resolve(m.Set)
		if err != nil {
			return nil, err
		}
		s.byName[m.Name] = &entry{Model: m, params: params}
		s.names = append(s.names, m.Name)
	}
	slices.Sort(s.names)
	return s, nil
}
