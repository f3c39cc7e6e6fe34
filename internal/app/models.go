package app

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/adit-hq/adit/internal/bedrock"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/gateway"
	"github.com/adit-hq/adit/internal/limit"
	"github.com/adit-hq/adit/internal/model"
	"github.com/adit-hq/adit/internal/spicepod"
	"github.com/adit-hq/adit/internal/tenant"
)

// holder is who holds a key of the settings: the caller to whom the models of
// spicepod.yaml belong.
func (a *App) holder() caller.Caller {
	c := caller.Local()
	if a.state != nil {
		if id, err := a.state.fileOrganization(); err == nil {
			c.Organization = id
		}
	}
	return c
}

// isOfFile says whether a model of the organization stands in spicepod.yaml.
func (a *App) isOfFile(organization, name string) bool {
	if organization != a.holder().Organization {
		return false
	}
	a.reloading.Lock()
	defer a.reloading.Unlock()
	return slices.ContainsFunc(a.inForce, func(m spicepod.Model) bool { return m.Name == name })
}

// load reads the file and puts its models in force; on an error nothing changes.
func (a *App) load() error {
	if a.settings.Config == "" {
		return a.replace(nil)
	}
	file, err := spicepod.Load(a.settings.Config, a.settings.Environ)
	if err != nil {
		return err
	}
	for _, i := range file.Ignored {
		a.log.Info("not used by Adit", "file", file.Path, "line", i.Line, "what", i.What, "why", i.Why)
	}
	return a.replace(file.Models)
}

// replace puts the models of a file in force, beside those of environments; on
// an error the old ones stay, and nothing that was made for the new ones.
func (a *App) replace(described []spicepod.Model) error {
	err := a.set(described)
	if err == nil {
		a.inForce = described
	}
	a.chains.keepOnly(a.inForce)
	return err
}

// reset puts in force what environments have become.
func (a *App) reset() {
	a.reloading.Lock()
	defer a.reloading.Unlock()
	if a.life.Err() != nil {
		return
	}
	if err := a.set(a.inForce); err != nil {
		a.log.Error("the models of environments could not be updated; the old ones stay in use", "error", err)
	}
}

func (a *App) set(described []spicepod.Model) error {
	models := make([]gateway.Model, 0, len(described))
	for _, m := range described {
		one, err := a.model(m)
		if err != nil {
			return err
		}
		models = append(models, one)
	}
	return a.gateway.SetModels(append(models, a.environmentModels()...))
}

// model is a model of spicepod.yaml.
func (a *App) model(m spicepod.Model) (gateway.Model, error) {
	out := gateway.Model{
		Name: m.Name, Organization: a.holder().Organization, Set: m.Params,
		Limits: limit.Limits{PerMinute: m.AWS.PerMinute, Concurrent: m.AWS.MaxConcurrent},
	}
	region, creds := m.AWS.Region, bedrock.Credentials(nil)
	if m.AWS.Environment == "" {
		creds = a.chains.get(m.AWS)
	} else {
		region, creds, out.Environment = a.environmentOf(m)
	}
	var err error
	out.Target, err = bedrock.NewTarget(m.Name, m.ID, m.Family, region, a.bedrockAt(m.AWS.EndpointURL), creds)
	return out, err
}

// bedrockAt is where models are called: at an address of their own, or where the settings say.
func (a *App) bedrockAt(own string) bedrock.Endpoints {
	at := a.settings.Endpoints
	return bedrock.Endpoints{Runtime: cmp.Or(own, at.BedrockRuntime, at.All), Control: cmp.Or(own, at.Bedrock, at.All)}
}

// environmentOf finds the environment that a model of the file names. One that
// is not there yet keeps nobody from starting: the model says so when it is
// asked for, and works as soon as there is one.
func (a *App) environmentOf(m spicepod.Model) (region string, creds bedrock.Credentials, of *gateway.Environment) {
	if a.state == nil {
		return m.AWS.Region, noEnvironment{m.AWS.Environment, "this server does not store environments", "Give it a data directory with --data-dir."}, nil
	}
	for e := range a.state.tenants.Known() {
		if e.Organization == a.holder().Organization && (e.ID == m.AWS.Environment || e.Name == m.AWS.Environment) {
			delete(a.missing, m.AWS.Environment)
			return e.Region, a.state.federation.For(e.ID), boundTo(e)
		}
	}
	a.miss(m)
	absent := tenant.Environment{Name: m.AWS.Environment, OrganizationName: a.state.fileName()}
	return m.AWS.Region, noEnvironment{m.AWS.Environment, "there is no such environment in the organization " + absent.OrganizationName,
		"Create it with `adit env create " + absent.Argument() + "`, or name another in spicepod.yaml."}, nil
}

// miss says once that the environment of a model is not there.
func (a *App) miss(m spicepod.Model) {
	if a.missing[m.AWS.Environment] {
		return
	}
	if a.missing == nil {
		a.missing = map[string]bool{}
	}
	a.missing[m.AWS.Environment] = true
	a.log.Warn("a model in the file names an environment that does not exist", "model", m.Name, "environment", m.AWS.Environment,
		"organization", a.state.fileName(), "remedy", "create it with `adit env create`, or name another in spicepod.yaml")
}

// boundTo is what the gateway has to know of an environment. The account is
// that of a role that let us in: a role ARN can name any account, and limits
// that somebody else's environment asks for must not hold for it.
func boundTo(e tenant.Environment) *gateway.Environment {
	bound := &gateway.Environment{ID: e.ID, Limits: e.Limits}
	if role, err := tenant.ParseRole(e.RoleARN); err == nil && !e.Probed.IsZero() {
		bound.Account = role.Account
	}
	return bound
}

// environmentModels are those that environments have enabled, for callers to
// ask for as ENVIRONMENT/MODEL_ID. They stay while the database is away: whether
// what is known of an environment still holds is asked with every call.
func (a *App) environmentModels() []gateway.Model {
	if a.state == nil {
		return nil
	}
	var models []gateway.Model
	for e := range a.state.tenants.Known() {
		models = append(models, a.modelsOf(e)...)
	}
	return models
}

// modelsOf are the models of one environment that Adit can embed with; others
// may be enabled for use with AWS's own tools.
func (a *App) modelsOf(e tenant.Environment) []gateway.Model {
	var models []gateway.Model
	for _, name := range e.Models {
		id, err := model.ParseID(name)
		if err != nil {
			continue
		}
		family, err := model.Find(id, "")
		if err != nil {
			continue
		}
		target, err := bedrock.NewTarget(e.Name+"/"+name, id, family, e.Region, a.bedrockAt(""), a.state.federation.For(e.ID))
		if err != nil {
			continue
		}
		models = append(models, gateway.Model{
			Name: e.Name + "/" + name, Also: e.ID + "/" + name, Organization: e.Organization, Environment: boundTo(e), Label: id.Base(),
			Target: target, Limits: assumedLimits(e), Assumed: true,
		})
	}
	return models
}

// assumedLimits are what the account's quota is taken for: the default, or what
// the environment may spend if that is more.
func assumedLimits(e tenant.Environment) limit.Limits {
	return limit.Limits{
		PerMinute:  max(spicepod.DefaultPerMinute, e.Limits.PerMinute),
		Concurrent: max(spicepod.DefaultConcurrent, e.Limits.Concurrent),
	}
}

// usesOf names the models of spicepod.yaml that an environment signs for.
func (a *App) usesOf(e tenant.Environment) []string {
	a.reloading.Lock()
	defer a.reloading.Unlock()
	if e.Organization != a.holder().Organization {
		return nil
	}
	var names []string
	for _, m := range a.inForce {
		if m.AWS.Environment != "" && (m.AWS.Environment == e.Name || m.AWS.Environment == e.ID) {
			names = append(names, "the model "+m.Name+" of "+a.settings.Config)
		}
	}
	return names
}

// noEnvironment stands for the credentials of an environment that is not there.
type noEnvironment struct{ name, why, remedy string }

// Credentials implements bedrock.Credentials.
func (n noEnvironment) Credentials(context.Context, caller.Caller) (credential.Credentials, error) {
	return credential.Credentials{}, fault.Wrap(errors.New(n.why), fault.Unavailable, "the environment of this model, %s, cannot be used", n.name).
		WithCode("environment_absent").WithRemedy("Ask the server's operator to create it, or to name another.").WithDetail("%s. %s", n.why, n.remedy)
}

// Drop implements bedrock.Credentials.
func (noEnvironment) Drop(credential.Credentials) {}
