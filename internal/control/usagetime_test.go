package control

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/usage"
)

// keeping is an API whose server keeps usage by the hour for 5 days and by the
// day for 40, at a quarter to one.
func keeping(r Reports) http.Handler {
	s := newWorld().settings()
	s.Reports, s.KeepUsage = r, usage.Keep{Hours: 5 * 24 * time.Hour, Days: 40 * 24 * time.Hour}
	s.Now = func() time.Time { return start().Add(45 * time.Minute) }
	return New(s)
}

func TestAReportSaysWhichWholeHoursOrDaysItCounted(t *testing.T) {
	r := &reports{}
	h := keeping(r)
	for _, c := range []struct{ group, from, to, counted, until string }{
		{"model", "2026-03-01T12:15:00Z", "", "2026-03-01T12:00:00Z", "2026-03-01T13:00:00Z"},
		{"hour", "2026-03-01T10:59:59.5Z", "2026-03-01T11:00:00.000001Z", "2026-03-01T10:00:00Z", "2026-03-01T12:00:00Z"},
		{"day", "2026-03-01T10:00:00+05:30", "2026-03-01T11:00:00Z", "2026-03-01T04:00:00Z", "2026-03-01T11:00:00Z"},
		{"hour", "2026-02-24T00:00:00Z", "", "2026-02-24T00:00:00Z", "2026-03-01T13:00:00Z"},
		// Hours of these days are gone.
		{"model", "", "", "2026-01-30T00:00:00Z", "2026-03-01T13:00:00Z"},
		{"day", "2026-02-20T10:00:00Z", "", "2026-02-20T00:00:00Z", "2026-03-01T13:00:00Z"},
		{"key", "2026-02-20T10:00:00Z", "2026-02-20T11:00:00Z", "2026-02-20T00:00:00Z", "2026-02-21T00:00:00Z"},
		// Nobody asked for hours that are gone.
		{"hour", "", "", "2026-02-24T00:00:00Z", "2026-03-01T13:00:00Z"},
	} {
		q := url.Values{"group": {c.group}}
		for name, value := range map[string]string{"from": c.from, "to": c.to} {
			if value != "" {
				q.Set(name, value)
			}
		}
		got := read[wire.Usage](t, ask(t, h, "operator", "GET", base+"/usage?"+q.Encode(), ""), http.StatusOK)
		if from, to := got.From.Format(time.RFC3339Nano), got.To.Format(time.RFC3339Nano); from != c.counted || to != c.until {
			t.Errorf("by %s from %q to %q: counted from %s to %s, want %s to %s", c.group, c.from, c.to, from, to, c.counted, c.until)
		}
		if !r.asked.From.Equal(got.From) || !r.asked.To.Equal(got.To) {
			t.Errorf("the answer says from %v to %v, and summed up were %+v", got.From, got.To, r.asked)
		}
		if got.HoursSince.Format(time.DateOnly) != "2026-02-24" || got.DaysSince.Format(time.DateOnly) != "2026-01-20" {
			t.Errorf("usage is kept since %v and %v", got.HoursSince, got.DaysSince)
		}
	}
}

func TestHoursThatAreGoneAreNotShownAsHoursWithoutRequests(t *testing.T) {
	h := keeping(&reports{})
	for _, query := range []string{"from=2026-02-23T23:00:00Z", "from=2026-02-01T00:00:00Z&to=2026-02-02T00:00:00Z", "to=2026-02-02T00:00:00Z"} {
		p := told(t, ask(t, h, "operator", "GET", base+"/usage?group=hour,model&"+query, ""))
		if p.Status != 422 || p.Code != "hours_not_kept" || p.Errors[0].Location != "query.from" ||
			!strings.Contains(p.Detail, "kept for 5 days, since 2026-02-24") || !strings.Contains(p.Remedy, "Group by day") {
			t.Errorf("%s: %+v", query, p)
		}
	}
}
