package control

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// keptAudit is what nobody can prune: who has taken an operator's key must not
// be able to remove the traces of it.
const keptAudit = 30 * 24 * time.Hour

type pruneAuditInput struct {
	Body wire.AuditPruneInput
}

// pruneAudit records what it is about to do first, since the event outlives the
// rows, and then what became of it: a removal that fails midway has removed some.
func (a *api) pruneAudit(ctx context.Context, c *call, in *pruneAuditInput) (wire.AuditCheckpoint, error) {
	before := in.Body.Before.UTC()
	if a.s.Now().Sub(before) < keptAudit {
		return wire.AuditCheckpoint{}, fault.New(fault.Invalid, "audit events of the last 30 days cannot be removed").
			WithCode("audit_kept").WithParam("before").WithRemedy("Give a time at least 30 days ago.")
	}
	e := audit.Event{
		Time: a.s.Now(), Actor: c.actor(), Action: "audit.prune.begin", Outcome: "ok",
		Details: map[string]string{"before": before.Format(time.RFC3339)},
	}
	if err := a.s.Events.Record(ctx, e); err != nil {
		return wire.AuditCheckpoint{}, err
	}
	p, err := a.s.Audit.Prune(ctx, before)
	e.Time, e.Action = a.s.Now(), "audit.prune"
	e.Details = map[string]string{"before": before.Format(time.RFC3339), "last_seq": strconv.FormatInt(p.Seq, 10)}
	if err != nil {
		e.Outcome = fault.KindOf(err).String()
	}
	if err := errors.Join(err, a.s.Events.Record(ctx, e)); err != nil {
		return wire.AuditCheckpoint{}, err
	}
	a.s.Log.Info("the oldest audit events were removed", "last_seq", strconv.FormatInt(p.Seq, 10), "before", before)
	return wire.AuditCheckpoint{Seq: p.Seq, At: moment(p.At)}, nil
}
