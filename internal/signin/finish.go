package signin

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/adit-hq/adit/internal/fault"
)

// maxFuture is how far ahead the provider's clock may be.
const maxFuture = 5 * time.Minute

// Finish ends a sign-in that [Registry.Begin] began, with the cookie and the
// query of the provider's redirect, and returns where to go ("" for nowhere in
// particular). What it refuses with: "flow_ended" (no cookie of ours, too old,
// another browser's, tampered with), "sign_in_refused" (the provider says no),
// "token_refused" (what it says cannot be believed), all Unauthenticated;
// Forbidden, "not_invited", when no rule fits; Throttled,
// "too_many_attempts", with RetryAfter; Unavailable, "provider_unavailable".
func (r *Registry) Finish(ctx context.Context, cookie string, query url.Values, o Origin) (Opened, string, error) {
	p := r.settings.Provider
	if p == nil {
		return Opened{}, "", noProvider()
	}
	in, ok := r.flows.unseal(p, cookie, r.moment())
	state, single := only(query, "state")
	if !ok || !single || !same(state, in.State) {
		return Opened{}, "", flowEnded()
	}
	if err := r.paced(o); err != nil {
		return Opened{}, "", err
	}
	c, err := r.vouched(ctx, p, in, query)
	if err != nil {
		if fault.KindOf(err) == fault.Unauthenticated { // not when somebody went away, or the provider is
			r.missed(ctx, Person{}, false, o, "signin.failed", fault.From(err).Code, map[string]string{"issuer": p.issuer})
		}
		return Opened{}, "", err
	}
	opened, err := again(func() (Opened, error) {
		person, err := r.admitted(ctx, p, c, o)
		if err != nil {
			return Opened{}, err
		}
		return r.open(ctx, person, byOIDC, o, map[string]string{"issuer": p.issuer})
	})
	return opened, in.Return, err
}

// vouched returns what the provider says of the person, verified.
func (r *Registry) vouched(ctx context.Context, p *Provider, in inFlow, query url.Values) (claims, error) {
	if query.Has("error") {
		return claims{}, saidNo(p, query.Get("error"))
	}
	// RFC 9207: the issuer that answers names itself; another than the one asked is a mix-up.
	if iss, ok := only(query, "iss"); query.Has("iss") && (!ok || iss != p.issuer) {
		return claims{}, refused(p, errors.New("another issuer answered"))
	}
	code, ok := only(query, "code")
	if !ok || code == "" {
		return claims{}, refused(p, errors.New("the answer has no code"))
	}
	found, err := p.discover(ctx)
	if err != nil {
		return claims{}, err
	}
	ctx, end := context.WithTimeout(oidc.ClientContext(ctx, p.http), 2*answerTime)
	defer end()
	token, err := found.config.Exchange(ctx, code, oauth2.VerifierOption(in.Verifier))
	if err != nil {
		if ctx.Err() != nil {
			return claims{}, ctx.Err()
		}
		return claims{}, notExchanged(p, err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return claims{}, refused(p, errors.New("the answer has no id_token"))
	}
	return p.believe(ctx, found, raw, in.Nonce)
}

// believe verifies an ID token (OpenID Connect Core, 3.1.3.7) and returns its claims.
func (p *Provider) believe(ctx context.Context, found *discovered, raw, nonce string) (claims, error) {
	t, err := found.verifier.Verify(ctx, raw)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return claims{}, ctx.Err()
	case strings.Contains(err.Error(), "fetching keys"): // go-oidc tells it by no other sign
		return claims{}, unreachable(p, err)
	default:
		return claims{}, refused(p, err)
	}
	var c claims
	if err := t.Claims(&c); err != nil {
		return claims{}, refused(p, errors.New("the claims cannot be read"))
	}
	switch {
	case !same(t.Nonce, nonce):
		return claims{}, refused(p, errors.New("the nonce is another: the token belongs to another sign-in"))
	case c.Party != "" && c.Party != p.config.ClientID, c.Party == "" && len(t.Audience) > 1:
		return claims{}, refused(p, errors.New("the token was issued to another client (azp)"))
	case p.now().Add(maxFuture).Before(t.IssuedAt):
		return claims{}, refused(p, errors.New("the token was issued in the future: compare the clocks"))
	case !c.wholeSubject():
		return claims{}, refused(p, errors.New("the subject is missing or cannot be kept"))
	}
	return c, nil
}

// only returns the value of a parameter that stands there once.
func only(query url.Values, name string) (string, bool) {
	if len(query[name]) != 1 {
		return "", false
	}
	return query[name][0], true
}
