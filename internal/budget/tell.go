package budget

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/price"
)

// The audit's actions of bounds that are reached.
const (
	warnedOf   = "budget.warning"
	exceededBy = "budget.exceeded"
)

// tellAll tells of every bound that is reached and was not told of in its
// period: of the soft one only while the hard one is not reached, since who is
// refused needs no warning. What could not be told is told with the next step.
func (r *Registry) tellAll(ctx context.Context, due []*entry, now time.Time) (first error) {
	for _, e := range due {
		w := e.count.window.Load()
		spent := w.in(now.Unix())
		action, bound, told := warnedOf, e.Soft, &w.toldSoft
		switch e.State(spent) {
		case Within:
			continue
		case Exceeded:
			action, bound, told = exceededBy, e.Hard, &w.toldHard
		case Warning:
		}
		if *told == bound {
			continue
		}
		if err := r.tell(ctx, e.Budget, action, bound, spent, w); err != nil {
			e.count.use() // so that it is due again
			if first == nil {
				first = err
			}
			continue
		}
		*told = bound
	}
	return first
}

// tell says it to the audit, the log and the hook, unless the audit has it
// already: another replica told it, or this one before it was restarted.
func (r *Registry) tell(ctx context.Context, b Budget, action string, bound, spent int64, w *window) error {
	begins, ends := time.Unix(w.begins, 0).UTC(), time.Unix(w.ends, 0).UTC()
	details := described(b)
	details["bound_usd"], details["spent_usd"], details["ends"] = price.FormatUSD(bound), price.FormatUSD(spent), ends.Format(time.RFC3339)
	// A slow step tells of its period after the end of it: the end says which one a row is of, not its time.
	rows, err := r.settings.Recorded(ctx, audit.Query{Organization: &b.Organization, Action: action, Target: b.ID, From: begins})
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.Details["bound_usd"] == details["bound_usd"] && row.Details["ends"] == details["ends"] {
			return nil
		}
	}
	err = r.settings.Record(ctx, audit.Event{
		Time: r.moment(), Organization: b.Organization, Actor: audit.System(), Action: action, Target: b.ID, Outcome: "ok", Details: details,
	})
	if err != nil {
		return err
	}
	log := r.settings.Log.With("budget", b.ID, "organization", b.Organization, "target", b.Target, "period", b.Period,
		"bound_usd", price.FormatUSD(bound), "spent_usd", price.FormatUSD(spent), "ends", ends)
	if action == exceededBy {
		log.Warn("a budget is used up; its requests are refused until it resets")
	} else {
		log.Warn("a budget has reached its soft limit")
	}
	r.settings.Warn(b, spent)
	return nil
}
