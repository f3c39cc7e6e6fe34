package control

import (
	"cmp"
	"context"
	"net/url"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signin"
)

// Inviter makes links that sign in once, and takes them back.
type Inviter interface {
	// Links returns those that would sign in now, and lead to a role in the
	// organization with that id; "" the operators'.
	Links(ctx context.Context, organization string) ([]signin.Pending, error)
	// EndLink takes one of them back. It refuses who may not give all that it opens.
	EndLink(ctx context.Context, by access.By, organization, login string) error
	// MakeLink returns a link and its token, which is kept nowhere. Of a login that
	// nobody has the person gets the roles. It refuses who may not give all roles
	// that the link opens, those of a person who is there among them.
	MakeLink(ctx context.Context, by access.By, login string, roles []signin.Membership) (signin.Link, secret.String, error)
}

func (a *api) linkRoutes() []route {
	const members, operators = "/organizations/{org}/members/links", "/operator/links"
	return []route{
		{"GET", members, "list-member-links", "List the pending sign-in links of an organization", access.ReadMember, ofOrganization, 0, on(a.listMemberLinks)},
		{"GET", operators, "list-operator-links", "List the pending sign-in links of operators", access.WriteOperator, ofServer, 0, on(a.listLinks)},
		{"POST", members, "invite-member", "Make a link that signs a person in once, as a member of the organization", access.WriteMember, ofOrganization, 0, made(a.inviteMember)},
		{"POST", operators, "invite-operator", "Make a link that signs an operator in once", access.WriteOperator, ofServer, 0, made(a.inviteOperator)},
		{"DELETE", members + "/{login}", "revoke-member-link", "Revoke a pending sign-in link", access.WriteMember, ofOrganization, 0, does(a.endMemberLink)},
		{"DELETE", operators + "/{login}", "revoke-operator-link", "Revoke a pending sign-in link of an operator", access.WriteOperator, ofServer, 0, does(a.endLink)},
	}
}

type inviteMemberInput struct {
	InOrganization
	Body wire.LinkInput
}

func (a *api) inviteMember(ctx context.Context, c *call, in *inviteMemberInput) (wire.Link, error) {
	return a.link(ctx, c, in.Body, access.Admin)
}

type inviteOperatorInput struct{ Body wire.LinkInput }

func (a *api) inviteOperator(ctx context.Context, c *call, in *inviteOperatorInput) (wire.Link, error) {
	return a.link(ctx, c, in.Body, access.Operator)
}

// link makes one for a role in the organization of the path; in none, of the
// server. Whether such a role there can be is the registry's to say.
func (a *api) link(ctx context.Context, c *call, in wire.LinkInput, usual access.Role) (wire.Link, error) {
	studio := a.s.StudioURL()
	if studio == "" {
		return wire.Link{}, fault.New(fault.Config, "this server does not know under which URL people reach Studio").WithCode("no_studio_url").
			WithRemedy("Start it with --studio-url https://HOST, or set ADIT_STUDIO_URL.")
	}
	role := signin.Membership{Organization: c.organization.ID, Role: cmp.Or(access.Role(in.Role), usual)}
	l, token, err := a.s.People.MakeLink(ctx, c.by(), in.Login, []signin.Membership{role})
	if err != nil {
		return wire.Link{}, err
	}
	return wire.Link{URL: studio + "/link?token=" + url.QueryEscape(token.Reveal()), Login: l.Login, Expires: l.Expires.UTC()}, nil
}
