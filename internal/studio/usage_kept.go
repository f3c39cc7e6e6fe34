package studio

import (
	"time"

	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// usageKept is what of the asked time is no longer kept. Zero times mean nothing is missing.
type usageKept struct {
	// Hours is since when there are hours, where days are shown in their place.
	Hours time.Time
	// Days is since when there is usage at all, where the asked time begins earlier.
	Days time.Time
	// Nothing says that the asked time ended before that.
	Nothing bool
}

// usageOverTime asks for the sums by hour or day, and by what else is named.
// Where the hours are gone, days are asked for in their place: a then says so.
func (v *visit) usageOverTime(a *usageAsk, group ...string) (u wire.Usage, kept usageKept, err error) {
	ask := func() { u, err = v.api.Usage(v.ctx(), a.filter(v.Org.ID, append([]string{a.step()}, group...)...)) }
	ask()
	if f := fault.From(err); f != nil && f.Code == "hours_not_kept" && a.Step == time.Hour {
		a.Step = 24 * time.Hour
		ask()
		kept.Hours = u.HoursSince
	}
	if a.From.Before(u.DaysSince) {
		kept.Days, kept.Nothing = u.DaysSince, !u.DaysSince.Before(a.To)
	}
	return u, kept, err
}

// Notes are what the page says of it.
func (k usageKept) Notes() (notes []string) {
	const date = "2 Jan 2006"
	if !k.Days.IsZero() && !k.Nothing {
		notes = append(notes, "Usage before "+k.Days.UTC().Format(date)+" is no longer kept.")
	}
	if !k.Hours.IsZero() && !k.Nothing {
		notes = append(notes, "Hourly usage is kept since "+k.Hours.UTC().Format(date)+". Older usage is shown by day.")
	}
	return notes
}

// Since names the first day that is kept.
func (k usageKept) Since() string { return k.Days.UTC().Format("2 Jan 2006") }
