package budget

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/audit"
)

// Budget is a bound of what may be spent.
type Budget struct {
	ID           string // bud_…
	Organization string // id
	// Target is what it bounds: an environment's id (env_…), a caller's (key_…,
	// tru_…, usr_…), or "" for the organization as a whole.
	Target string
	Period Period
	// Soft and Hard are in billionths of a US dollar; 0: none of that kind.
	Soft, Hard int64
	Created    time.Time
	Updated    time.Time
	// Version counts changes; an update of another version is refused.
	Version int64
}

// Period is how long a budget's money must last. Both begin at midnight UTC.
type Period string

// The periods.
const (
	Day   Period = "day"
	Month Period = "month"
)

// Span returns the beginning and the end of the day or month that a time is in, in UTC.
func (p Period) Span(at time.Time) (begins, ends time.Time) {
	year, month, day := at.UTC().Date()
	if p == Month {
		begins = time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
		return begins, begins.AddDate(0, 1, 0)
	}
	begins = time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	return begins, begins.AddDate(0, 0, 1)
}

// State says how much of a budget is spent.
type State string

// The states. A bound is reached with its last billionth.
const (
	Within   State = "within"
	Warning  State = "warning"  // the soft bound is reached
	Exceeded State = "exceeded" // the hard bound is reached
)

// State returns the state of the budget when so much is spent, in billionths of a US dollar.
func (b Budget) State(spent int64) State {
	switch {
	case b.Hard > 0 && spent >= b.Hard:
		return Exceeded
	case b.Soft > 0 && spent >= b.Soft:
		return Warning
	}
	return Within
}

// Store keeps budgets; they are in the snapshot. A second budget for the same
// target and period is Invalid, "budget_exists"; an update or deletion of
// another Version than the stored one is Invalid, "conflict".
type Store interface {
	CreateBudget(ctx context.Context, b Budget, events ...audit.Event) error
	UpdateBudget(ctx context.Context, b Budget, events ...audit.Event) error
	DeleteBudget(ctx context.Context, b Budget, events ...audit.Event) error
}
