package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/adit-hq/adit/internal/bedrock"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/model"
	"github.com/adit-hq/adit/internal/telemetry"
	"github.com/adit-hq/adit/internal/vector"
)

// Request asks for the vectors of texts.
type Request struct {
	Model string
	// Texts are not empty, nor is any of them.
	Texts []string
	// Params override the model's own for this request: dimensions, input_type, truncate.
	Params map[string]string
	// Stopwatch, if any, tells AWS's time from our own.
	Stopwatch *telemetry.Stopwatch
	// Spent, if any, is filled with what the request comes to, also where it fails.
	Spent *Spent
}

// Response is a vector for each text, in order.
type Response struct {
	Vectors    []vector.Text
	Dimensions int
	// Tokens are reported by AWS, Estimated where it reported none.
	Tokens, Estimated int
	result            *bedrock.Result
}

// Release gives the memory of the vectors back. They must not be used afterwards.
func (r *Response) Release() {
	r.Vectors = nil
	r.result.Release()
}

// Embed returns a vector for each text. The context must have a deadline; what
// cannot be done before it is refused before anything is sent.
func (g *Gateway) Embed(ctx context.Context, c caller.Caller, req Request) (*Response, error) {
	e, err := g.models.Load().find(c, req.Model)
	if err != nil {
		return nil, err
	}
	spent := cmp.Or(req.Spent, new(Spent))
	*spent = Spent{Model: e.Target.ID.String(), Region: e.Target.Region}
	if e.Environment != nil {
		spent.Environment = e.Environment.ID
	}
	var out *Response
	if err = g.admit(c, spent.Environment); err == nil {
		out, err = g.embed(ctx, c, e, req, spent)
	} else {
		e.metrics.Throttled(telemetry.ByBudget)
	}
	spent.Err = err
	g.meter(c, *spent)
	return out, err
}

// embed does it for a model that the caller may use, and notes what was spent,
// also where it fails.
func (g *Gateway) embed(ctx context.Context, c caller.Caller, e *entry, req Request, spent *Spent) (*Response, error) {
	params, err := e.paramsFor(req.Params)
	if err != nil {
		return nil, err
	}
	texts, err := e.fit(req.Texts, params)
	if err != nil {
		return nil, err
	}
	if err := e.roomFor(len(texts), params); err != nil {
		return nil, err
	}
	distinct, places := unique(texts)
	plan, err := g.plan(ctx, c, e, distinct)
	if err != nil {
		return nil, err
	}
	defer plan.Close()
	job := &bedrock.Job{Caller: c, Target: e.Target, Params: params, Texts: distinct, Plan: plan, Metrics: e.metrics, Stopwatch: req.Stopwatch}
	result, err := g.client.Embed(ctx, job)
	e.remember(err)
	if err == nil {
		spent.Texts = len(req.Texts)
	}
	spent.Tokens, spent.Estimated = result.Tokens, result.Estimated
	e.metrics.Embedded(spent.Texts, result.Tokens, true)
	e.metrics.Embedded(0, result.Estimated, false)
	if err != nil {
		return nil, inRequest(err, places)
	}
	out := &Response{Vectors: result.Vectors, Dimensions: result.Dimensions, Tokens: result.Tokens, Estimated: result.Estimated, result: result}
	if places != nil {
		out.Vectors = make([]vector.Text, len(places))
		for i, p := range places {
			out.Vectors[i] = result.Vectors[p]
		}
	}
	return out, nil
}

// fit cuts or refuses texts that are too long for the model, all of them at once.
func (e *entry) fit(texts []string, params model.Params) ([]string, error) {
	family := e.Target.Family
	out := texts
	var tooLong []string
	var param string
	for i, t := range texts {
		cut, err := family.Fit(t, params)
		var long *model.LengthError
		if errors.As(err, &long) {
			if tooLong == nil {
				param = fmt.Sprintf("input[%d]", i)
			}
			tooLong = append(tooLong, fmt.Sprintf("input[%d] has %d", i, long.Length))
			continue
		}
		if len(cut) != len(t) {
			if &out[0] == &texts[0] {
				out = append([]string(nil), texts...)
			}
			out[i] = cut
		}
	}
	if tooLong == nil {
		return out, nil
	}
	return nil, fault.New(fault.Invalid, "%s accepts texts of at most %d characters: %s", family.Title, family.MaxChars, list(tooLong)).
		WithParam(param).WithCode("text_too_long").WithRemedy("%s", e.shorten())
}

func (e *entry) shorten() string {
	if _, ok := e.Target.Family.Param("truncate"); ok {
		return "Shorten them, or set truncate to END or START."
	}
	return "Shorten them."
}

// list joins the first few of many.
func list(all []string) string {
	const shown = 10
	out := ""
	for i, s := range all {
		if i == shown {
			return out + fmt.Sprintf(" and %d more", len(all)-shown)
		}
		if i > 0 {
			out += ", "
		}
		out += s
	}
	return out
}

// unique returns the different texts in order of appearance, and for each text
// which of them it is; places is nil when all differ.
func unique(texts []string) (distinct []string, places []int) {
	if len(texts) == 1 {
		return texts, nil
	}
	seen := make(map[string]int, len(texts))
	for i, t := range texts {
		at, ok := seen[t]
		switch {
		case !ok:
			seen[t] = len(seen)
			at = len(seen) - 1
			if places != nil {
				distinct = append(distinct, t)
			}
		case places == nil: // the first repetition: so far every text was its own place
			places = make([]int, i, len(texts))
			for j := range places {
				places[j] = j
			}
			distinct = append(make([]string, 0, len(texts)), texts[:i]...)
		}
		if places != nil {
			places = append(places, at)
		}
	}
	if places == nil {
		return texts, nil
	}
	return distinct, places
}

// inRequest turns the index of a distinct text into the index the caller sent.
func inRequest(err error, places []int) error {
	var guilty *bedrock.TextError
	if !errors.As(err, &guilty) || places == nil {
		return err
	}
	for i, p := range places {
		if p == guilty.Index {
			return guilty.At(i)
		}
	}
	return err
}
