package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// moment is a flag that names a point in time: a date, a time with its zone, or
// a span from now, which the command adds or takes away.
type moment struct {
	at   time.Time
	span time.Duration
	set  bool
}

// UnmarshalText reads 2027-01-31, 2027-01-31T08:00:00Z, 720h or 90d.
func (m *moment) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			*m = moment{at: t.UTC(), set: true}
			return nil
		}
	}
	if d, err := spanOf(s); err == nil {
		*m = moment{span: d, set: true}
		return nil
	}
	return fmt.Errorf("%q is not a time: write a date such as 2027-01-31, a time such as 2027-01-31T08:00:00Z, or a duration such as 12h or 90d", s)
}

// spanOf reads a duration of Go's, or days.
func spanOf(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n <= 0 || n > 100*366 {
			return 0, fmt.Errorf("%q is not a number of days", s)
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	d, err := time.ParseDuration(s)
	if err == nil && d <= 0 {
		err = fmt.Errorf("%q is not a positive duration", s)
	}
	return d, err
}

// ahead is the moment when spans count from now on; nil when none was given.
func (m moment) ahead(now time.Time) (*time.Time, error) {
	if !m.set {
		return nil, nil
	}
	t := m.at
	if m.span > 0 {
		t = now.Add(m.span).UTC().Truncate(time.Second)
	}
	if !t.After(now) {
		return nil, fault.New(fault.Invalid, "%s is in the past", at(t)).WithRemedy("Give a time in the future.")
	}
	return &t, nil
}

// ago is the moment when spans count back from now; zero when none was given.
func (m moment) ago(now time.Time) time.Time {
	if m.span > 0 {
		return now.Add(-m.span).UTC()
	}
	return m.at
}
