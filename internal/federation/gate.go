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
	succeeded time.Time
}

// gated is the No that another session got.
type gated struct{ failure }

func (g gated) Error() string { return g.err.Error() }
func (g gated) Unwrap() error { return g.err }

// pass waits until the entry's flight may ask AWS. first says that it is the
// one that the others wait for.
func (f *Federation) pass(ctx context.Context, p *place) (first bool, err error) {
	for {
		f.mu.Lock()
		g, now := &p.gate, f.settings.Now()
		scout := g.scout
		switch {
		case g.no.holds(now):
			err = gated{g.no}
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

// passed tells the gate what the exchange came to.
func (f *Federation) passed(p *place, first bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	g, now := &p.gate, f.settings.Now()
	no := fault.From(err)
	switch {
	case err == nil:
		g.open, g.no, g.succeeded = true, failure{}, now
	case no.Kind == fault.Refused && g.forAll(no.Code, now):
		g.open, g.no = false, failure{no, now.Add(finalMemory)}
	case first && no.Kind == fault.Unavailable:
		g.no = failure{no, now.Add(no.RetryAfter)}
	}
	if first {
		close(g.scout)
		g.scout = nil
	}
}

// forAll reports whether a No is the role's and not one session's. AWS says
// AccessDenied for both; another session's success of a moment ago tells them apart.
func (g *gate) forAll(code string, now time.Time) bool {
	switch code {
	case CodeExchangeInvalid, CodePolicyTooLarge:
		return false
	case CodeRoleRefuses:
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
