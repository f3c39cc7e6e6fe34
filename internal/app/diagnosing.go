package app

import (
	"cmp"
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"time"

	"github.com/adit-hq/adit/internal/bedrock"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/control"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/diagnose"
	"github.com/adit-hq/adit/internal/gateway"
	"github.com/adit-hq/adit/internal/tenant"
)

// Outside is how the server looks at its own public URL, as AWS does. Zero
// members mean the system's.
type Outside struct {
	// Dial reaches the host, and Lookup finds its addresses.
	Dial   func(ctx context.Context, network, address string) (net.Conn, error)
	Lookup func(ctx context.Context, host string) ([]string, error)
	// Roots are the CAs that count as public.
	Roots *x509.CertPool
}

// Walk diagnoses an environment for the control API.
func (c *controlRooms) Walk(ctx context.Context, e tenant.Environment, who caller.Caller, invoke bool, report func(wire.Step)) error {
	who.Organization = e.Organization
	s := c.diagnosis()
	s.Invoker = invoker{c.app.gateway, who}
	diagnose.Walk(ctx, s, e, who, diagnose.Options{Invoke: invoke}, func(step diagnose.Step) { report(control.ShowStep(step)) })
	return ctx.Err()
}

// diagnosis is what every walk has in common.
func (c *controlRooms) diagnosis() diagnose.Settings {
	at, out := c.app.settings.Endpoints, c.settings.Outside
	s := diagnose.Settings{
		Issuer: c.published(), Exchanger: c.federation, Models: lister{c},
		Dial: out.Dial, Lookup: out.Lookup, Roots: out.Roots, STS: cmp.Or(at.STS, at.All), Now: c.settings.Now,
	}
	s.HTTP = surroundings{transport: c.app.settings.Transport}.client()
	return s
}

// thumbprint is what a provider has to pin where the public URL has a
// certificate of a private CA; "" where it has not, or does not answer.
func (c *controlRooms) thumbprint() string {
	if c.issuer == nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	pin, err := diagnose.Thumbprint(ctx, c.diagnosis())
	if err != nil {
		c.log.Debug("the public URL's certificate could not be checked", "error", err)
		return ""
	}
	return pin
}

// lister reads what an account has with credentials at hand.
type lister struct{ *controlRooms }

// List implements diagnose.Lister.
func (l lister) List(ctx context.Context, e tenant.Environment, creds credential.Credentials) (bedrock.Listing, error) {
	return l.list(ctx, e, creds)
}

// invoker makes a real call in the caller's name, within all limits.
type invoker struct {
	gateway *gateway.Gateway
	who     caller.Caller
}

// Invoke implements diagnose.Invoker.
func (i invoker) Invoke(ctx context.Context, e tenant.Environment, model string, _ credential.Credentials) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	began := time.Now()
	got, err := i.gateway.Embed(ctx, i.who, gateway.Request{Model: e.ID + "/" + model, Texts: []string{"Does this environment work?"}})
	if err != nil {
		return "", err
	}
	defer got.Release()
	return fmt.Sprintf("a vector of %d numbers after %d ms", got.Dimensions, time.Since(began).Milliseconds()), nil
}
