package usage_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/usage"
)

// remover notes what it is told to remove.
type remover struct {
	mu          sync.Mutex
	hours, days []time.Time
	fail        error
	last        time.Time // the last usage; zero stands for none
	lost        error     // why it cannot be read
}

func (r *remover) LastAnswered(context.Context) (time.Time, error) { return r.last, r.lost }

func (r *remover) PruneUsage(_ context.Context, hours, days time.Time) (int64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hours, r.days = append(r.hours, hours), append(r.days, days)
	return 3, r.fail
}

func (r *remover) times() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.hours)
}

const day = 24 * time.Hour

func TestOldUsageGoesByWholeDays(t *testing.T) {
	for _, c := range []struct {
		keep        usage.Keep
		hours, days time.Time
	}{
		{usage.Keep{}, time.Date(2026, 2, 21, 0, 0, 0, 0, time.UTC), time.Date(2024, 3, 23, 0, 0, 0, 0, time.UTC)},
		{usage.Keep{Hours: day, Days: 40 * day}, time.Date(2026, 5, 31, 0, 0, 0, 0, time.UTC), time.Date(2026, 4, 22, 0, 0, 0, 0, time.UTC)},
		{usage.Keep{Days: 50 * day}, noon().Add(-50 * day).Truncate(day), noon().Add(-50 * day).Truncate(day)},
		{usage.Keep{Hours: 1000 * day}, noon().Add(-1000 * day).Truncate(day), noon().Add(-1000 * day).Truncate(day)},
	} {
		r := &remover{last: noon()}
		east := noon().In(time.FixedZone("Kiritimati", 14*3600)) // where it is tomorrow already
		p, err := usage.NewPruner(r, usage.PrunerSettings{Keep: c.keep, Now: func() time.Time { return east }})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := p.Step(t.Context()); n != 3 || err != nil {
			t.Errorf("removed %d, %v", n, err)
		}
		if !r.hours[0].Equal(c.hours) || !r.days[0].Equal(c.days) {
			t.Errorf("%+v removes hours before %v and days before %v", c.keep, r.hours[0], r.days[0])
		}
	}
}

func TestAClockThatIsYearsAheadRemovesNothing(t *testing.T) {
	last := noon().Truncate(time.Hour)
	for _, c := range []struct {
		name        string
		r           *remover
		now         time.Time
		hours, days []time.Time
	}{
		{"four years ahead", &remover{last: last}, noon().AddDate(4, 0, 0), []time.Time{noon().Add(-100 * day).Truncate(day)}, []time.Time{noon().Add(-800 * day).Truncate(day)}},
		{"years behind", &remover{last: last}, noon().AddDate(-4, 0, 0), []time.Time{noon().AddDate(-4, 0, -100).Truncate(day)}, []time.Time{noon().AddDate(-4, 0, -800).Truncate(day)}},
		{"the hour goes on", &remover{last: last.Truncate(day).Add(23 * time.Hour)}, last.Truncate(day).Add(day + time.Hour), []time.Time{noon().Add(-99 * day).Truncate(day)}, []time.Time{noon().Add(-799 * day).Truncate(day)}},
		{"nothing was used", &remover{}, noon(), nil, nil},
		{"nobody knows", &remover{last: last, lost: errors.New("away")}, noon(), nil, nil},
	} {
		p, err := usage.NewPruner(c.r, usage.PrunerSettings{Now: func() time.Time { return c.now }})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Step(t.Context()); !errors.Is(err, c.r.lost) {
			t.Errorf("%s: %v", c.name, err)
		}
		if !slices.EqualFunc(c.r.hours, c.hours, time.Time.Equal) || !slices.EqualFunc(c.r.days, c.days, time.Time.Equal) {
			t.Errorf("%s: it removes hours before %v and days before %v, want %v and %v", c.name, c.r.hours, c.r.days, c.hours, c.days)
		}
	}
}

func TestWhatIsNotKeptLongEnoughIsRefusedAllAtOnce(t *testing.T) {
	for _, c := range []struct {
		keep   usage.Keep
		faults int
	}{
		{usage.Keep{Hours: time.Hour, Days: time.Hour}, 2},
		{usage.Keep{Hours: -1}, 1},
		{usage.Keep{Days: 34 * day}, 1},
		{usage.Keep{Hours: 50 * day, Days: 40 * day}, 1},
	} {
		_, err := usage.NewPruner(&remover{}, usage.PrunerSettings{Keep: c.keep})
		if fault.KindOf(err) != fault.Config || c.keep.Check() == nil {
			t.Errorf("%+v: %v", c.keep, err)
			continue
		}
		if n := countSentences(err); n != c.faults {
			t.Errorf("%+v tells %d faults, want %d: %v", c.keep, n, c.faults, err)
		}
	}
	for _, k := range []usage.Keep{{}, {Hours: day, Days: 35 * day}, {Hours: 35 * day, Days: 35 * day}} {
		if err := k.Check(); err != nil {
			t.Errorf("%+v: %v", k, err)
		}
	}
}

func countSentences(err error) int {
	n := 1
	for _, r := range fault.From(err).Sentence() {
		if r == ';' {
			n++
		}
	}
	return n
}

func TestOldUsageIsRemovedAtOnceAndEveryHourAlsoAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &remover{fail: errors.New("away"), last: time.Now()}
		p, err := usage.NewPruner(r, usage.PrunerSettings{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, end := context.WithCancel(t.Context())
		go p.Run(ctx)
		synctest.Wait()
		if n := r.times(); n != 1 {
			t.Errorf("%d times at the start", n)
		}
		time.Sleep(2*time.Hour + time.Minute)
		synctest.Wait()
		if n := r.times(); n != 3 {
			t.Errorf("%d times after two hours", n)
		}
		end()
		synctest.Wait()
	})
}
