package studio

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

// keptStage keeps usage by the hour since 18 November and by the day since 18
// October, and answers as the API does.
func keptStage(t *testing.T) *visitor {
	t.Helper()
	s := newStage(t, access.Auditor)
	hours, days := time.Date(2026, 11, 18, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 18, 0, 0, 0, 0, time.UTC)
	s.api.answers["GET /organizations/"+stageOrg+"/usage"] = func(r *http.Request) (int, any) {
		q := r.URL.Query()
		from, err := time.Parse(time.RFC3339, q.Get("from"))
		if err != nil {
			t.Error(err)
		}
		if strings.Contains(q.Get("group"), "hour") && from.Before(hours) {
			return http.StatusUnprocessableEntity, wire.Problem{Status: 422, Title: "Invalid input", Detail: "usage by the hour is gone", Kind: "invalid", Code: "hours_not_kept", ErrorID: "req_1"}
		}
		u := wire.Usage{From: from, HoursSince: hours, DaysSince: days, Items: []wire.UsageSum{}}
		if !from.Before(days) || from.AddDate(0, 2, 0).After(days) {
			at := days.AddDate(0, 0, 2)
			u.Total = wire.Counts{Requests: 7}
			u.Items = append(u.Items, wire.UsageSum{Day: &at, Counts: u.Total})
		}
		return http.StatusOK, u
	}
	return s
}

func TestAShortPeriodWhoseHoursAreGoneIsShownByDay(t *testing.T) {
	s := keptStage(t)
	const days = "?range=days&from=2026-10-20&to=2026-10-21"
	s.see(s.get(s.org("usage")+days), http.StatusOK, "Day (UTC)", "20 Oct 2026", "Hourly usage is kept since 18 Nov 2026. Older usage is shown by day.")
	s.see(s.get(s.org("usage.csv")+days), http.StatusOK, "day_utc,requests", "2026-10-20T00:00:00Z,7,")
	if w := s.get(s.org("usage") + "?range=days&from=2026-11-20&to=2026-11-21"); strings.Contains(w.Body.String(), "is kept since") {
		t.Error("a period whose hours are kept is said to lack them")
	}
}

func TestAPeriodThatBeginsBeforeWhatIsKeptSaysSoRatherThanDrawingZeros(t *testing.T) {
	s := keptStage(t)
	w := s.get(s.org("usage") + "?range=90d")
	s.see(w, http.StatusOK, "Usage before 18 Oct 2026 is no longer kept.", "20 Oct 2026")
	for _, gone := range []string{"17 Oct 2026", "1 Sep 2026"} {
		if strings.Contains(w.Body.String(), gone) {
			t.Errorf("the chart draws %s, of which nothing is known", gone)
		}
	}
	w = s.get(s.org("usage") + "?range=days&from=2026-03-01&to=2026-03-31")
	s.see(w, http.StatusOK, "Usage of this period is no longer kept", "Daily usage is kept since 18 Oct 2026.")
	if body := w.Body.String(); strings.Contains(body, "No requests in this period") || strings.Contains(body, "<dt>Requests</dt>") {
		t.Error("usage that is gone is said to be none")
	}
}
