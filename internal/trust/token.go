package trust

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/adit-hq/adit/internal/ident"
)

// The bounds of a token.
const (
	maxToken     = 16 << 10 // characters; those of GitHub and Kubernetes have one to three thousand
	maxAudiences = 50
	maxIssuer    = maxURL
	leeway       = time.Minute    // between the issuer's clock and ours
	maxLife      = 24 * time.Hour // from iat to exp
	maxDate      = 253402300800   // the year 10000, in seconds since 1970
)

// algorithms are those of tokens that are taken: signatures whose key can be
// published. None and HMAC are not among them, whatever a token says.
func algorithms() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{
		jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
	}
}

// token is one that was read, and whose times and audience are in order. Nothing
// of it is proved before its signature is.
type token struct {
	jwt.Claims
	signed       *jose.JSONWebSignature
	kid, alg     string
	organization string // id, of the audience
}

// readToken reads a JWT in compact form (RFC 7519, RFC 7515). The JSON reader
// takes no member twice and no other case of its name.
func readToken(text string, now time.Time) (*token, error) {
	if len(text) > maxToken {
		return nil, refused("the token has more than %d characters", maxToken).WithRemedy("Send only the issuer's token.")
	}
	if !compact(text) {
		return nil, unreadable()
	}
	signed, err := jose.ParseSignedCompact(text, algorithms())
	if err != nil {
		var unexpected *jose.ErrUnexpectedSignatureAlgorithm
		if errors.As(err, &unexpected) {
			return nil, refused("the token is signed with the algorithm %s, which is not accepted", quoted(string(unexpected.Got))).
				WithRemedy("Accepted are RS, PS and ES with 256, 384 or 512, and EdDSA.")
		}
		return nil, unreadable()
	}
	t := &token{signed: signed}
	header := signed.Signatures[0].Protected
	t.kid, t.alg = header.KeyID, header.Algorithm
	if json.Unmarshal(signed.UnsafePayloadWithoutVerification(), &t.Claims) != nil {
		return nil, unreadable()
	}
	if t.kid == "" || len(t.kid) > maxKID {
		return nil, refused("the token does not name the key that it is signed with (kid)").WithRemedy("Use an issuer that sets kid in its tokens.")
	}
	if t.Issuer == "" || len(t.Issuer) > maxIssuer {
		return nil, refused("the token does not name its issuer (iss)")
	}
	if t.Subject == "" || len(t.Subject) > maxSubject || !printable(t.Subject) {
		return nil, refused("the token's subject (sub) is missing, longer than %d bytes or not printable", maxSubject)
	}
	if t.organization, err = organizationOf(t.Audience); err != nil {
		return nil, err
	}
	return t, t.checkTimes(now)
}

// compact reports whether a text is of the letters of a token. Go's base64 skips
// line ends, and so one token could be written in any number of ways.
func compact(text string) bool {
	for i := range len(text) {
		c := text[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// organizationOf finds the one audience that is ours. Others may stand beside it,
// but not two of ours: what is made for two organizations is made for neither.
func organizationOf(audience []string) (string, error) {
	ours := slices.DeleteFunc(slices.Clone(audience[:min(len(audience), maxAudiences+1)]), func(a string) bool { return !strings.HasPrefix(a, Audience("")) })
	remedy := "Ask the issuer for a token with the audience " + Audience("ORGANIZATION_ID") + "; the organization's page shows its id."
	switch {
	case len(audience) > maxAudiences:
		return "", refused("the token has more than %d audiences (aud)", maxAudiences).WithRemedy("%s", remedy)
	case len(ours) == 0:
		return "", refused("the token is not intended for Adit: none of its audiences (aud) begins with %s", Audience("")).WithRemedy("%s", remedy)
	case len(ours) > 1:
		return "", refused("the token's audiences (aud) name several organizations").WithRemedy("%s", remedy)
	}
	organization := strings.TrimPrefix(ours[0], Audience(""))
	if ident.Check(ident.Organization, organization) != nil {
		return "", refused("the token's audience (aud) does not end in an organization's id").WithRemedy("%s", remedy)
	}
	return organization, nil
}

// checkTimes holds a token to its times, and those to reason.
func (t *token) checkTimes(now time.Time) error {
	for _, each := range []*jwt.NumericDate{t.Expiry, t.NotBefore, t.IssuedAt} {
		if each != nil && (*each < 0 || *each > maxDate) {
			return refused("the token has an impossible time")
		}
	}
	renew := "Get a new token from the issuer."
	switch {
	case t.Expiry == nil:
		return refused("the token never expires (it has no exp)").WithRemedy("%s", renew)
	case !now.Before(t.Expiry.Time().Add(leeway)):
		return refused("the token expired at %s", t.Expiry.Time().UTC().Format(time.RFC3339)).WithRemedy("%s", renew)
	case t.NotBefore != nil && now.Add(leeway).Before(t.NotBefore.Time()):
		return refused("the token is not valid before %s", t.NotBefore.Time().UTC().Format(time.RFC3339)).
			WithRemedy("Compare the clocks of the issuer and of this server.")
	case t.IssuedAt != nil && now.Add(leeway).Before(t.IssuedAt.Time()):
		return refused("the token was issued in the future, at %s", t.IssuedAt.Time().UTC().Format(time.RFC3339)).
			WithRemedy("Compare the clocks of the issuer and of this server.")
	}
	from := now
	if t.IssuedAt != nil {
		from = t.IssuedAt.Time()
	}
	if t.Expiry.Time().Sub(from) > maxLife {
		return refused("the token lives longer than %d hours", maxLife/time.Hour).WithRemedy("Ask the issuer for a token that expires sooner.")
	}
	return nil
}
