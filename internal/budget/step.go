package budget

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/adit-hq/adit/internal/ident"
	"github.com/adit-hq/adit/internal/usage"
)

// Run takes a step at once, and then every few seconds and whenever a bound is
// reached, until ctx ends.
func (r *Registry) Run(ctx context.Context) {
	tick := time.NewTicker(r.settings.Every)
	defer tick.Stop()
	failing := false
	for {
		err := r.Step(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil && !failing {
			r.settings.Log.Error("budget spending cannot be read; the last known totals stay in use", "error", err)
		}
		if err == nil && failing {
			r.settings.Log.Info("budget spending can be read again")
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-r.wake:
		}
	}
}

// Step reads what was spent of the budgets that were in use since they were last
// read, and of those not read for long, and tells of bounds that are reached.
// It ends with the first fault; what was not read stays as it is known, and is
// read first with the next step.
//
// What this replica adds while a step runs may be in the sum that is read and be
// added to it once more: such a double count is at most one step's additions,
// errs to more spent, and goes with the next step. Nothing is missing, as long
// as Flush writes what was added before the step began.
func (r *Registry) Step(ctx context.Context) error {
	r.stepping.Lock()
	defer r.stepping.Unlock()
	now := r.settings.Now()
	due := r.due(now)
	if len(due) == 0 {
		return nil
	}
	err := r.readAll(ctx, due, now)
	if told := r.tellAll(ctx, due, now); err == nil {
		err = told
	}
	return err
}

// due returns the budgets to read, the one that was tried longest ago first.
func (r *Registry) due(now time.Time) []*entry {
	var due []*entry
	for _, e := range r.now.Load().byID {
		w := e.count.straighten(now, e.Period)
		if e.count.asked.Load() || w.age(now) >= r.settings.Idle {
			due = append(due, e)
		}
	}
	slices.SortFunc(due, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(a.count.tried, b.count.tried), cmp.Compare(a.ID, b.ID))
	})
	return due
}

// readNow reads the sum of a budget that was just made, unless a step does so anyway.
func (r *Registry) readNow(ctx context.Context, id string) {
	e := r.now.Load().entry(id)
	if e == nil || !r.stepping.TryLock() {
		return
	}
	defer r.stepping.Unlock()
	if err := r.readAll(ctx, []*entry{e}, r.settings.Now()); err != nil {
		r.look() // the next step tells why
	}
}

// readAll reads the sums of the budgets.
func (r *Registry) readAll(ctx context.Context, due []*entry, now time.Time) error {
	marks := make([]mark, len(due))
	for i, e := range due {
		e.count.asked.Store(false)
		w := e.count.window.Load()
		marks[i] = mark{w, w.spent.Load()}
	}
	// What is added from here on comes on top of the sums; what was added before is in them, once it is written.
	err := r.settings.Flush(ctx)
	for i, e := range due {
		if err == nil {
			err = r.read(ctx, e, marks[i], now)
		}
		if err != nil {
			e.count.asked.Store(true)
		}
	}
	return err
}

// mark is what a window was known to have spent when a reading began.
type mark struct {
	in    *window
	spent int64
}

// read puts the sum of the window in the place of what was known at the mark.
func (r *Registry) read(ctx context.Context, e *entry, m mark, now time.Time) error {
	r.turns++
	e.count.tried = r.turns
	q := usage.Query{From: time.Unix(m.in.begins, 0).UTC(), To: time.Unix(m.in.ends, 0).UTC(), Organization: e.Organization}
	switch {
	case e.Target == "":
	case ident.Check(ident.Environment, e.Target) == nil:
		q.Environment = e.Target
	default:
		q.Key = e.Target
	}
	sum, err := r.settings.Spent(ctx, q)
	if err != nil {
		return err
	}
	m.in.spent.Add(sum.Cost + sum.EstimatedCost - m.spent)
	m.in.read.Store(now.UnixNano())
	return nil
}
