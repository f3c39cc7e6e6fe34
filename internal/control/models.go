package control

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/bedrock"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/model"
	"github.com/adit-hq/adit/internal/tenant"
)

// Models reads what an environment's account has in its region, in the name of a caller.
type Models interface {
	List(ctx context.Context, e tenant.Environment, c caller.Caller) (bedrock.Listing, error)
}

func (a *api) modelRoutes() []route {
	const all = "/organizations/{org}/environments/{env}/models"
	return []route{
		{"GET", all, "list-models", "List what the environment's AWS account offers", access.ReadModel, ofOrganization, awsTime, on(a.listModels)},
		{"POST", all + "/enable", "enable-model", "Enable a model for callers", access.WriteModel, ofOrganization, 0, on(a.enableModel)},
		{"POST", all + "/disable", "disable-model", "Disable a model for callers", access.WriteModel, ofOrganization, 0, on(a.disableModel)},
	}
}

type listModelsInput struct {
	InEnvironment
	Refresh bool `query:"refresh" doc:"Ask AWS now, instead of showing a list up to an hour old"`
}

func (a *api) listModels(ctx context.Context, c *call, in *listModelsInput) (wire.Models, error) {
	e, err := a.environment(c, in.InEnvironment)
	if err != nil {
		return wire.Models{}, err
	}
	l, err := a.listings.get(ctx, e, in.Refresh, func(ctx context.Context) (bedrock.Listing, error) {
		return a.s.Models.List(ctx, e, c.who.Caller())
	})
	if err != nil {
		return wire.Models{}, err
	}
	out := wire.Models{
		Items: make([]wire.Model, len(l.Models)), Warnings: make([]wire.ModelWarning, len(l.Warnings)),
		Read: l.Read.UTC(), AgeSeconds: max(0, int(a.s.Now().Sub(l.Read)/time.Second)),
	}
	for i, m := range l.Models {
		out.Items[i] = showModel(e, m)
	}
	for i, w := range l.Warnings {
		out.Warnings[i] = wire.ModelWarning{Operation: w.Operation, Message: w.Message, Code: w.Code, Said: w.Said, RequestID: w.RequestID}
	}
	return out, nil
}

func showModel(e tenant.Environment, m bedrock.ListedModel) wire.Model {
	w := wire.Model{
		ID: m.ID, Name: m.Name, Provider: m.Provider, Kind: string(m.Origin), Base: m.Base, Input: m.Inputs, Output: m.Outputs,
		Lifecycle: m.Lifecycle, EndOfLife: moment(m.EndOfLife), Access: string(m.Access.State), AccessWhy: m.Access.Why, Why: m.Why,
		Destinations: m.Destinations, Embeds: m.Family != "", Enabled: slices.Contains(e.Models, m.ID),
	}
	if w.Enabled && callable(m.ID) {
		w.InvokeName = e.Name + "/" + m.ID
	}
	return w
}

type modelInput struct {
	InEnvironment
	Body wire.ModelInput
}

func (a *api) enableModel(ctx context.Context, c *call, in *modelInput) (wire.ModelChange, error) {
	out, e, err := a.changeModels(ctx, c, in, func(enabled []string) []string {
		if slices.Contains(enabled, in.Body.Model) {
			return enabled
		}
		return append(slices.Clone(enabled), in.Body.Model)
	})
	if err == nil {
		out.Advice = a.advice(e, in.Body.Model)
	}
	return out, err
}

func (a *api) disableModel(ctx context.Context, c *call, in *modelInput) (wire.ModelChange, error) {
	out, _, err := a.changeModels(ctx, c, in, func(enabled []string) []string {
		return slices.DeleteFunc(slices.Clone(enabled), func(id string) bool { return id == in.Body.Model })
	})
	return out, err
}

// changeModels replaces the list of enabled models. Who was faster with another
// change makes it begin anew, so that none of two models is lost.
func (a *api) changeModels(ctx context.Context, c *call, in *modelInput, change func([]string) []string) (wire.ModelChange, tenant.Environment, error) {
	for try := 1; ; try++ {
		e, err := a.environment(c, in.InEnvironment)
		if err != nil {
			return wire.ModelChange{}, e, err
		}
		models := change(e.Models)
		changed := !slices.Equal(models, e.Models)
		if changed {
			e, _, err = a.s.Environments.UpdateEnvironment(ctx, c.actor(), e.Organization, e.ID, tenant.EnvironmentPatch{Models: &models, Version: e.Version})
		}
		if f := fault.From(err); f != nil && f.Code == "conflict" && try < 3 {
			continue
		}
		if err != nil {
			return wire.ModelChange{}, e, err
		}
		shown, err := a.shown(ctx, e)
		return wire.ModelChange{Environment: shown, Changed: changed}, e, err
	}
}

// advice is what enabling does not do: the role's policy, and the account's
// agreement with who sells the model.
func (a *api) advice(e tenant.Environment, id string) string {
	if e.RoleARN == "" {
		return fmt.Sprintf("The environment has no role yet. Run `adit aws setup --environment %s`, which allows the enabled models.", e.Argument())
	}
	offered := slices.ContainsFunc(model.Offered(e.Region), func(u model.Use) bool { return u.ID.String() == id })
	advice := ""
	if !offered {
		advice = fmt.Sprintf("Setup allows the embedding models of the catalogue and the models enabled when it ran. "+
			"Run `adit aws setup --environment %s` again, so that the role's policy allows this one.", e.Argument())
	}
	if !callable(id) {
		advice += " It is only for AWS's own tools, with the environment's credentials: /v1 serves only models of the catalogue. " +
			"An ARN that refers to one of those can be used in spicepod.yaml, with model_family and environment."
	}
	if l, ok := a.listings.known(e); ok {
		for _, m := range l.Models {
			if m.ID == id && m.Access.State != bedrock.Granted && m.Access.State != bedrock.AccessUnknown {
				return advice + " AWS reports on the account's access: " + m.Access.Why + "."
			}
		}
	}
	return advice
}
