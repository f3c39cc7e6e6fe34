package issuer

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
	"github.com/adit-hq/adit/internal/secret"
)

const (
	// early is how much before its iat a token holds, for clocks that are behind.
	early = time.Minute
	// maxToken is the most characters that STS takes (STS API reference, AssumeRoleWithWebIdentity).
	maxToken = 20_000
)

// Token is a signed token, and what it says.
type Token struct {
	Compact         secret.String
	Issuer, Subject string
	Audience        string
	KID, JTI        string
	Issued, Expires time.Time // whole seconds, UTC
}

// payload is what is signed, in this order. There is no other encoder: what has
// no field here gets into no token. AWS wants integer times.
type payload struct {
	Issuer    string  `json:"iss"`
	Subject   subject `json:"sub"`
	Audience  string  `json:"aud"`
	Issued    int64   `json:"iat"`
	NotBefore int64   `json:"nbf"`
	Expires   int64   `json:"exp"`
	ID        string  `json:"jti"`
	Tags      *tags   `json:"https://aws.amazon.com/tags,omitempty"`
}

// tags is AWS's claim. No tag is transitive: a role that is assumed from this
// session does not get them.
type tags struct {
	Principal map[string][]string `json:"principal_tags"`
}

// Mint makes a fresh token: with a jti of its own, so one for every exchange.
// All faults of the claims come joined.
func (i *Issuer) Mint(ctx context.Context, c Claims) (Token, error) {
	s, err := c.subject()
	if err = errors.Join(err, c.check(i.settings.TokenTTL)); err != nil {
		return Token{}, err
	}
	return i.sign(ctx, s, c)
}

// sign is the way of every token to the signer. The claims were checked.
func (i *Issuer) sign(ctx context.Context, s subject, c Claims) (Token, error) {
	life := i.settings.TokenTTL
	if c.TTL != 0 {
		life = c.TTL
	}
	issued := i.settings.Now().UTC().Truncate(time.Second)
	t := Token{
		Issuer: i.URL(), Subject: string(s), Audience: c.Audience,
		JTI: ident.New(ident.Token), Issued: issued, Expires: issued.Add(life),
	}
	p := payload{
		Issuer: t.Issuer, Subject: s, Audience: t.Audience,
		Issued: issued.Unix(), NotBefore: issued.Add(-early).Unix(), Expires: t.Expires.Unix(),
		ID: t.JTI,
	}
	if len(c.Tags) > 0 {
		p.Tags = &tags{map[string][]string{}}
		for key, value := range c.Tags {
			p.Tags.Principal[key] = []string{value}
		}
	}
	text, err := json.Marshal(p)
	if err != nil {
		return Token{}, err
	}
	if t.Compact, t.KID, err = i.settings.Signer.Sign(ctx, i.settings.ID, text); err != nil {
		return Token{}, err
	}
	if n := len(t.Compact.Reveal()); n > maxToken {
		return Token{}, fault.New(fault.Invalid, "the session tags make the token %d characters long; AWS accepts at most %d", n, maxToken).
			WithParam("tags").WithRemedy("Use fewer or shorter tags.")
	}
	return t, nil
}
