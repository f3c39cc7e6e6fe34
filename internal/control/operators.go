package control

import (
	"context"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

// operatorRoutes are for the people who administer the server and belong to no
// organization. Their role is given by a link, and taken away here.
func (a *api) operatorRoutes() []route {
	const all = "/operator/people"
	const one = all + "/{person}"
	const w = access.WriteOperator
	return []route{
		{"GET", all, "list-operators", "List the people who are operators", w, ofServer, 0, on(a.listOperators)},
		{"GET", one, "show-operator", "Show a person who is an operator", w, ofServer, 0, on(a.showOperator)},
		{"DELETE", one, "remove-operator", "Take a person's role operator away", w, ofServer, 0, versioned(does(a.removeOperator))},
		{"POST", one + "/sign-out", "sign-out-operator", "End all sessions of an operator", w, ofServer, 0, does(a.signOutOperator)},
	}
}

type listOperatorsInput struct {
	Paging
	Searched
	Sort string `query:"sort" enum:"name,-name,created,-created,updated,-updated,signed_in,-signed_in" default:"name" doc:"What the list is in order of; - reverses it"`
}

// The calls here name no organization, so that those who are members of "" are
// meant: a person who has a role elsewhere alone is not there.
func (a *api) listOperators(ctx context.Context, c *call, in *listOperatorsInput) (wire.Page[wire.Person], error) {
	return a.listPeople(ctx, c, &listMembersInput{Paging: in.Paging, Searched: in.Searched, Sort: in.Sort})
}

// operator names one of the people.
type operator struct {
	Person string `path:"person" maxLength:"128" doc:"Id of the person"`
}

func (a *api) removeOperator(ctx context.Context, c *call, in *operator) error {
	return a.removePerson(ctx, c, in.Person)
}

func (a *api) showOperator(ctx context.Context, c *call, in *operator) (wire.Person, error) {
	return a.shownPerson(ctx, c, in.Person)
}

func (a *api) signOutOperator(ctx context.Context, c *call, in *operator) error {
	return a.signOutPerson(ctx, c, in.Person)
}
