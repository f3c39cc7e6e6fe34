package studio

import (
	"strings"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

// modelRoutes is the page of what callers can ask for.
func (s *studio) modelRoutes() []route {
	return []route{get("/o/{org}/models", access.ReadModel, s.models)}
}

// modelList is what the page draws.
type modelList struct {
	Items  []callable
	Next   string
	Form   form
	Search string
	Family string
	Chosen bool
}

// callable is a model that callers can ask for, and how full its minute is.
type callable struct {
	wire.CallableModel
	Full meter
}

// Maker is what people call the environment that makes it callable: callers say
// its name before the model's id.
func (c callable) Maker() string {
	if name, ok := strings.CutSuffix(c.Name, "/"+c.ModelID); ok && name != "" {
		return name
	}
	return "An environment"
}

// Other reports whether its name does not tell the model's id.
func (c callable) Other() bool { return !strings.HasSuffix(c.Name, c.ModelID) }

// meter is how much of a limit is used, as a small bar.
type meter struct {
	Percent int    // 0 to 100
	Class   string // fill-main, fill-warn, fill-bad
}

// meterOf is a meter of a count against a limit; one without a limit is empty.
func meterOf(used, limit int) meter {
	m := meter{Class: "fill-main"}
	if limit <= 0 || used <= 0 {
		return m
	}
	m.Percent = min(max(1, int(100*float64(used)/float64(limit))), 100)
	switch {
	case m.Percent >= 95:
		m.Class = "fill-bad"
	case m.Percent >= 75:
		m.Class = "fill-warn"
	}
	return m
}

func (s *studio) models(v *visit) (answer, error) {
	l := v.list("family", "environment")
	found, err := v.api.CallableModelPage(v.ctx(), v.Org.ID, l)
	if err != nil {
		return nil, err
	}
	d := modelList{
		Items: make([]callable, len(found.Items)), Next: found.Next, Form: form{values: v.r.URL.Query()}, Search: l.Search,
		Family: l.Filter["family"], Chosen: l.Search != "" || len(l.Filter) > 0 || l.Cursor != "",
	}
	for i, m := range found.Items {
		d.Items[i] = callable{CallableModel: m, Full: meterOf(m.Used, m.PerMinute)}
	}
	return page{
		template: "models", title: "Models", section: "models", data: d,
		lead: "Models that callers of this organization can use through /v1.",
	}, nil
}

// Families are the choices of the filter.
func (l modelList) Families() []option {
	out := []option{{Value: "", Label: "Any family"}}
	for _, f := range []string{"cohere-v3", "cohere-v4", "nova", "titan-text-v1", "titan-text-v2", "titan-multimodal"} {
		out = append(out, option{Value: f, Label: f, Chosen: f == l.Family})
	}
	return out
}
