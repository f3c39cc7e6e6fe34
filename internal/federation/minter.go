package federation

import (
	"context"
	"errors"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/issuer"
)

// Minter makes tokens. An *issuer.Issuer is one.
type Minter interface {
	Mint(context.Context, issuer.Claims) (issuer.Token, error)
	// MintProbe makes a token of the kind issuer.ProbeOwn or issuer.ProbeForeign.
	MintProbe(ctx context.Context, kind, organization, environment, audience string) (issuer.Token, error)
}

// unminted is the fault of a token that could not be made. What is wrong with
// its claims is wrong with the environment or the API key, never with the
// caller's request.
func (x *run) unminted(err error) error {
	var no *fault.Error
	if !errors.As(err, &no) || no.Kind != fault.Invalid {
		return err
	}
	return fault.Wrap(err, fault.Config, "no token can be made for environment %s: %s", x.env.Name, no.Message).
		WithCode("token_claims").WithRemedy("Change the tags of the API key, or the audiences of the environment.")
}
