package emulator

import (
	"fmt"
	"slices"
	"time"
)

// ListedModel is a foundation model that is listed and described, but not
// played: calls to it are refused. It stands for the text, image and video
// models that a real account has beside its embedding models.
type ListedModel struct {
	ID, Name, Provider string   // "amazon.nova-lite-v1:0", "Nova Lite", "Amazon"
	Inputs, Outputs    []string // TEXT, IMAGE, ...; nil: TEXT
	Inference          []string // ON_DEMAND, PROVISIONED, INFERENCE_PROFILE; nil: none
	Geographies        []string // prefixes of its profiles: us, eu, apac, global
	Streaming          bool
}

// WithListedModel adds a model to the listing.
func WithListedModel(l ListedModel) Option {
	return func(e *Emulator) error {
		if l.ID == "" || l.Name == "" || l.Provider == "" {
			return fmt.Errorf("emulator: a listed model needs an id, a name and a provider, got %q", l.ID)
		}
		for _, g := range l.Geographies {
			if !slices.Contains([]string{"us", "eu", "apac", "global"}, g) {
				return fmt.Errorf("emulator: model %s: the geography %q is not us, eu, apac or global", l.ID, g)
			}
		}
		m := model{id: l.ID, name: l.Name, provider: l.Provider, inputs: l.Inputs, outputs: l.Outputs, inference: l.Inference, geographies: l.Geographies, streaming: l.Streaming}
		if m.inputs == nil {
			m.inputs = []string{"TEXT"}
		}
		if m.outputs == nil {
			m.outputs = []string{"TEXT"}
		}
		e.shapes = append(e.shapes, func() error {
			if e.findModel(m.id) != nil {
				return fmt.Errorf("emulator: the catalogue has model %s already", m.id)
			}
			e.models = append(e.models, m)
			return nil
		})
		return nil
	}
}

// WithModelRegions offers the models whose ids match a pattern with * and ? in
// the given Regions only. Elsewhere they are neither listed nor callable, and
// a profile whose destinations are all elsewhere does not exist. By default
// every Region offers every model, which no Region of AWS does.
func WithModelRegions(pattern string, in ...string) Option {
	return func(e *Emulator) error {
		for _, region := range in {
			if !knownRegion(region) {
				return fmt.Errorf("emulator: models %s in %q: there is no such Region", pattern, region)
			}
		}
		return e.shape(pattern, func(m *model) { m.regions = append([]string{}, in...) })
	}
}

// WithLegacyModels gives the models whose ids match a pattern the lifecycle
// status LEGACY with an end of life.
func WithLegacyModels(pattern string, endOfLife time.Time) Option {
	return func(e *Emulator) error {
		return e.shape(pattern, func(m *model) { m.endOfLife = endOfLife })
	}
}

// WithAgreementNeeded makes the models whose ids match a pattern need an AWS
// Marketplace agreement of the account that is not there yet. They are listed;
// a call is refused, until CreateFoundationModelAgreement makes the agreement
// or somebody calls who may aws-marketplace:Subscribe and ViewSubscriptions:
// that makes it too (Bedrock user guide, "Access Amazon Bedrock foundation
// models").
func WithAgreementNeeded(pattern string) Option {
	return func(e *Emulator) error {
		return e.shape(pattern, func(m *model) { m.agreement = true })
	}
}

// shape changes matching models once the catalogue is whole; a pattern that
// matches none is a mistake of the test.
func (e *Emulator) shape(pattern string, change func(*model)) error {
	e.shapes = append(e.shapes, func() error {
		found := false
		for i := range e.models {
			if wildcard(pattern, e.models[i].id) {
				change(&e.models[i])
				found = true
			}
		}
		if !found {
			return fmt.Errorf("emulator: no model's id matches %q", pattern)
		}
		return nil
	})
	return nil
}
