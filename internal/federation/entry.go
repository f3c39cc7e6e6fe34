package federation

import (
	"time"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/fault"
)

// entryKey tells the sessions of a place apart.
type entryKey struct{ session, tagged string }

// entry is one session: its credentials, or the flight that gets them. All of
// it is guarded by Federation.mu.
type entry struct {
	place   *place
	session session
	caller  caller.Caller // who wanted it first
	used    time.Time
	got     *served // nil: nothing to serve
	flight  *flight
	failure failure
	fails   int // refreshes in a row that failed
	timer   *time.Timer
	gone    bool
}

func (e *entry) key() entryKey { return entryKey{e.session.name, e.session.tagged} }

// served is what is served, and until when by this machine's clock.
type served struct {
	credential.Credentials
	since, refreshAt, until time.Time
}

// failure is a No that is remembered. The zero value holds never.
type failure struct {
	err   *fault.Error
	until time.Time
}

func (m failure) holds(now time.Time) bool { return m.err != nil && now.Before(m.until) }

// again is the No once more, with the time that is left of it. It is a copy:
// callers must not change each other's fault.
func (m failure) again(now time.Time) error {
	e := *m.err
	e.RetryAfter = max(m.until.Sub(now), time.Second)
	return &e
}

// entry returns the entry of the wanted session, or of the caller's key when
// there is no room for another user; f.mu is held.
func (f *Federation) entry(p *place, wanted session, c caller.Caller, now time.Time) (_ *entry, fellBack bool) {
	if e := p.entries[entryKey{wanted.name, wanted.tagged}]; e != nil {
		return e, false
	}
	if wanted.user && (!f.makeRoom(now) || !p.begins.AllowN(now, 1)) {
		fellBack = true
		wanted.name, wanted.user = f.names.key(p.mark.environment, c.Key), false
		if e := p.entries[entryKey{wanted.name, wanted.tagged}]; e != nil {
			return e, fellBack
		}
	}
	if !wanted.user && f.live >= f.settings.MaxSessions && !f.makeRoom(now) {
		f.removeLeastUsed()
	}
	c.User = "" // not kept longer than its request
	e := &entry{place: p, session: wanted, caller: c, used: now}
	p.entries[e.key()] = e
	f.live++
	f.settings.Observe.Sessions(f.live)
	return e, fellBack
}

// remove forgets an entry; who waits for its flight asks anew. f.mu is held.
func (f *Federation) remove(e *entry) {
	if e.gone {
		return
	}
	e.gone = true
	e.stopTimer()
	if e.flight != nil {
		e.flight.cancel()
	}
	delete(e.place.entries, e.key())
	f.live--
	f.settings.Observe.Sessions(f.live)
}

// sweepPause is how long a search for idle entries that found none is not repeated.
const sweepPause = 10 * time.Second

// makeRoom reports whether there is room for one more entry, after removing
// idle ones if need be; f.mu is held.
func (f *Federation) makeRoom(now time.Time) bool {
	if f.live < f.settings.MaxSessions {
		return true
	}
	if now.Sub(f.swept) < sweepPause && !f.swept.IsZero() {
		return false
	}
	f.swept = now
	for _, p := range f.places {
		for _, e := range p.entries {
			if e.flight == nil && now.Sub(e.used) > f.settings.Idle {
				f.remove(e)
			}
		}
	}
	return f.live < f.settings.MaxSessions
}

// removeLeastUsed makes room for a session that has nothing to fall back to:
// users' sessions go first, for they have; f.mu is held.
func (f *Federation) removeLeastUsed() {
	var least *entry
	for _, p := range f.places {
		for _, e := range p.entries {
			if least == nil || e.session.user && !least.session.user || e.session.user == least.session.user && e.used.Before(least.used) {
				least = e
			}
		}
	}
	if least != nil {
		f.remove(least)
	}
}

func (e *entry) stopTimer() {
	if e.timer != nil {
		e.timer.Stop()
		e.timer = nil
	}
}
