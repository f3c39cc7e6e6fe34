package control

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/federation"
	"github.com/adit-hq/adit/internal/issuer"
	"github.com/adit-hq/adit/internal/tenant"
)

// Exchange turns tokens into credentials at STS, which are let go at once here.
type Exchange interface {
	// Exchange asks once; Settle is for a role that was made a moment ago.
	Exchange(ctx context.Context, e tenant.Environment, c caller.Caller) (federation.Exchange, credential.Credentials, error)
	Settle(ctx context.Context, e tenant.Environment, c caller.Caller) (federation.Exchange, credential.Credentials, error)
	// Probe sees whether the role refuses foreign subjects, and has the environment's state follow.
	Probe(ctx context.Context, e tenant.Environment) (federation.Probe, error)
}

// Acceptor takes an administrator's word for an unsafe role.
type Acceptor interface {
	Accept(ctx context.Context, actor audit.Actor, environment, reason string) (tenant.Environment, error)
}

// shownTTL is how long a token lives that somebody looks at.
const shownTTL = time.Minute

// awsTime is how long a request may take that waits for AWS, and for a new role to settle.
const awsTime = 3 * time.Minute

func (a *api) exchangeRoutes() []route {
	const one = "/organizations/{org}/environments/{env}"
	return []route{
		{"POST", one + "/token", "mint-token", "Issue a token to inspect, or for another cloud; only this answer contains it", access.MintToken, ofOrganization, 0, on(a.mintToken)},
		{"POST", one + "/exchange", "exchange-token", "Exchange one token at STS; the credentials are not shown", access.TryExchange, ofOrganization, awsTime, on(a.exchangeToken)},
		{"POST", one + "/verify", "verify-environment", "Exchange one token, check that the role refuses foreign subjects, and set the state", access.TryExchange, ofOrganization, awsTime, on(a.verifyEnvironment)},
		{"POST", one + "/accept", "accept-environment", "Accept the risk of a role that admits foreign subjects, with a reason", access.AcceptUnsafe, ofOrganization, 0, on(a.acceptEnvironment)},
	}
}

type tokenInput struct {
	InEnvironment
	Body *wire.TokenInput
}

// mintToken shows a token. What is written down is its claims; a token that
// cannot be written down is not shown.
func (a *api) mintToken(ctx context.Context, c *call, in *tokenInput) (wire.Token, error) {
	e, err := a.environment(c, in.InEnvironment)
	if err != nil {
		return wire.Token{}, err
	}
	audience, ttl := "", shownTTL
	if in.Body != nil {
		audience = in.Body.Audience
		ttl = cmp.Or(time.Duration(in.Body.TTLSeconds)*time.Second, ttl)
	}
	if audience == "" && len(e.Audiences) > 0 {
		audience = e.Audiences[0]
	}
	if !slices.Contains(e.Audiences, audience) {
		return wire.Token{}, fault.New(fault.Invalid, "the environment issues tokens only for the audiences %s", strings.Join(e.Audiences, ", ")).
			WithCode("audience_unknown").WithParam("audience").WithRemedy("Add it to the environment's audiences first.")
	}
	t, err := a.s.Issuer.Mint(ctx, issuer.Claims{Organization: e.Organization, Environment: e.ID, Audience: audience, TTL: ttl})
	if err != nil {
		return wire.Token{}, err
	}
	err = a.s.Events.Record(ctx, audit.Event{
		Time: a.s.Now(), Organization: e.Organization, Actor: c.actor(), Action: "token.show", Target: e.ID, Outcome: "ok",
		Details: map[string]string{"iss": t.Issuer, "sub": t.Subject, "aud": t.Audience, "kid": t.KID, "jti": t.JTI, "exp": t.Expires.UTC().Format(time.RFC3339)},
	})
	if err != nil {
		return wire.Token{}, err
	}
	return wire.Token{
		Token: t.Compact.Reveal(), Issuer: t.Issuer, Subject: t.Subject, Audience: t.Audience, KID: t.KID, JTI: t.JTI,
		Issued: t.Issued.UTC(), Expires: t.Expires.UTC(),
	}, nil
}

type exchangeInput struct {
	InEnvironment
	Body *wire.ExchangeInput
}

func (in *exchangeInput) settles() bool { return in.Body != nil && in.Body.Settle }

func (a *api) exchangeToken(ctx context.Context, c *call, in *exchangeInput) (wire.Exchange, error) {
	e, err := a.environment(c, in.InEnvironment)
	if err != nil {
		return wire.Exchange{}, err
	}
	return a.exchange(ctx, c, e, in.settles())
}

// exchange makes one. What AWS refused is an answer, not a failure of the
// request; what never got as far as AWS is one.
func (a *api) exchange(ctx context.Context, c *call, e tenant.Environment, settle bool) (wire.Exchange, error) {
	ask := a.s.Exchange.Exchange
	if settle {
		ask = a.s.Exchange.Settle
	}
	x, creds, err := ask(ctx, e, c.who.Caller())
	if err != nil && x.Calls == 0 {
		return wire.Exchange{}, err
	}
	out := showExchange(x)
	out.Account = creds.Account
	if err != nil {
		out.Problem = &problemOf(ctx, err).Problem
	}
	return out, nil
}

func showExchange(x federation.Exchange) wire.Exchange {
	return wire.Exchange{
		Outcome: x.Outcome, Issuer: x.Issuer, Subject: x.Subject, Audience: x.Audience, KID: x.KID, JTI: x.JTI, RoleARN: x.RoleARN,
		SessionName: x.Session, SessionTags: x.Tags, Host: x.Host, Calls: x.Calls, RequestID: x.RequestID,
		Expires: moment(x.Expires), ClockOffset: x.ClockOffset,
	}
}

func (a *api) verifyEnvironment(ctx context.Context, c *call, in *exchangeInput) (wire.Verification, error) {
	e, err := a.environment(c, in.InEnvironment)
	if err != nil {
		return wire.Verification{}, err
	}
	out := wire.Verification{}
	if out.Exchange, err = a.exchange(ctx, c, e, in.settles()); err != nil {
		return wire.Verification{}, err
	}
	if out.Exchange.Problem != nil {
		// A role that refuses everybody refuses foreigners too: a probe would prove nothing.
		out.Probe = wire.Probe{Verdict: string(federation.Undecided), Why: "the exchange itself failed", At: a.s.Now().UTC()}
	} else {
		p, err := a.s.Exchange.Probe(ctx, e)
		if err != nil && p.Exchange.Calls == 0 {
			return wire.Verification{}, err
		}
		out.Probe = wire.Probe{Verdict: string(p.Verdict), Why: p.Why, Own: p.Own.Outcome, Foreign: p.Foreign.Outcome, At: p.At.UTC()}
		if err != nil {
			out.Exchange.Problem = &problemOf(ctx, err).Problem
		}
	}
	if e, err = a.s.Environments.Environment(e.Organization, e.ID); err != nil {
		return wire.Verification{}, err
	}
	out.Environment, err = a.shown(ctx, e)
	return out, err
}

type acceptInput struct {
	InEnvironment
	Body wire.Reason
}

func (a *api) acceptEnvironment(ctx context.Context, c *call, in *acceptInput) (wire.Environment, error) {
	e, err := a.environment(c, in.InEnvironment)
	if err != nil {
		return wire.Environment{}, err
	}
	e, err = a.s.Acceptances.Accept(ctx, c.actor(), e.ID, strings.TrimSpace(in.Body.Reason))
	if err != nil {
		return wire.Environment{}, err
	}
	return a.shown(ctx, e)
}
