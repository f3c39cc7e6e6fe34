package issuer

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
)

// The kinds of negative probe: subjects that a role must refuse.
const (
	// ProbeOwn is the environment's organization with an environment that
	// cannot be: env:ORGANIZATION:probe-RANDOM.
	ProbeOwn = "own"
	// ProbeForeign is an organization that cannot be, and one of its
	// environments: env:org_PROBE…:env_….
	ProbeForeign = "foreign"
)

// MintProbe makes a token for the negative probe of an environment's role. No
// environment can have its subject: an id has 24 hexadecimal digits behind its
// prefix, and neither "probe-…" nor "org_PROBE…" has. The rest is random, so
// that nobody makes a role that refuses the probes alone.
func (i *Issuer) MintProbe(ctx context.Context, kind, organization, environment, audience string) (Token, error) {
	c := Claims{Organization: organization, Environment: environment, Audience: audience}
	_, err := c.subject()
	if err = errors.Join(err, c.check(i.settings.TokenTTL)); err != nil {
		return Token{}, err
	}
	var b [12]byte
	rand.Read(b[:]) // never fails (crypto/rand since Go 1.24)
	random := hex.EncodeToString(b[:])
	switch kind {
	case ProbeOwn:
		return i.sign(ctx, subject("env:"+organization+":probe-"+random), c)
	case ProbeForeign:
		return i.sign(ctx, subject("env:org_PROBE"+random[5:]+":"+ident.New(ident.Environment)), c)
	}
	return Token{}, fault.New(fault.Invalid, "there is no such kind of probe").WithParam("kind")
}
