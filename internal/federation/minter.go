package federation

import (
	"context"
	"errors"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/issuer"
)

// Minter makes tokens. An *issuer.Issuer is one.
type Minter interface {
	Mint(context.Context, issuer.Claims) (issuer.Token, error)
	// MintProbe makes a token of the kind issuer.ProbeOwn or issuer.ProbeForeign.
	MintProbe(ctx context.Context, kind, organization, environment, audience string) (issuer.Token, error)
}

// fetchLog is a [Minter] that knows when its documents were last fetched, by
// name. An *issuer.Issuer is one.
type fetchLog interface {
	LastFetch() map[string]time.Time
}

// fetched says when the keys were last fetched from this server: AWS tells
// nobody that it could not, and a customer's trail does not show it.
func (x *run) fetched() string {
	known, ok := x.f.settings.Issuer.(fetchLog)
	if !ok {
		return ""
	}
	at := known.LastFetch()[issuer.JWKS]
	if at.IsZero() {
		return "the keys have not been fetched from this server since it started"
	}
	return "the keys were last fetched from this server at " + at.UTC().Format(time.RFC3339)
}

// unminted is the fault of a token that could not be made. What is wrong with
// its claims is wrong with the environment or the API key, never with the
// caller's request.
func (x *run) unminted(err error) error {
	var no *fault.Error
	if !errors.As(err, &no) || no.Kind != fault.Invalid {
		return err
	}
	return fault.Wrap(err, fault.Config, "no token can be issued for environment %s: %s", x.env.Name, no.Message).
		WithCode("token_claims").WithRemedy("Change the tags of the API key, or the audiences of the environment.")
}
