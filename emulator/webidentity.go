package emulator

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxSessionToken is the size of a session token that counts as all of its
// room; AWS names no number.
const maxSessionToken = 4096

// webSession is what a token's exchange came to.
type webSession struct {
	id       string // of the role
	claims   *claims
	provider string
	audience string
	packed   int
}

// serveWebIdentity exchanges a token for a session of a role. It needs no
// signature; one that is there all the same must be good.
func (x *exchange) serveWebIdentity(form url.Values) {
	if x.r.Header.Get("Authorization") != "" || strings.Contains(x.query, "X-Amz-Signature") {
		if err := x.authenticate(serviceSTS); err != nil {
			x.fail(err)
			return
		}
	}
	q, err := readWebIdentity(form)
	if err == nil {
		err = x.checkSTSHost(q.role)
	}
	if err != nil {
		x.fail(err)
		return
	}
	w, roleKnown, tokenKnown := x.e.webIdentities.find(q.roleARN, q.token)
	if _, inIAM := x.e.iam.role(q.role.account, q.name); tokenKnown || (roleKnown && !inIAM) {
		x.serveRegistered(q, w, tokenKnown)
		return
	}
	k, s, err := x.assume(q)
	if err != nil {
		x.fail(err)
		return
	}
	x.answerWebIdentity(q, k, s)
}

// noteWebIdentity writes into the event what was asked for, before a fault or
// a refusal can hide it.
func (x *exchange) noteWebIdentity(form url.Values) {
	if role := form.Get("RoleArn"); rolePattern.MatchString(role) {
		x.event.RoleARN = role
	}
	if name := form.Get("RoleSessionName"); sessionName.MatchString(name) {
		x.event.SessionName = name
	}
	if t, err := parseWebToken(form.Get("WebIdentityToken")); err == nil {
		x.event.Token = t.shown()
	}
}

// assume takes the steps in AWS's order: the token's form, the provider of the
// role's account, the token's proof, then what the role says.
func (x *exchange) assume(q *webIdentityRequest) (Key, *webSession, *awsError) {
	role, roleKnown := x.e.iam.role(q.role.account, q.name)
	roleKnown = roleKnown && role.ARN == q.roleARN
	t, bad := parseWebToken(q.token)
	if bad != nil {
		if !roleKnown { // an absent role tells nothing about a token
			return Key{}, nil, notAuthorized()
		}
		return Key{}, nil, unreadableToken(bad)
	}
	p, err := x.e.providerOf(q.role, t.claims.issuer)
	if err != nil {
		return Key{}, nil, err
	}
	audience, err := x.e.prove(x.r.Context(), t, p)
	if err != nil {
		return Key{}, nil, err
	}
	shown := t.shown()
	shown.Audience = audience
	x.event.Token = shown
	if !roleKnown || x.e.now().Before(role.settled) || !trusts(role, p, q, t, audience) {
		return Key{}, nil, notAuthorized()
	}
	return x.e.begin(q, role, p, t, shown)
}

// begin makes the session, once it is clear that it may be.
func (e *Emulator) begin(q *webIdentityRequest, role IAMRole, p OIDCProvider, t *webToken, shown *TokenClaims) (Key, *webSession, *awsError) {
	if q.duration > role.MaxSession {
		return Key{}, nil, &awsError{
			status: http.StatusBadRequest, code: "ValidationError",
			message: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
		}
	}
	if err := e.checkManaged(q.managed, q.role.account); err != nil {
		return Key{}, nil, err
	}
	s := &webSession{id: role.RoleID, claims: &t.claims, provider: p.ARN, audience: shown.Audience}
	if s.packed = packedSize(q.inline, q.managed, t.claims.tags); s.packed > 100 {
		return Key{}, nil, packedTooLarge(s.packed)
	}
	k, err := e.mintFederated(q.principal(), &federated{
		roleARN: role.ARN, roleID: role.RoleID, issued: e.now().Truncate(time.Second), provider: p.ARN,
		tags: t.claims.tags, source: t.claims.sourceIdentity, token: shown,
		limited: q.inline != "" || len(q.managed) > 0, inline: q.inline, managed: q.managed,
	}, q.duration)
	if err != nil {
		return Key{}, nil, &awsError{status: http.StatusInternalServerError, code: "InternalFailure", message: "The session could not be made."}
	}
	return k, s, nil
}

// answerWebIdentity writes the event and the answer.
func (x *exchange) answerWebIdentity(q *webIdentityRequest, k Key, s *webSession) {
	x.event.Principal, x.event.AccessKeyID = q.principal(), k.AccessKeyID
	var b strings.Builder
	element := func(name, text string) {
		if text != "" {
			b.WriteString("<" + name + ">" + escapeXML(text) + "</" + name + ">")
		}
	}
	if s.claims != nil {
		x.event.SessionTags, x.event.SourceIdentity = tagMap(s.claims.tags), s.claims.sourceIdentity
		element("SubjectFromWebIdentityToken", s.claims.subject)
		element("SourceIdentity", s.claims.sourceIdentity)
	}
	element("Audience", s.audience)
	element("Provider", s.provider)
	if s.packed > 0 {
		element("PackedPolicySize", strconv.Itoa(s.packed))
	}
	b.WriteString("<AssumedRoleUser>")
	element("AssumedRoleId", s.id+":"+q.session)
	element("Arn", q.principal())
	b.WriteString("</AssumedRoleUser><Credentials>")
	element("AccessKeyId", k.AccessKeyID)
	element("SecretAccessKey", k.SecretAccessKey)
	element("SessionToken", k.SessionToken)
	element("Expiration", k.Expires.UTC().Format(time.RFC3339))
	b.WriteString("</Credentials>")
	element("SessionTokenSize", strconv.Itoa(len(k.SessionToken)))
	element("SessionTokenUtilization", strconv.Itoa(100*len(k.SessionToken)/maxSessionToken))
	x.respondXML("AssumeRoleWithWebIdentity", b.String())
}

// shown is what the trail keeps of a token.
func (t *webToken) shown() *TokenClaims {
	c := &TokenClaims{Issuer: t.claims.issuer, Subject: t.claims.subject, KeyID: t.keyID, ID: t.claims.id}
	if len(t.claims.audiences) > 0 {
		c.Audience = t.claims.audiences[0]
	}
	return c
}
