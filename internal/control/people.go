package control

import (
	"context"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signin"
)

// People knows who signs in, and with what roles.
type People interface {
	// People returns those who have a role in the organization with that id; "" the operators.
	People(ctx context.Context, organization *string) ([]signin.Person, error)
	// Person returns one by id, or NotFound.
	Person(ctx context.Context, id string) (signin.Person, error)
	PeopleChanges
}

// PeopleChanges changes them. Each refuses who may not give, or take, the role.
type PeopleChanges interface {
	// SetRole gives a local person a role in place of the one that they have in the
	// organization. Only an operator may add one whom the organization does not have.
	// A version that is not 0 is the one to change; another is a "conflict".
	SetRole(ctx context.Context, by access.By, person, organization string, role access.Role, version int64) (signin.Person, error)
	RemoveRole(ctx context.Context, by access.By, person, organization string, version int64) error
	// EndSessions ends all sessions of the person if no ids are named.
	EndSessions(ctx context.Context, by access.By, person string, ids []string) (int, error)
	Inviter
}

func (a *api) peopleRoutes() []route {
	const all = "/organizations/{org}/members"
	const one = all + "/{person}"
	return []route{
		{"GET", all, "list-members", "List the people who have a role in an organization", access.ReadMember, ofOrganization, 0, on(a.listPeople)},
		{"GET", one, "show-member", "Show a person who has a role in an organization", access.ReadMember, ofOrganization, 0, on(a.showMember)},
		{"PATCH", one, "update-member", "Give a person another role in the organization", access.WriteMember, ofOrganization, 0, versioned(on(a.updateMember))},
		{"DELETE", one, "remove-member", "Take a person's role in the organization away", access.WriteMember, ofOrganization, 0, versioned(does(a.removeMember))},
		{"POST", one + "/sign-out", "sign-out-member", "End all sessions of a person", access.WriteMember, ofOrganization, 0, does(a.signOutMember)},
	}
}

// InMember is the path of a person in an organization.
type InMember struct {
	InOrganization
	Person string `path:"person" maxLength:"128" doc:"Id of the person"`
}

type listMembersInput struct {
	InOrganization
	Paging
	Searched
	Sort string `query:"sort" enum:"name,-name,created,-created,updated,-updated,signed_in,-signed_in,role,-role" default:"name" doc:"What the list is in order of; - reverses it"`
	Role string `query:"role" enum:"owner,admin,developer,auditor" doc:"Only people with this role"`
}

// listPeople lists those of where the call is about: of an organization, or,
// where it names none, the operators.
func (a *api) listPeople(ctx context.Context, c *call, in *listMembersInput) (wire.Page[wire.Person], error) {
	all, err := a.s.People.People(ctx, &c.organization.ID)
	if err != nil {
		return wire.Page[wire.Person]{}, err
	}
	keep := func(p signin.Person) bool {
		return either(in.Role, roleIn(p, c.organization.ID)) && in.finds(p.Name, p.Login, p.Email, p.ID, p.Subject)
	}
	by := sorts[signin.Person]{
		"name":      func(p signin.Person) string { return p.Name },
		"created":   func(p signin.Person) string { return sortable(p.Created) },
		"updated":   func(p signin.Person) string { return sortable(p.Updated) },
		"signed_in": func(p signin.Person) string { return sortable(p.SignedIn) },
		"role":      func(p signin.Person) string { return roleIn(p, c.organization.ID) + " " + p.Name },
	}.by(in.Sort, func(p signin.Person) string { return p.ID })
	return pageOf(all, keep, in.Paging, by, c.showPerson, "members", c.organization.ID, in.Search, in.Role)
}

// roleIn returns the person's role in the organization; "" for none.
func roleIn(p signin.Person, organization string) string {
	for _, m := range p.Roles {
		if m.Organization == organization {
			return string(m.Role)
		}
	}
	return ""
}

// showPerson is a person as clients see them. An organization is not told what
// else the person is: that other organizations are there is theirs to tell.
func (c *call) showPerson(p signin.Person) wire.Person {
	return wire.Person{
		ID: p.ID, Login: p.Login, Name: p.Name, Email: p.Email, Issuer: p.Issuer, Subject: p.Subject, Password: p.Password != "",
		Roles: c.showRoles(p.Roles), Created: p.Created.UTC(), Updated: p.Updated.UTC(), SignedIn: moment(p.SignedIn), Version: p.Version,
	}
}

func (c *call) showRoles(roles []signin.Membership) []wire.Membership {
	shown := []wire.Membership{}
	for _, m := range roles {
		if c.who.Key.Organization == "" || m.Organization == c.organization.ID {
			shown = append(shown, wire.Membership{Organization: m.Organization, Role: string(m.Role)})
		}
	}
	return shown
}

type updateMemberInput struct {
	InMember
	Body wire.MemberPatch
}

func (a *api) updateMember(ctx context.Context, c *call, in *updateMemberInput) (wire.Person, error) {
	version, err := a.pinnedMember(ctx, c, in.Person)
	if err != nil {
		return wire.Person{}, err
	}
	p, err := a.s.People.SetRole(ctx, c.by(), in.Person, c.organization.ID, access.Role(in.Body.Role), version)
	if err != nil {
		return wire.Person{}, c.asMember(err)
	}
	return c.showPerson(p), nil
}

func (a *api) removeMember(ctx context.Context, c *call, in *InMember) error {
	return a.removePerson(ctx, c, in.Person)
}

// removePerson takes a person's role away where the call is about.
func (a *api) removePerson(ctx context.Context, c *call, id string) error {
	version, err := a.pinnedMember(ctx, c, id)
	if err != nil {
		return err
	}
	return c.asMember(a.s.People.RemoveRole(ctx, c.by(), id, c.organization.ID, version))
}

func (a *api) signOutMember(ctx context.Context, c *call, in *InMember) error {
	return a.signOutPerson(ctx, c, in.Person)
}

// signOutPerson ends sessions of those only whom the call is about, for operators
// too: the path says of whose organization the person is.
func (a *api) signOutPerson(ctx context.Context, c *call, id string) error {
	p, err := a.member(ctx, c, id)
	if err == nil {
		_, err = a.s.People.EndSessions(ctx, c.by(), p.ID, nil)
	}
	return c.asMember(err)
}

// member finds a person of the organization; one who is none is not there.
func (a *api) member(ctx context.Context, c *call, id string) (signin.Person, error) {
	p, err := a.s.People.Person(ctx, id)
	if err == nil && roleIn(p, c.organization.ID) == "" {
		err = c.noMember()
	}
	return p, c.asMember(err)
}

func (a *api) showMember(ctx context.Context, c *call, in *InMember) (wire.Person, error) {
	return a.shownPerson(ctx, c, in.Person)
}

func (a *api) shownPerson(ctx context.Context, c *call, id string) (wire.Person, error) {
	p, err := a.member(ctx, c, id)
	if err != nil {
		return wire.Person{}, err
	}
	return c.showPerson(p), nil
}

// pinnedMember is the version that a change of the person is to be made of.
func (a *api) pinnedMember(ctx context.Context, c *call, id string) (int64, error) {
	_, version, err := c.pin(id, func() (string, int64, error) {
		p, err := a.member(ctx, c, id)
		return p.ID, p.Version, err
	})
	return version, err
}

// asMember makes a person who is not there, and one of another organization, the same fault.
func (c *call) asMember(err error) error {
	if f := fault.From(err); f != nil && f.Code == "person_not_found" {
		return c.noMember()
	}
	return err
}

func (c *call) noMember() error {
	if c.organization.ID == "" {
		return fault.New(fault.NotFound, "there is no such operator").WithCode("person_not_found").
			WithRemedy("List the existing ones.")
	}
	return fault.New(fault.NotFound, "there is no such person in this organization").WithCode("person_not_found").
		WithRemedy("List the existing ones.")
}
