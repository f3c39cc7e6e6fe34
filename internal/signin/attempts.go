package signin

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/pace"
)

// How many failures are free, how long the first lock is, to what it doubles,
// and when failures are forgotten.
const (
	freeLogin   = 5
	freeAddress = 20
	firstLock   = time.Minute
	longestLock = time.Hour
	forgotten   = time.Hour
)

// counted is a name under which failures are counted, and how many are free.
type counted struct {
	name string
	free int
}

// lockedAt reports whether nobody is let in under the name at that moment.
func (a Attempts) lockedAt(now time.Time) bool { return now.Before(a.Until) }

// after returns the attempts with one more failure. An hour after the last one
// and after the end of its lock they begin anew: not an hour after the failure
// alone, or the longest lock would end with five free guesses.
func (a Attempts) after(now time.Time, free int) Attempts {
	if !now.Before(a.Last.Add(forgotten)) && !now.Before(a.Until.Add(forgotten)) {
		a = Attempts{}
	}
	a.Failures++
	a.Last = now
	if a.Failures >= free {
		a.Until = now.Add(lock(a.Failures - free))
	}
	return a
}

// lock is how long the lock is that follows when so many failures more than the free ones were made.
func lock(more int) time.Duration {
	d := firstLock
	for ; more > 0 && d < longestLock; more-- {
		d *= 2
	}
	return min(d, longestLock)
}

// names returns what failures of this login from this address are counted
// under. A login is hashed under a key: people type passwords into the wrong
// field, and those must not lie in the database. What cannot be a login is
// counted by its address alone.
func (r *Registry) names(login string, o Origin) []counted {
	list := []counted{{"address:" + neighbourhood(o.Address), freeAddress}}
	if wellFormed(login) {
		list = append(list, r.loginName(login))
	}
	return list
}

func (r *Registry) loginName(login string) counted {
	mac := hmac.New(sha256.New, r.loginKey)
	mac.Write([]byte(login))
	return counted{"login:" + hex.EncodeToString(mac.Sum(nil)), freeLogin}
}

// neighbourhood returns the address as it is counted; what is none shares one count.
func neighbourhood(address string) string {
	a, _ := netip.ParseAddr(address) // what cannot be read is no address
	return cmp.Or(pace.Neighbourhood(a), "unknown")
}

// guess is an attempt that was counted before anybody looked whether it is
// right: so any number of guesses at once, on any number of replicas, are no
// more than those that are free.
type guess struct {
	at    time.Time
	names []counted
	// locks are the names that this one locks if it is wrong, and until when.
	locks map[string]time.Time
}

// locked returns a fault of kind Throttled, "locked", when one of the names is
// locked now. It counts nothing.
func (r *Registry) locked(ctx context.Context, names []counted) error {
	now := r.moment()
	for _, n := range names {
		a, err := r.settings.Store.Attempts(ctx, n.name)
		if err != nil {
			return err
		}
		if a.lockedAt(now) {
			return lockedFor(a.Until.Sub(now))
		}
	}
	return nil
}

// reserve counts a guess under each name, or refuses it as locked.
func (r *Registry) reserve(ctx context.Context, names []counted) (guess, error) {
	g := guess{at: r.moment(), names: names, locks: map[string]time.Time{}}
	for _, n := range names {
		var refused bool // the function may be called again when the database asks for it
		after, err := r.settings.Store.Fail(ctx, n.name, func(a Attempts) Attempts {
			if refused = a.lockedAt(g.at); refused {
				return a
			}
			return a.after(g.at, n.free)
		})
		if err != nil {
			return guess{}, err
		}
		if refused {
			return guess{}, lockedFor(after.Until.Sub(g.at))
		}
		if after.lockedAt(g.at) {
			g.locks[n.name] = after.Until
		}
	}
	return g, nil
}

// right takes the guess back. Failures of the login are forgiven; those of the
// address are not, or who has one account could guess at others for ever.
func (r *Registry) right(ctx context.Context, g guess) error {
	for _, n := range g.names {
		if n.free == freeLogin {
			if err := r.settings.Store.Forgive(ctx, n.name); err != nil {
				return err
			}
			continue
		}
		_, err := r.settings.Store.Fail(ctx, n.name, func(a Attempts) Attempts {
			a.Failures = max(a.Failures-1, 0)
			if a.Until.Equal(g.locks[n.name]) {
				a.Until = time.Time{}
			}
			return a
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func lockedFor(d time.Duration) error {
	// Rounded up, so that who waits that long is let in.
	d = (d + time.Second - 1).Truncate(time.Second)
	f := fault.New(fault.Throttled, "too many sign-ins have failed for this login or from this address: it is locked for %s", spoken(d)).
		WithCode("locked").
		WithRemedy("Wait, or ask an administrator for a link that signs in once; it works in spite of the lock.")
	f.RetryAfter = d
	return f
}
