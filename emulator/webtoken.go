package emulator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	// expLeeway is for how long STS takes a token after its exp (IAM user guide).
	expLeeway = 5 * time.Minute
	// iatLeeway is how far ahead of AWS's clock an issuer may be; AWS names no
	// number. nbf has no leeway, so an issuer should set it back.
	iatLeeway = 5 * time.Minute
	// maxTokenAge is when STS finds a token too old, whatever its exp says.
	maxTokenAge = 24 * time.Hour

	textNoKey = "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"
)

// providerOf finds the provider of an issuer in the role's account.
func (e *Emulator) providerOf(role arn, issuer string) (OIDCProvider, *awsError) {
	missing := invalidToken("No OpenIDConnect provider found in your account for " + clip(issuer))
	if checkIssuerURL(issuer) != nil {
		return OIDCProvider{}, missing
	}
	host := strings.TrimPrefix(issuer, "https://")
	p, ok := e.iam.provider(arn{role.partition, "iam", "", role.account, "oidc-provider/" + host}.String())
	if !ok {
		return OIDCProvider{}, missing
	}
	return p, nil
}

// prove verifies a token against its provider and answers the audience that
// the provider knows.
func (e *Emulator) prove(ctx context.Context, t *webToken, p OIDCProvider) (audience string, _ *awsError) {
	if _, ok := verifierOf(t.algorithm); !ok {
		return "", invalidToken("The algorithm " + clip(t.algorithm) + " of the token is not supported")
	}
	known, err := e.keysOf(ctx, p)
	if err != nil {
		return "", noKey(err)
	}
	key := known.keys[t.keyID]
	if t.keyID == "" || key == nil || (key.rsa == nil && key.ecdsa == nil) || !slices.Contains(known.algs, t.algorithm) {
		return "", invalidToken(textNoKey)
	}
	if err := key.verify(t); err != nil {
		return "", invalidToken("The web identity token provided could not be validated: " + err.Error())
	}
	if err := t.claims.inTime(e.now()); err != nil {
		return "", err
	}
	for _, audience := range t.claims.audiences {
		if slices.Contains(p.ClientIDs, audience) {
			return audience, nil
		}
	}
	return "", invalidToken("Incorrect token audience")
}

// inTime holds the token's times against AWS's clock.
func (c *claims) inTime(now time.Time) *awsError {
	switch age := now.Sub(c.issued); {
	case now.After(c.expires.Add(expLeeway)):
		return expiredToken(fmt.Sprintf("Token expired: current date/time %d must be before the expiration date/time %d", now.Unix(), c.expires.Unix()))
	case age > maxTokenAge:
		return expiredToken(fmt.Sprintf("Token too old: %d", int64(age/time.Second)))
	case age < -iatLeeway:
		return invalidToken("The token was issued in the future")
	case now.Before(c.notBefore):
		return invalidToken("The token is not valid yet")
	}
	return nil
}

// trusts evaluates the role's trust policy for all that the token asks for:
// the session, its tags, its source identity.
func trusts(role IAMRole, p OIDCProvider, q *webIdentityRequest, t *webToken, audience string) bool {
	policy, err := parseTrustPolicy([]byte(role.TrustPolicy))
	if err != nil {
		return false
	}
	f := trustFacts(p, q, &t.claims, audience)
	actions := []string{"sts:AssumeRoleWithWebIdentity"}
	if len(t.claims.tags) > 0 {
		actions = append(actions, "sts:TagSession")
	}
	if t.claims.sourceIdentity != "" {
		actions = append(actions, "sts:SetSourceIdentity")
	}
	return !slices.ContainsFunc(actions, func(a string) bool { return !policy.allows(a, p.ARN, f) })
}

// trustFacts are the condition keys of an exchange: of the token only sub, aud
// and amr, under the issuer's name with its path. Other claims are no keys.
func trustFacts(p OIDCProvider, q *webIdentityRequest, c *claims, audience string) facts {
	prefix := strings.ToLower(p.URL) + ":"
	return func(key string) []string {
		switch key {
		case prefix + "sub":
			return present(c.subject)
		case prefix + "aud":
			return present(audience)
		case prefix + "amr":
			return c.amr
		case keyProvider:
			return present(p.ARN)
		case "sts:rolesessionname":
			return present(q.session)
		case "sts:sourceidentity":
			return present(c.sourceIdentity)
		case "sts:transitivetagkeys":
			return c.transitive
		case "aws:tagkeys":
			var keys []string
			for _, t := range c.tags {
				keys = append(keys, t.Key)
			}
			return keys
		}
		if name, ok := strings.CutPrefix(key, "aws:requesttag/"); ok {
			if text, ok := findTag(c.tags, name); ok {
				return []string{text}
			}
		}
		return nil
	}
}

func notAuthorized() *awsError {
	return forbidden("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
}

func invalidToken(text string) *awsError {
	return &awsError{status: http.StatusBadRequest, code: "InvalidIdentityToken", message: text}
}

func expiredToken(text string) *awsError {
	return &awsError{status: http.StatusBadRequest, code: "ExpiredTokenException", message: text}
}

// unreadableToken names a missing claim as AWS does, and nothing of the token.
func unreadableToken(err error) *awsError {
	var missing missingClaim
	if errors.As(err, &missing) {
		return invalidToken(missing.Error())
	}
	return invalidToken("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token): " + err.Error())
}

// noKey is AWS's answer to an issuer that cannot be used. A published private
// key is said aloud: nobody should have to look for it.
func noKey(err error) *awsError {
	var private errPrivate
	switch {
	case errors.Is(err, errThumbprint):
		return invalidToken(errThumbprint.Error())
	case errors.As(err, &private):
		return invalidToken(textNoKey + ": " + private.Error())
	}
	return invalidToken(textNoKey)
}
