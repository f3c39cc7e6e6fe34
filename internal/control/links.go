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

// Inviter makes links that sign in once.
type Inviter interface {
	// MakeLink returns a link and its token, which is kept nowhere. Of a login that
	// nobody has the person gets the roles. It refuses who may not give all roles
	// that the link opens, those of a person who is there among them.
	MakeLink(ctx context.Context, by access.By, login string, roles []signin.Membership) (signin.Link, secret.String, error)
}

func (a *api) linkRoutes() []route {
	return []route{
		{"POST", "/organizations/{org}/members/links", "invite-member", "Make a link that signs a person in once, as a member of the organization", access.WriteMember, ofOrganization, 0, made(a.inviteMember)},
		{"POST", "/operator/links", "invite-operator", "Make a link that signs an operator in once", access.WriteOperatorLink, ofServer, 0, made(a.inviteOperator)},
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
