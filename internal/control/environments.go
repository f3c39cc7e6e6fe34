package control

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/tenant"
)

// Environments knows the environments of every organization.
type Environments interface {
	// Environment finds one of the organization with that id, by id or name.
	Environment(organization, idOrName string) (tenant.Environment, error)
	// Environments returns all of an organization, in order of name.
	Environments(organization string) ([]tenant.Environment, error)
	// Advice of a change is what is allowed but should be known.
	CreateEnvironment(ctx context.Context, actor audit.Actor, organization string, in tenant.EnvironmentInput) (e tenant.Environment, advice []string, err error)
	UpdateEnvironment(ctx context.Context, actor audit.Actor, organization, id string, p tenant.EnvironmentPatch) (e tenant.Environment, advice []string, err error)
	DeleteEnvironment(ctx context.Context, actor audit.Actor, organization, id string, version int64, force bool) error
}

func (a *api) environmentRoutes() []route {
	const all = "/organizations/{org}/environments"
	const one = all + "/{env}"
	return []route{
		{"GET", all, "list-environments", "List the environments of an organization", access.ReadEnvironment, ofOrganization, 0, on(a.listEnvironments)},
		{"POST", all, "create-environment", "Create an environment", access.WriteEnvironment, ofOrganization, 0, made(a.createEnvironment)},
		{"GET", one, "show-environment", "Show an environment, its state and its last exchange", access.ReadEnvironment, ofOrganization, 0, on(a.showEnvironment)},
		{"PATCH", one, "update-environment", "Change an environment", access.WriteEnvironment, ofOrganization, 0, versioned(on(a.updateEnvironment))},
		{"DELETE", one, "delete-environment", "Delete an environment", access.WriteEnvironment, ofOrganization, 0, versioned(does(a.deleteEnvironment))},
	}
}

// InEnvironment is the path of what belongs to an environment.
type InEnvironment struct {
	InOrganization
	Environment string `path:"env" maxLength:"128" doc:"Id or name of the environment"`
}

// environment finds the one of the path. One of another organization, and one
// that the key is not bound to, are not there.
func (a *api) environment(c *call, in InEnvironment) (tenant.Environment, error) {
	e, err := a.s.Environments.Environment(c.organization.ID, in.Environment)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return tenant.Environment{}, err
	}
	if err != nil || !c.mayIn(e) {
		return tenant.Environment{}, fault.New(fault.NotFound, "there is no such environment").
			WithCode("environment_not_found").WithRemedy("List the existing ones.")
	}
	return e, nil
}

// pinnedEnvironment is the version that a change of the environment is to be made of.
func (c *call) pinnedEnvironment(in InEnvironment, e tenant.Environment) (int64, error) {
	_, version, err := c.pin(in.Environment, func() (string, int64, error) { return e.ID, e.Version, nil })
	return version, err
}

// mayIn reports whether the caller may do what the route does in the environment.
func (c *call) mayIn(e tenant.Environment) bool {
	return c.who.MayIn(c.route.permission, e.Organization, e.ID)
}

// reaches is mayIn for who holds the route's permission in the organization,
// which need not be looked up for each of many environments.
func (c *call) reaches(id string) bool {
	return c.who.Key.Environments == nil || slices.Contains(c.who.Key.Environments, id)
}

type listEnvironmentsInput struct {
	InOrganization
	Paging
	Searched
	Sort   string `query:"sort" enum:"name,-name,created,-created,updated,-updated,state,-state,region,-region,exchanged,-exchanged" default:"name" doc:"Sort order of the list; - reverses it"`
	State  string `query:"state" enum:"pending,ready,unsafe,failing" doc:"Only those in this state"`
	Region string `query:"region" maxLength:"64" doc:"Only environments in this region"`
}

// chooses reports whether an environment is among those that are asked for.
func (in *listEnvironmentsInput) chooses(e tenant.Environment) bool {
	return either(in.State, string(e.State)) && either(in.Region, e.Region) && in.finds(e.Name, e.ID, e.Description, e.Region, e.RoleARN)
}

func (a *api) listEnvironments(ctx context.Context, c *call, in *listEnvironmentsInput) (wire.Page[wire.Environment], error) {
	none := wire.Page[wire.Environment]{}
	all, err := a.s.Environments.Environments(c.organization.ID)
	if err != nil {
		return none, err
	}
	var did map[string]tenant.Activity
	if strings.HasSuffix(in.Sort, "exchanged") { // which takes that of all; the page itself takes that of a few
		if did, err = a.s.Activity.Activity(ctx, c.organization.ID, nil); err != nil {
			return none, err
		}
	}
	keep := func(e tenant.Environment) bool { return c.reaches(e.ID) && in.chooses(e) }
	show := func(e tenant.Environment) wire.Environment { return a.showEnv(e, did[e.ID]) }
	page, err := pageOf(all, keep, in.Paging, environmentOrder(in.Sort, did), show, "environments", c.organization.ID, in.Search, in.State, in.Region)
	if err != nil || did != nil {
		return page, err
	}
	ids := make([]string, len(page.Items))
	for i, e := range page.Items {
		ids[i] = e.ID
	}
	did, err = a.s.Activity.Activity(ctx, c.organization.ID, ids)
	for i, e := range page.Items {
		page.Items[i].Activity = showActivity(did[e.ID])
	}
	return page, err
}

// environmentOrder is the order of a list of environments.
func environmentOrder(word string, did map[string]tenant.Activity) order[tenant.Environment] {
	return sorts[tenant.Environment]{
		"name":      func(e tenant.Environment) string { return e.Name },
		"created":   func(e tenant.Environment) string { return sortable(e.Created) },
		"updated":   func(e tenant.Environment) string { return sortable(e.Updated) },
		"state":     func(e tenant.Environment) string { return string(e.State) + " " + e.Name },
		"region":    func(e tenant.Environment) string { return e.Region + " " + e.Name },
		"exchanged": func(e tenant.Environment) string { return sortable(did[e.ID].Exchanged) },
	}.by(word, func(e tenant.Environment) string { return e.ID })
}

func (a *api) showEnvironment(ctx context.Context, c *call, in *InEnvironment) (wire.Environment, error) {
	e, err := a.environment(c, *in)
	if err != nil {
		return wire.Environment{}, err
	}
	return a.shown(ctx, e)
}

// shown is an environment with what it did last.
func (a *api) shown(ctx context.Context, e tenant.Environment) (wire.Environment, error) {
	did, err := a.s.Activity.Activity(ctx, e.Organization, []string{e.ID})
	return a.showEnv(e, did[e.ID]), err
}

type createEnvironmentInput struct {
	InOrganization
	Body wire.EnvironmentInput
}

func (a *api) createEnvironment(ctx context.Context, c *call, in *createEnvironmentInput) (wire.Environment, error) {
	b := in.Body
	input := tenant.EnvironmentInput{
		Name: b.Name, Description: b.Description, Provider: b.Provider, Region: b.Region, EndpointURL: b.EndpointURL,
		RoleARN: b.RoleARN, APIKey: b.APIKey, Audiences: b.Audiences,
		Session: time.Duration(b.SessionSeconds) * time.Second, Models: b.Models, SessionName: tenant.SessionName(b.SessionName),
		SessionTags: b.SessionTags, Tags: b.Tags, Limits: limits(b.Limits),
	}
	e, advice, err := a.s.Environments.CreateEnvironment(ctx, c.actor(), c.organization.ID, input)
	if err != nil {
		return wire.Environment{}, err
	}
	w := a.showEnv(e, tenant.Activity{})
	w.Advice = advice
	return w, nil
}

type updateEnvironmentInput struct {
	InEnvironment
	Body wire.EnvironmentPatch
}

func (a *api) updateEnvironment(ctx context.Context, c *call, in *updateEnvironmentInput) (wire.Environment, error) {
	e, err := a.environment(c, in.InEnvironment)
	if err != nil {
		return wire.Environment{}, err
	}
	version, err := c.pinnedEnvironment(in.InEnvironment, e)
	if err != nil {
		return wire.Environment{}, err
	}
	b := in.Body
	patch := tenant.EnvironmentPatch{
		Version: version,
		Name:    b.Name, Description: b.Description, Region: b.Region, EndpointURL: b.EndpointURL,
		RoleARN: b.RoleARN, APIKey: b.APIKey, Audiences: b.Audiences,
		Models: b.Models, SessionName: (*tenant.SessionName)(b.SessionName), SessionTags: b.SessionTags, Tags: b.Tags,
	}
	if b.SessionSeconds != nil {
		session := time.Duration(*b.SessionSeconds) * time.Second
		patch.Session = &session
	}
	if b.Limits != nil {
		l := limits(b.Limits)
		patch.Limits = &l
	}
	e, advice, err := a.s.Environments.UpdateEnvironment(ctx, c.actor(), e.Organization, e.ID, patch)
	if err != nil {
		return wire.Environment{}, err
	}
	w, err := a.shown(ctx, e)
	w.Advice = advice
	return w, err
}

type deleteEnvironmentInput struct {
	InEnvironment
	Forced
}

func (a *api) deleteEnvironment(ctx context.Context, c *call, in *deleteEnvironmentInput) error {
	e, err := a.environment(c, in.InEnvironment)
	if err != nil {
		return err
	}
	version, err := c.pinnedEnvironment(in.InEnvironment, e)
	if err != nil {
		return err
	}
	return a.s.Environments.DeleteEnvironment(ctx, c.actor(), e.Organization, e.ID, version, in.Force)
}
