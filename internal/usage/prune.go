package usage

import (
	"context"
	"log/slog"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// Keep says for how long sums are kept. Zero values mean the defaults.
type Keep struct {
	// Hours is for how long the sums of hours are kept; 100 days by default, or as
	// long as Days if that is shorter. A day at least.
	Hours time.Duration
	// Days is for how long the sums of days are kept; 800 days by default: two
	// years, and the month that a report compares. At least 35 days, since a
	// budget of a month is counted by them, and as long as Hours.
	Days time.Duration
}

const (
	day       = 24 * time.Hour
	shortKeep = 100 * day // of the sums of hours
	longKeep  = 800 * day // of those of days
	leastKeep = 35 * day  // a month, and some
)

// Check returns all that is wrong with it as one fault of kind Config.
func (k Keep) Check() error {
	_, err := k.filled()
	return err
}

// filled returns it with the defaults.
func (k Keep) filled() (Keep, error) {
	if k.Days == 0 {
		k.Days = max(longKeep, k.Hours)
	}
	if k.Hours == 0 {
		k.Hours = max(day, min(shortKeep, k.Days))
	}
	var f fault.Inputs
	if k.Hours < day {
		f.Add("hours", "usage by the hour is kept for a day at least")
	}
	if k.Days < leastKeep {
		f.Add("days", "usage by the day is kept for %d days at least: budgets of a month are counted by it", leastKeep/day)
	} else if k.Days < k.Hours {
		f.Add("days", "usage by the day is kept for as long as usage by the hour at least")
	}
	if err := f.Err(); err != nil {
		return k, fault.New(fault.Config, "%s", fault.From(err).Sentence()).WithCode("usage_retention")
	}
	return k, nil
}

// Since returns the first hour and the first day that are kept at a time. Both
// are midnights of UTC: sums go by whole days, so that no report shows a part of one.
func (k Keep) Since(now time.Time) (hours, days time.Time) {
	k, _ = k.filled() // what is wrong with it is for Check to say
	return now.UTC().Add(-k.Hours).Truncate(day), now.UTC().Add(-k.Days).Truncate(day)
}

// Remover removes old sums; [Reports] is one.
type Remover interface {
	// LastAnswered returns the newest hour in which AWS answered a call, by a clock that
	// is not this process's where there is one; zero when there was none.
	LastAnswered(ctx context.Context) (time.Time, error)
	// PruneUsage removes what is older: hours before hours, days before days. It tells how many sums went.
	PruneUsage(ctx context.Context, hours, days time.Time) (int64, error)
}

// PrunerSettings of a [Pruner]. Zero values mean the defaults.
type PrunerSettings struct {
	Keep Keep
	// Every is how often old sums are looked for; an hour by default.
	Every time.Duration
	Now   func() time.Time
	Log   *slog.Logger
}

// Pruner removes sums that are older than they have to be kept.
type Pruner struct {
	store    Remover
	settings PrunerSettings
}

// NewPruner returns a pruner, or a fault of kind Config when what to keep makes
// no sense. Nothing is removed before [Pruner.Run] or [Pruner.Step].
func NewPruner(store Remover, s PrunerSettings) (*Pruner, error) {
	var err error
	if s.Keep, err = s.Keep.filled(); err != nil {
		return nil, err
	}
	if s.Every <= 0 {
		s.Every = time.Hour
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	return &Pruner{store: store, settings: s}, nil
}

// Step removes what is too old and tells how many sums went. It counts back from
// the last usage where that is longer ago than now: a clock that is wrong by years
// must not remove what nobody can bring back. With such a clock no usage follows,
// for AWS refuses requests whose time is off by more than five minutes.
func (p *Pruner) Step(ctx context.Context) (int64, error) {
	last, err := p.store.LastAnswered(ctx)
	if err != nil || last.IsZero() {
		return 0, err
	}
	now := p.settings.Now()
	if ended := last.Add(time.Hour); ended.Before(now) {
		now = ended
	}
	hours, days := p.settings.Keep.Since(now)
	return p.store.PruneUsage(ctx, hours, days)
}

// Run removes old sums at once and from time to time until ctx ends. What could
// not be removed goes with the next turn.
func (p *Pruner) Run(ctx context.Context) {
	tick := time.NewTicker(p.settings.Every)
	defer tick.Stop()
	for {
		removed, err := p.Step(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			p.settings.Log.Warn("old usage could not be removed; it is tried again", "error", err)
		case removed > 0:
			p.settings.Log.Info("old usage was removed", "sums", removed)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
