package control

import (
	"fmt"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/usage"
)

const (
	wholeDay     = 24 * time.Hour
	usageSpan    = 30 * wholeDay  // by default
	maxUsageSpan = 400 * wholeDay // a year, and the same month of the year before
)

// wholeSteps fills in the time of a report, and widens it to what is kept: whole
// hours, and whole days where the hours are gone. What cannot be told from days
// is a fault, since hours that are gone would look like hours without requests.
func (a *api) wholeSteps(f *UsageFilter, by usage.By) error {
	hours, _ := a.s.KeepUsage.Since(a.s.Now())
	f.From, f.To = f.From.UTC(), f.To.UTC()
	if f.To.IsZero() {
		f.To = a.s.Now().UTC().Truncate(time.Hour).Add(time.Hour) // this hour too
	}
	if f.From.IsZero() {
		f.From = f.To.Add(-usageSpan)
		if by.Hour && f.From.Before(hours) && hours.Before(f.To) {
			f.From = hours // nobody asked for more
		}
	}
	if span := f.To.Sub(f.From); span <= 0 || span > maxUsageSpan {
		return fault.New(fault.Invalid, "from must be before to, by at most 400 days").WithCode(codeInput).WithParam("query.from")
	}
	f.From, f.To = f.From.Truncate(time.Hour), roundUp(f.To, time.Hour)
	switch {
	case !f.From.Before(hours):
		return nil
	case by.Hour:
		return hoursGone(hours, a.s.Now())
	}
	f.From = f.From.Truncate(wholeDay)
	if f.To.Before(hours) {
		f.To = roundUp(f.To, wholeDay)
	}
	return nil
}

func roundUp(t time.Time, step time.Duration) time.Time {
	return t.Add(step - 1).Truncate(step)
}

func hoursGone(since, now time.Time) error {
	date := since.Format(time.DateOnly)
	return fault.New(fault.Invalid, "usage by the hour is kept for %s, since %s; older usage is kept by the day", inDays(now.Sub(since)), date).
		WithCode("hours_not_kept").WithParam("query.from").WithRemedy("Group by day, or start on %s or later.", date)
}

// inDays rounds down: a part of a day is kept besides.
func inDays(d time.Duration) string {
	if d < 2*wholeDay {
		return "1 day"
	}
	return fmt.Sprintf("%d days", d/wholeDay)
}
