package federation

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// gate keeps a role that refuses from being asked by every session of its own
// accord. Until one exchange went well, one session asks and the others wait
// for what it learns; AWS's No to a role holds for all of them. All of it is
// guarded by Federation.mu.
type gate struct {
	open      bool
	scout     chan struct{} // closed when the session that asks knows; nil: nobody asks
	no        failure
	by        entryKey // the session that got the No
	turned    bool     // others were turned away for it
	succeeded time.Time
}

// gated is the No that another session got.
type gated struct{ failure }

func (g gated) Error() string { return g.err.Error() }
func (g gated) Unwrap() error { return g.err }

// pass waits until the entry's flight may ask AWS. first says that it is the
// one that the others wait for.
func (f *Federation) pass(ctx context.Context, e *entry) (first bool, err error) {
	for {
		f.mu.Lock()
		g, now := &e.place.gate, f.settings.Now()
		scout, yields := g.scout, g.yields(e.key())
		switch {
		case g.no.holds(now):
			g.turned = g.turned || e.key() != g.by
			err = gated{g.no}
		case yields.holds(now):
			err = gated{yields}
		case g.open:
		case scout == nil:
			g.scout = make(chan struct{})
			first = true
		default:
			f.mu.Unlock()
			select {
			case <-scout:
				continue
			case <-ctx.Done():
				return false, ctx.Err()
			}
		}
		f.mu.Unlock()
		return first, err
	}
}

// yields is the No of the session that got it last, for a while longer if
// others were turned away for it: they go first now. Perhaps it alone is
// refused, and must not keep the No alive for all.
func (g *gate) yields(session entryKey) failure {
	if !g.turned || g.by != session {
		return failure{}
	}
	return failure{g.no.err, g.no.until.Add(finalMemory / 2)}
}

// passed tells the gate what the exchange came to.
func (f *Federation) passed(e *entry, first bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	g, now := &e.place.gate, f.settings.Now()
	no := fault.From(err)
	switch {
	case err == nil:
		g.open, g.no, g.succeeded = true, failure{}, now
	case no.Kind == fault.Refused && g.forAll(no.Code, now):
		g.open, g.no, g.by, g.turned = false, failure{no, now.Add(finalMemory)}, e.key(), false
	case first && no.Kind == fault.Unavailable:
		g.no, g.by, g.turned = failure{no, now.Add(no.RetryAfter)}, e.key(), false
	}
	if first {
		close(g.scout)
		g.scout = nil
	}
}

// forAll reports whether a No is the role's and not one session's. AWS says
// AccessDenied and ValidationError for both; another session's success of a
// moment ago tells them apart.
func (g *gate) forAll(code string, now time.Time) bool {
	switch code {
	case CodePolicyTooLarge:
		return false
	case CodeRoleRefuses, CodeExchangeInvalid: // the second for a session longer than the role's longest, which they all are
		return g.succeeded.IsZero() || now.Sub(g.succeeded) > finalMemory
	}
	return true
}

// ofSession reports whether a No concerns one session, and says nothing of the
// environment: its state must not swing with every caller.
func (f *Federation) ofSession(x *run, err error) bool {
	if err == nil || x.place == nil {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	no := fault.From(err)
	return no.Kind == fault.Refused && !x.place.gate.forAll(no.Code, f.settings.Now())
}
