package control

import (
	"cmp"
	"context"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/awssetup"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/tenant"
)

func (a *api) setupRoutes() []route {
	return []route{
		{"POST", "/organizations/{org}/environments/{env}/setup", "plan-setup", "Get what `adit aws setup` needs, as values or as a document", access.Setup, ofOrganization, 0, on(a.planSetup)},
	}
}

type planSetupInput struct {
	InEnvironment
	Body *wire.SetupInput
}

func (a *api) planSetup(_ context.Context, c *call, in *planSetupInput) (wire.Setup, error) {
	e, err := a.environment(c, in.InEnvironment)
	if err != nil {
		return wire.Setup{}, err
	}
	if a.s.Issuer.URL() == "" {
		return wire.Setup{}, fault.New(fault.Config, "this server has no public URL that AWS could trust").WithCode("no_issuer").
			WithRemedy("Start it with --issuer-url https://HOST, or set ADIT_ISSUER_URL.")
	}
	out := wire.Setup{Facts: a.setupFacts(c, e)}
	options := awssetup.Options{}
	if in.Body != nil {
		options = in.Body.Options.Options()
	}
	_, account := awssetup.AccountOf(e.RoleARN)
	// Where facts are wrong there is no policy; whoever asks for a document is told why.
	if policy, err := awssetup.TrustPolicy(out.Facts.Facts(), cmp.Or(options.Account, account)); err == nil {
		out.TrustPolicy = policy
	}
	if in.Body != nil && in.Body.Format != "" {
		doc, err := awssetup.Render(awssetup.Format(in.Body.Format), out.Facts.Facts(), options)
		if err != nil {
			return wire.Setup{}, asInput(err)
		}
		out.Document = string(doc)
	}
	return out, nil
}

func (a *api) setupFacts(c *call, e tenant.Environment) wire.SetupFacts {
	return wire.SetupFacts{
		Issuer: a.s.Issuer.URL(), OrganizationID: e.Organization, OrganizationName: c.organization.Name,
		EnvironmentID: e.ID, EnvironmentName: e.Name, Region: e.Region, Audiences: listed(e.Audiences),
		RoleARN: e.RoleARN, SessionSeconds: int(e.Session / time.Second), SessionTags: e.SessionTags,
		Models: e.Models, Thumbprint: a.s.Thumbprint(),
	}
}

// asInput says of a fault of facts or options that it came with the request or
// is in the environment, and not in how the server is set up.
func asInput(err error) error {
	f := *fault.From(err)
	if f.Kind == fault.Config {
		f.Kind = fault.Invalid
	}
	return &f
}
