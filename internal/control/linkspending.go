package control

import (
	"context"

	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signin"
)

type listMemberLinksInput struct {
	InOrganization
	ListLinksInput
}

// ListLinksInput asks for a list of links.
type ListLinksInput struct {
	Paging
	Searched
	Sort string `query:"sort" enum:"login,-login,created,-created,expires,-expires" default:"login" doc:"What the list is in order of; - reverses it"`
}

func (a *api) listMemberLinks(ctx context.Context, c *call, in *listMemberLinksInput) (wire.Page[wire.PendingLink], error) {
	return a.listLinks(ctx, c, &in.ListLinksInput)
}

// listLinks lists those that lead to where the call is about: to an organization,
// or, where it names none, to the server.
func (a *api) listLinks(ctx context.Context, c *call, in *ListLinksInput) (wire.Page[wire.PendingLink], error) {
	all, err := a.s.People.Links(ctx, c.organization.ID)
	if err != nil {
		return wire.Page[wire.PendingLink]{}, err
	}
	login := func(l signin.Pending) string { return l.Login }
	by := sorts[signin.Pending]{
		"login":   login,
		"created": func(l signin.Pending) string { return sortable(l.Created) },
		"expires": func(l signin.Pending) string { return sortable(l.Expires) },
	}.by(in.Sort, login)
	keep := func(l signin.Pending) bool { return in.finds(l.Login, l.By.Name, l.By.Key) }
	return pageOf(all, keep, in.Paging, by, c.showLink, "links", c.organization.ID, in.Search)
}

// showLink is a link as clients see it; its token is kept nowhere.
func (c *call) showLink(l signin.Pending) wire.PendingLink {
	return wire.PendingLink{
		Login: l.Login, Person: l.Person, Roles: c.showRoles(l.Opens), MadeBy: wire.LinkMaker{ID: l.By.Key, Name: l.By.Name},
		Created: l.Created.UTC(), Expires: l.Expires.UTC(), Revocable: l.RevocableBy(c.who),
	}
}

type endMemberLinkInput struct {
	InOrganization
	InLink
}

// InLink names a link by whose it is.
type InLink struct {
	Login string `path:"login" maxLength:"64" doc:"Whose link it is"`
}

func (a *api) endMemberLink(ctx context.Context, c *call, in *endMemberLinkInput) error {
	return a.endLink(ctx, c, &in.InLink)
}

// endLink takes one of those back that listLinks lists.
func (a *api) endLink(ctx context.Context, c *call, in *InLink) error {
	err := a.s.People.EndLink(ctx, c.by(), c.organization.ID, in.Login)
	if f := fault.From(err); f == nil || f.Code != "link_not_found" {
		return err
	}
	return fault.New(fault.NotFound, "this login has no pending link").WithCode("link_not_found").WithRemedy("List the pending ones.")
}
