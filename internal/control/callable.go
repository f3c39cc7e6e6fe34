package control

import (
	"context"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

// Callables knows what callers can ask /v1 for by name.
type Callables interface {
	// Callable returns the models of the configuration file and of the
	// organization's environments, in order of name.
	Callable(ctx context.Context, organization string) ([]wire.CallableModel, error)
}

func (a *api) callableRoutes() []route {
	return []route{
		{"GET", "/organizations/{org}/models", "list-callable-models", "List what callers of an organization can ask for by name", access.ReadModel, ofOrganization, 0, on(a.listCallable)},
	}
}

type listCallableInput struct {
	InOrganization
	Paging
	Searched
	Sort        string `query:"sort" enum:"name,-name,family,-family,region,-region" default:"name" doc:"Sort order of the list; - reverses it"`
	Environment string `query:"environment" maxLength:"128" doc:"Only models of the environment with this id"`
	Family      string `query:"family" maxLength:"64" doc:"Only models of this family"`
}

func (a *api) listCallable(ctx context.Context, c *call, in *listCallableInput) (wire.Page[wire.CallableModel], error) {
	all, err := a.s.Callables.Callable(ctx, c.organization.ID)
	if err != nil {
		return wire.Page[wire.CallableModel]{}, err
	}
	who := c.who.Caller()
	keep := func(m wire.CallableModel) bool {
		return who.MayAskFor(m.Name) && (m.Environment == "" || who.MayUseEnvironment(m.Environment)) &&
			either(in.Environment, m.Environment) && either(in.Family, m.Family) && in.finds(m.Name, m.ModelID, m.Family, m.Region)
	}
	by := sorts[wire.CallableModel]{
		"name":   func(wire.CallableModel) string { return "" },
		"family": func(m wire.CallableModel) string { return m.Family },
		"region": func(m wire.CallableModel) string { return m.Region },
	}.by(in.Sort, func(m wire.CallableModel) string { return m.Name })
	same := func(m wire.CallableModel) wire.CallableModel { return m }
	return pageOf(all, keep, in.Paging, by, same, "callable", c.organization.ID, in.Search, in.Environment, in.Family)
}
