package studio

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// Playground makes vectors of a few texts in a person's name.
type Playground interface {
	// Try asks a model of the organization, as callers name it, for a vector of each text.
	// The address is where the person is. AWS bills it, and it is written to the
	// audit, without the texts.
	Try(ctx context.Context, p access.Principal, organization, address, model string, texts []string) (Trial, error)
}

// Trial is what a try came to.
type Trial struct {
	Vectors    [][]float32 // one for each text, in order
	Dimensions int
	Tokens     int           // reported by AWS
	Estimated  int           // estimated where AWS reported none
	Total, AWS time.Duration // how long all of it took, and how long we waited for AWS
	// Cost is of Tokens and EstimatedCost of Estimated, in billionths of a US
	// dollar; Priced is false where the price is not known. Prices is the date of
	// the price that they were counted by.
	Cost, EstimatedCost int64
	Priced              bool
	Prices              string
}

const (
	playTexts      = 32
	playCharacters = 2000 // of each text
	playModels     = 500  // so many are offered at most
)

func (s *studio) playgroundRoutes() []route {
	return []route{
		get("/o/{org}/playground", access.Playground, s.playground),
		post("/o/{org}/playground", access.Playground, s.try),
	}
}

// playData is what the page draws.
type playData struct {
	Form    form
	Models  []option
	Result  *playResult
	Missing bool // the server has no playground
}

// examples are what stands there before anything was typed: two pairs that mean
// the same in other words, and one that has nothing to do with them.
func examples() string {
	return strings.Join([]string{
		"How do I reset my password?", "I forgot my login and need a new one.", "When does the library open?",
		"What are your opening hours?", "The storm took down two old trees.",
	}, "\n")
}

func (s *studio) playground(v *visit) (answer, error) {
	models, err := v.callable()
	if err != nil {
		return nil, err
	}
	return v.playPage(playData{Form: filled(map[string]string{"model": v.query("model"), "texts": examples()})}, models), nil
}

// try asks the model, and draws what came of it below the form.
func (s *studio) try(v *visit) (answer, error) {
	models, err := v.callable()
	if err != nil {
		return nil, err
	}
	data := playData{Form: v.form()}
	model, texts, err := v.playInput(models)
	if err == nil {
		var t Trial
		if t, err = s.Playground.Try(v.ctx(), v.principal, v.Org.ID, v.address, model.Name, texts); err == nil {
			data.Result, err = v.playResult(model, texts, t)
		}
	}
	if err != nil {
		data.Form = data.Form.with(besideField(err, "input", "texts"))
		return again(v.playPage(data, models), err)
	}
	return v.playPage(data, models), nil
}

func (v *visit) playPage(data playData, models []wire.CallableModel) page {
	data.Missing = v.Playground == nil
	for _, m := range models {
		data.Models = append(data.Models, option{Value: m.Name, Label: clip(100, m.Name)})
	}
	return page{
		template: "playground", title: "Playground", section: "playground", data: data,
		lead: "Embed a few texts and compare them: similarity, cost and latency.",
	}
}

// callable are the models that callers of the organization can ask for.
func (v *visit) callable() ([]wire.CallableModel, error) {
	var out []wire.CallableModel
	l := client.List{Limit: 100}
	for len(out) < playModels {
		p, err := v.api.CallableModelPage(v.ctx(), v.Org.ID, l)
		if err != nil {
			return nil, err
		}
		out = append(out, p.Items...)
		if p.Next == "" {
			break
		}
		l.Cursor = p.Next
	}
	return out, nil
}

// playInput is what was typed, all faults at once.
func (v *visit) playInput(models []wire.CallableModel) (model wire.CallableModel, texts []string, err error) {
	var faults fault.Inputs
	for _, m := range models {
		if m.Name == v.posted().Get("model") {
			model = m
		}
	}
	if model.Name == "" {
		faults.Add("model", "choose one of the models")
	}
	texts = playLines(v.posted().Get("texts"))
	switch {
	case len(texts) == 0:
		faults.Add("texts", "enter at least one text, each on its own line")
	case len(texts) > playTexts:
		faults.Add("texts", "these are %d texts; the playground takes at most %d", len(texts), playTexts)
	}
	for i, t := range texts {
		if n := utf8.RuneCountInString(t); n > playCharacters && i < playTexts {
			faults.Add("texts", "text %d has %s characters, more than %s", i+1, thousands(n), thousands(playCharacters))
		}
	}
	if v.Playground == nil {
		return model, nil, fault.New(fault.Config, "this server has no playground")
	}
	return model, texts, faults.Err()
}

// playLines are the texts, one a line; lines with nothing on them are none.
func playLines(typed string) []string {
	var out []string
	for line := range strings.Lines(strings.ToValidUTF8(typed, "\uFFFD")) {
		if line = strings.TrimRight(line, "\r\n"); strings.TrimSpace(line) != "" {
			out = append(out, line)
		}
	}
	return out
}

// besideField has a fault of a parameter stand beside the field in which it was
// typed: "input[3]" beside "texts". Other faults stay as they are.
func besideField(err error, parameter, field string) error {
	f := fault.From(err)
	if f == nil || !strings.HasPrefix(f.Param, parameter) {
		return err
	}
	moved := *f
	moved.Param = field
	return &moved
}
