package federation

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/tenant"
)

// The audit actions of an exchange, and of one that the role ought to refuse.
const (
	ActionExchange = "sts.exchange"
	ActionProbe    = "sts.probe"
)

// recorded does an exchange and tells everybody who wants to know. An exchange
// that cannot be recorded is not made; if the room for records runs out while
// it is on its way, its credentials are thrown away.
func (f *Federation) recorded(ctx context.Context, x *run, c caller.Caller) (exchanged, error) {
	if err := f.settings.Audit.Room(); err != nil {
		return exchanged{}, x.notSent(err)
	}
	begun := f.settings.Now()
	got, err := x.do(ctx)
	ended := f.settings.Now()
	if !x.negative {
		f.settings.Observe.Exchanged(x.env.ID, x.tell.Outcome, ended.Sub(begun))
		if x.tell.Calls > 0 && !f.ofSession(x, err) {
			f.settings.Ledger.Exchanged(x.env.ID, x.activity(ended, err))
		}
	}
	if x.token.JTI != "" {
		// The ctx may have ended; what happened is recorded all the same.
		if full := f.settings.Audit.Record(context.WithoutCancel(ctx), x.event(ended, actor(c))); full != nil {
			f.settings.Log.Error("an exchange could not be recorded", "environment", x.env.ID, "jti", x.tell.JTI, "outcome", x.tell.Outcome, "error", full)
			got, err = exchanged{}, cmp.Or(err, full)
		}
	}
	f.log(ctx, x, err)
	return got, err
}

func (x *run) activity(at time.Time, err error) tenant.Activity {
	a := tenant.Activity{Exchanged: at, Outcome: x.tell.Outcome, RequestID: x.tell.RequestID}
	if err == nil {
		a.Succeeded = at
	} else {
		a.Why = fault.From(err).Sentence()
	}
	return a
}

func (x *run) event(at time.Time, by audit.Actor) audit.Event {
	details := map[string]string{
		"role_arn": x.tell.RoleARN, "session_name": x.tell.Session, "aws_request_id": x.tell.RequestID,
		"iss": x.tell.Issuer, "sub": x.tell.Subject, "aud": x.tell.Audience, "kid": x.tell.KID, "jti": x.tell.JTI,
	}
	if !x.tell.Expires.IsZero() {
		details["expires"] = x.tell.Expires.UTC().Format(time.RFC3339)
	}
	action := ActionExchange
	if x.negative {
		action = ActionProbe
	}
	return audit.Event{
		Time: at, Organization: x.env.Organization, Actor: by, Action: action, Target: x.env.ID,
		Outcome: x.tell.Outcome, Details: details,
	}
}

// actor is the caller as the audit names it; a caller without a key is the server.
func actor(c caller.Caller) audit.Actor {
	if c.Key == "" {
		return audit.System()
	}
	return audit.Actor{Organization: c.Organization, Key: c.Key, Name: c.Name}
}

// log says why an exchange failed; what it says beside AWS's words is for
// administrators. A success is in the audit.
func (f *Federation) log(ctx context.Context, x *run, err error) {
	if err == nil || x.negative || ctx.Err() != nil {
		return
	}
	e := fault.From(err)
	f.settings.Log.Warn("no AWS credentials for an environment", "environment", x.env.ID, "outcome", x.tell.Outcome,
		"reason", e.Sentence(), "calls", x.tell.Calls, "detail", strings.ReplaceAll(e.Detail, "\n", "; "))
}
