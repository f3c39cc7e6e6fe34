package app

import (
	"context"
	"strconv"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/gateway"
	"github.com/adit-hq/adit/internal/studio"
	"github.com/adit-hq/adit/internal/telemetry"
	"github.com/adit-hq/adit/internal/usage"
)

// playground makes the vectors of Studio's playground, in the name of the person
// who asks: AWS, usage and budgets see the person as they see an API key.
type playground struct{ *App }

// playTime bounds a request of the playground: a person waits for it.
const playTime = time.Minute

// Try implements studio.Playground.
func (p playground) Try(ctx context.Context, who access.Principal, organization, address, model string, texts []string) (studio.Trial, error) {
	if !who.May(access.Playground, organization) {
		return studio.Trial{}, fault.New(fault.Forbidden, "your role does not include the playground").WithCode("not_permitted").
			WithRemedy("Ask an owner of the organization for the role developer.")
	}
	ctx, cancel := context.WithTimeout(ctx, playTime)
	defer cancel()
	c := who.Caller()
	c.Organization = organization // an operator is of none
	watch := telemetry.StartStopwatch()
	resp, err := p.gateway.Embed(ctx, c, gateway.Request{Model: model, Texts: texts, Stopwatch: watch})
	spent := watch.Spent()
	p.tell(ctx, who.Actor(address), organization, model, len(texts), err)
	if err != nil {
		return studio.Trial{}, err
	}
	defer resp.Release()
	t := studio.Trial{
		Dimensions: resp.Dimensions, Tokens: resp.Tokens, Estimated: resp.Estimated, Total: spent.Total, AWS: spent.AWS,
		Vectors: make([][]float32, len(resp.Vectors)),
	}
	p.charge(&t, c, model)
	for i, text := range resp.Vectors {
		if t.Vectors[i], err = text.AppendFloat32s(make([]float32, 0, resp.Dimensions)); err != nil {
			return studio.Trial{}, fault.Wrap(err, fault.Refused, "Bedrock's response cannot be used: a vector contains a value that is not a float32")
		}
	}
	return t, nil
}

// charge says what the request came to, as usage and budgets count it, and of
// when its price is.
func (p playground) charge(t *studio.Trial, c caller.Caller, model string) {
	m, err := p.gateway.Model(c, model)
	if err != nil { // it went away meanwhile
		return
	}
	n := usage.Counts{Tokens: int64(t.Tokens), Estimated: int64(t.Estimated)}
	p.state.charge(&n, m.ID, m.Region)
	row, _ := p.state.prices.Nearest(m.ID, m.Region)
	t.Cost, t.EstimatedCost, t.Priced, t.Prices = n.Cost, n.EstimatedCost, n.Unpriced == 0, row.Date
}

// tell writes down that somebody who administers spent money, never on what.
func (p playground) tell(ctx context.Context, who audit.Actor, organization, model string, texts int, err error) {
	outcome := "ok"
	if err != nil {
		outcome = fault.KindOf(err).String()
	}
	recorded := p.state.events.Record(context.WithoutCancel(ctx), audit.Event{
		Time: p.state.settings.Now(), Organization: organization, Actor: who, Action: "playground.try", Target: model, Outcome: outcome,
		Details: map[string]string{"texts": strconv.Itoa(texts)},
	})
	if recorded != nil {
		p.log.Error("a playground request could not be recorded in the audit", "error", recorded)
	}
}
