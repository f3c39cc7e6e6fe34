package app

import (
	"cmp"

	"github.com/adit-hq/adit/internal/bedrock"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/gateway"
	"github.com/adit-hq/adit/internal/limit"
	"github.com/adit-hq/adit/internal/spicepod"
)

func local() caller.Caller { return caller.Local() }

// load reads the file and puts its models in force; on an error nothing changes.
func (a *App) load() error {
	file, err := spicepod.Load(a.settings.Config, a.settings.Environ)
	if err != nil {
		return err
	}
	for _, i := range file.Ignored {
		a.log.Info("not used by Adit", "file", file.Path, "line", i.Line, "what", i.What, "why", i.Why)
	}
	return a.replace(file.Models)
}

// replace puts models in force; on an error the old ones stay, and nothing that
// was made for the new ones.
func (a *App) replace(described []spicepod.Model) error {
	err := a.set(described)
	if err == nil {
		a.inForce = described
	}
	a.chains.keepOnly(a.inForce)
	return err
}

func (a *App) set(described []spicepod.Model) error {
	models := make([]gateway.Model, len(described))
	for i, m := range described {
		var err error
		if models[i], err = a.model(m); err != nil {
			return err
		}
	}
	return a.gateway.SetModels(models)
}

func (a *App) model(m spicepod.Model) (gateway.Model, error) {
	at := a.settings.Endpoints
	target, err := bedrock.NewTarget(m.Name, m.ID, m.Family, m.AWS.Region, bedrock.Endpoints{
		Runtime: cmp.Or(m.AWS.EndpointURL, at.BedrockRuntime, at.All),
		Control: cmp.Or(m.AWS.EndpointURL, at.Bedrock, at.All),
	}, a.chains.get(m.AWS))
	return gateway.Model{
		Name: m.Name, Target: target, Set: m.Params,
		Limits: limit.Limits{PerMinute: m.AWS.PerMinute, Concurrent: m.AWS.MaxConcurrent},
	}, err
}
