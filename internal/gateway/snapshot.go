package gateway

import (
	"fmt"
	"slices"
	"strings"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
)

// snapshot is the models of one configuration. It never changes.
type snapshot struct {
	shelves map[string]*shelf // by organization
	entries []*entry
}

// shelf is the models of one organization.
type shelf struct {
	byName map[string]*entry // under all their names
	names  []string          // those that lists show, sorted
}

func newSnapshot(models []Model) (*snapshot, error) {
	s := &snapshot{shelves: map[string]*shelf{}}
	for _, m := range models {
		params, err := m.Target.Family.Resolve(m.Set)
		if err != nil {
			return nil, err
		}
		if m.Organization == "" {
			m.Organization = caller.Local().Organization
		}
		if m.Label == "" {
			m.Label = m.Name
		}
		s.add(&entry{Model: m, params: params})
	}
	for _, shelf := range s.shelves {
		slices.Sort(shelf.names)
	}
	return s, nil
}

// add puts an entry on its shelf. A name that is taken stays with who had it
// first: the file's models come before those of environments.
func (s *snapshot) add(e *entry) {
	own, ok := s.shelves[e.Organization]
	if !ok {
		own = &shelf{byName: map[string]*entry{}}
		s.shelves[e.Organization] = own
	}
	if _, taken := own.byName[e.Name]; taken {
		return
	}
	own.byName[e.Name] = e
	own.names = append(own.names, e.Name)
	if _, taken := own.byName[e.Also]; !taken && e.Also != "" {
		own.byName[e.Also] = e
	}
	s.entries = append(s.entries, e)
}

// of returns the models of the caller's organization.
func (s *snapshot) of(c caller.Caller) *shelf {
	if own, ok := s.shelves[c.Organization]; ok {
		return own
	}
	return &shelf{}
}

// find returns a model that the caller may use. Another organization's model
// and one that does not exist are the same to it.
func (s *snapshot) find(c caller.Caller, name string) (*entry, error) {
	own := s.of(c)
	if e, ok := own.byName[name]; ok {
		return e, e.allowed(c)
	}
	f := fault.New(fault.NotFound, "there is no model with that name").WithCode("model_not_found").WithParam("model")
	if names := own.visible(c); len(names) > 0 {
		return nil, f.WithRemedy("Models: %s.", enumerate(names))
	}
	if len(own.names) > 0 {
		return nil, f.WithRemedy("This API key may not use any model here: ask an administrator.")
	}
	return nil, f.WithRemedy("No model is configured: add one under embeddings: in spicepod.yaml, or enable one for an environment.")
}

// visible returns the names that the caller may ask for.
func (s *shelf) visible(c caller.Caller) []string {
	if c.Models == nil && c.Environments == nil {
		return s.names
	}
	var names []string
	for _, name := range s.names {
		if s.byName[name].allowed(c) == nil {
			names = append(names, name)
		}
	}
	return names
}

// enumerate joins names, and tells how many there are beyond the first few.
func enumerate(names []string) string {
	const shown = 20
	if len(names) <= shown {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more, see GET /v1/models", strings.Join(names[:shown], ", "), len(names)-shown)
}

// labels returns what metrics call the models, each once.
func (s *snapshot) labels() []string {
	seen := map[string]bool{}
	var labels []string
	for _, e := range s.entries {
		if !seen[e.Label] {
			seen[e.Label] = true
			labels = append(labels, e.Label)
		}
	}
	return labels
}
