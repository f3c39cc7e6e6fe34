package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"

	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

const (
	organizations = "organizations"
	environments  = "environments"
)

// WhoAmI tells whose key the client has.
func (c *Client) WhoAmI(ctx context.Context) (wire.WhoAmI, error) {
	return get[wire.WhoAmI](ctx, c, "/whoami", nil)
}

// Status tells how the server is.
func (c *Client) Status(ctx context.Context) (wire.Status, error) {
	return get[wire.Status](ctx, c, "/status", nil)
}

// Organizations walks those that the key may see, by name.
func (c *Client) Organizations(ctx context.Context) iter.Seq2[wire.Organization, error] {
	return all[wire.Organization](ctx, c, "/organizations", nil)
}

// CreateOrganization makes an organization.
func (c *Client) CreateOrganization(ctx context.Context, in wire.OrganizationInput) (wire.Organization, error) {
	return create[wire.Organization](ctx, c, "/organizations", in)
}

// Organization shows one by id or name.
func (c *Client) Organization(ctx context.Context, org string) (wire.Organization, error) {
	return get[wire.Organization](ctx, c, at(organizations, org), nil)
}

// UpdateOrganization changes what the patch names.
func (c *Client) UpdateOrganization(ctx context.Context, org string, p wire.OrganizationPatch) (wire.Organization, error) {
	return patch[wire.Organization](ctx, c, at(organizations, org), p)
}

// DeleteOrganization deletes one; force also if it is not empty.
func (c *Client) DeleteOrganization(ctx context.Context, org string, force bool) error {
	return c.remove(ctx, at(organizations, org), force)
}

// Environments walks an organization's, by name.
func (c *Client) Environments(ctx context.Context, org string) iter.Seq2[wire.Environment, error] {
	return all[wire.Environment](ctx, c, at(organizations, org, environments), nil)
}

// CreateEnvironment makes an environment.
func (c *Client) CreateEnvironment(ctx context.Context, org string, in wire.EnvironmentInput) (wire.Environment, error) {
	return create[wire.Environment](ctx, c, at(organizations, org, environments), in)
}

// Environment shows one by id or name.
func (c *Client) Environment(ctx context.Context, org, env string) (wire.Environment, error) {
	return get[wire.Environment](ctx, c, at(organizations, org, environments, env), nil)
}

// UpdateEnvironment changes what the patch names.
func (c *Client) UpdateEnvironment(ctx context.Context, org, env string, p wire.EnvironmentPatch) (wire.Environment, error) {
	return patch[wire.Environment](ctx, c, at(organizations, org, environments, env), p)
}

// DeleteEnvironment deletes one; force also if keys or models name it.
func (c *Client) DeleteEnvironment(ctx context.Context, org, env string, force bool) error {
	return c.remove(ctx, at(organizations, org, environments, env), force)
}

// Token has a token made to look at, or for another cloud.
func (c *Client) Token(ctx context.Context, org, env string, in wire.TokenInput) (wire.Token, error) {
	return post[wire.Token](ctx, c, at(organizations, org, environments, env, "token"), in)
}

// Exchange has one token exchanged at STS. What AWS refused stands in the
// answer's Problem, which [Fault] makes an error of.
func (c *Client) Exchange(ctx context.Context, org, env string, in wire.ExchangeInput) (wire.Exchange, error) {
	return post[wire.Exchange](ctx, c, at(organizations, org, environments, env, "exchange"), in)
}

// Verify probes the role, and exchanges one token.
func (c *Client) Verify(ctx context.Context, org, env string, in wire.ExchangeInput) (wire.Verification, error) {
	return post[wire.Verification](ctx, c, at(organizations, org, environments, env, "verify"), in)
}

// Accept answers for an environment whose role is unsafe.
func (c *Client) Accept(ctx context.Context, org, env, reason string) (wire.Environment, error) {
	return post[wire.Environment](ctx, c, at(organizations, org, environments, env, "accept"), wire.Reason{Reason: reason})
}

// Models lists what an environment's account offers; refresh asks AWS anew.
func (c *Client) Models(ctx context.Context, org, env string, refresh bool) (wire.Models, error) {
	q := url.Values{}
	if refresh {
		q.Set("refresh", "true")
	}
	return get[wire.Models](ctx, c, at(organizations, org, environments, env, "models"), q)
}

// EnableModel lets callers use a model.
func (c *Client) EnableModel(ctx context.Context, org, env, model string) (wire.ModelChange, error) {
	return post[wire.ModelChange](ctx, c, at(organizations, org, environments, env, "models", "enable"), wire.ModelInput{Model: model})
}

// DisableModel ends that.
func (c *Client) DisableModel(ctx context.Context, org, env, model string) (wire.ModelChange, error) {
	return post[wire.ModelChange](ctx, c, at(organizations, org, environments, env, "models", "disable"), wire.ModelInput{Model: model})
}

// Diagnose walks the path from the issuer to the models, and gives each step as
// it is made; the last event is the summary. A walk without one broke off,
// which is an error too.
func (c *Client) Diagnose(ctx context.Context, org, env string, in wire.DiagnosisInput) iter.Seq2[wire.DiagnosisEvent, error] {
	r := request{method: http.MethodPost, path: at(organizations, org, environments, env, "diagnosis"), body: in}
	return func(yield func(wire.DiagnosisEvent, error) bool) {
		ended := false
		for e, err := range lines[wire.DiagnosisEvent](ctx, c, r) {
			if err == nil && e.Problem != nil {
				err = Fault(*e.Problem)
			}
			ended = ended || err != nil || e.Summary != nil
			if !yield(e, err) || err != nil {
				return
			}
		}
		if !ended {
			yield(wire.DiagnosisEvent{}, fault.New(fault.Unavailable, "the diagnosis was cut off").WithCode("broken_off").WithRemedy("Try again."))
		}
	}
}

// Setup gives the facts that setting up AWS needs, and with a format the
// document that does it.
func (c *Client) Setup(ctx context.Context, org, env string, in wire.SetupInput) (wire.Setup, error) {
	return post[wire.Setup](ctx, c, at(organizations, org, environments, env, "setup"), in)
}
