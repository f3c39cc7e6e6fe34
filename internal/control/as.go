package control

import (
	"context"
	"net/netip"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
)

// asKey is what a context holds an acting principal under. No other package can
// name it, and no header is ever read into it.
type asKey struct{}

// acting is a principal that somebody within the process has proved already.
type acting struct {
	who     access.Principal
	address string
}

// As returns a context in which a request is made by the principal, from the
// address, whatever API key it brings. It is for who calls the API within the
// process and has signed a person in, such as Studio; a request that came over
// the network cannot have it. The principal has the same permissions, limits
// and name in the audit that it would have with a key. An address that is none
// is taken for that of the process itself.
func As(ctx context.Context, who access.Principal, address string) context.Context {
	return context.WithValue(ctx, asKey{}, acting{who, address})
}

// isActing reports whether somebody within the process asks for a person.
func isActing(ctx context.Context) bool {
	_, acts := ctx.Value(asKey{}).(acting)
	return acts
}

// identify tells who asks: the principal of the context, or else whose API key
// came with the request.
func (a *api) identify(ctx context.Context, key string) (access.Principal, error) {
	if as, ok := ctx.Value(asKey{}).(acting); ok {
		if as.who.Key.ID == "" {
			return access.Principal{}, fault.New(fault.Unauthenticated, "nobody is signed in").
				WithCode("session_ended").WithRemedy("Sign in again.")
		}
		return as.who, nil
	}
	if a.s.Issuer.IsOwn(key) {
		return access.Principal{}, fault.New(fault.Unauthenticated, "this is a token for AWS, not an API key").
			WithCode("token_not_key").WithRemedy("Send an API key, and keep tokens secret.")
	}
	return a.s.Access.Authenticate(ctx, key)
}

// origin is where a request comes from: the address that came with the acting
// principal, or else the connection's.
func (c *call) origin(ctx context.Context) netip.Addr {
	as, ok := ctx.Value(asKey{}).(acting)
	if !ok {
		return c.address
	}
	at, err := netip.ParseAddr(as.address)
	if err != nil {
		return netip.Addr{}
	}
	return at.Unmap()
}

// person reports whether somebody signed in asks, who has no API key to speak of.
func (c *call) person() bool { return ident.Check(ident.Person, c.who.Key.ID) == nil }

// pick chooses the words for a person, or those for the holder of a key.
func (c *call) pick(person, key string) string {
	if c.person() {
		return person
	}
	return key
}
