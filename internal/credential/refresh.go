package credential

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	// margin is how long before their end credentials are renewed at the latest, where their life permits.
	margin = 5 * time.Minute
	// askAgain is the first pause before STS is asked again for an account it could not tell; it doubles.
	askAgain = time.Minute
	// askAtMost is the longest such pause.
	askAtMost = 15 * time.Minute
	// retryFirst and retryAtMost bound the pauses between refreshes that fail.
	retryFirst, retryAtMost = 5 * time.Second, time.Minute
)

func newState(v valid) *state {
	now := time.Now()
	return &state{
		valid:     v,
		since:     now,
		until:     now.Add(v.Expires.Sub(now)),
		refreshAt: refreshTime(now, v.Expires, rand.Float64()),
	}
}

// refreshTime returns when to renew credentials that were got now: at 75 to 85
// per cent of their life, and at least five minutes before their end when they
// live ten minutes or longer. jitter is in [0, 1).
func refreshTime(now, expires time.Time, jitter float64) time.Time {
	if expires.IsZero() {
		return time.Time{}
	}
	life := expires.Sub(now)
	early := time.Duration(float64(life) * (0.25 - 0.10*jitter))
	if life >= 2*margin && early < margin {
		early = margin + time.Duration(float64(life)*0.10*(1-jitter))
	}
	at := expires.Add(-early)
	if soonest := now.Add(time.Second); at.Before(soonest) {
		return soonest
	}
	return at
}

// lastStretch reports whether the credentials end so soon that the other
// sources must be tried too: the last minute, or the last tenth of a short life.
func (s *state) lastStretch(now time.Time) bool {
	return s != nil && !s.Expires.IsZero() && now.After(s.stretch())
}

func (s *state) stretch() time.Time {
	return s.Expires.Add(-min(time.Minute, s.Expires.Sub(s.since)/10))
}

// arm sets the alarm for what comes next: a refresh, another try of one that
// failed, or another question for the account. c.mu is held.
func (c *Chain) arm() {
	c.stopTimer()
	s := c.current.Load()
	if s == nil || c.closed {
		return
	}
	now := time.Now()
	at := s.refreshAt
	if !at.IsZero() && c.fails > 0 {
		at = now.Add(backoff(retryFirst, retryAtMost, c.fails-1))
		// One try is due when the last stretch begins, for then all sources count.
		if stretch := s.stretch().Add(time.Millisecond); now.Before(stretch) && at.After(stretch) {
			at = stretch
		}
	}
	if s.Account == "" {
		if ask := now.Add(backoff(askAgain, askAtMost, c.asks)); at.IsZero() || ask.Before(at) {
			at = ask
		}
	}
	if at.IsZero() || !s.fresh(at) {
		return // nothing to do, or too late: the next caller starts a walk
	}
	c.timer = time.AfterFunc(at.Sub(now), c.wake)
}

// backoff doubles the pause with every failure and spreads it by a fifth.
func backoff(first, most time.Duration, failures int) time.Duration {
	pause := min(first<<min(failures, 10), most)
	return pause - time.Duration(rand.Float64()*0.2*float64(pause))
}

func (c *Chain) stopTimer() {
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
}

// wake does what the alarm was set for.
func (c *Chain) wake() {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.current.Load()
	if c.closed || c.flight != nil || s == nil {
		return
	}
	if !s.refreshAt.IsZero() && !time.Now().Before(s.refreshAt) {
		c.takeOff()
		return
	}
	if s.Account == "" {
		c.work.Go(func() { c.learnAccount(s) })
		return
	}
	c.arm()
}

// learnAccount asks STS again for the account of credentials that serve already.
func (c *Chain) learnAccount(s *state) {
	ctx, cancel := context.WithTimeout(c.ctx, c.budget)
	defer cancel()
	who, err := c.judge.identify(ctx, s.keys())
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil && who.account != "" {
		known := *s
		known.Account, known.arn, known.doubt = who.account, who.arn, ""
		if c.current.CompareAndSwap(s, &known) {
			c.winner.account = who.account
			c.log.Info("the AWS account has been identified", "source", s.Source, "account", who.account)
		}
	} else {
		c.asks++
		c.log.Debug("the AWS account could not be identified", "source", s.Source)
	}
	if c.flight == nil {
		c.arm()
	}
}
