package studio

import (
	"fmt"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// inviteData is what the page of an invitation draws: the form, or the link.
type inviteData struct {
	Form  form
	Roles []option
	To    string // where the form is sent
	Link  *wire.Link
	Back  string
}

func (s *studio) invitePage(v *visit) (answer, error) {
	return v.invitation(filled(map[string]string{"login": v.query("login")})), nil
}

func (v *visit) invitation(f form) page {
	c := v.circle()
	p := page{
		template: "organization-invite", title: "Invite member", section: c.section, trail: []link{c.Page},
		lead: "The link signs its reader in once, within ten minutes, and lets them choose a password.",
	}
	d := inviteData{Form: f, To: c.At("invite"), Back: c.Page.URL}
	if c.Operators {
		p.title = "Invite operator"
		p.lead = "An operator runs the whole server and acts in every organization. The link signs its reader in once, within ten minutes."
	} else {
		d.Roles = roleOptions(v.mayGive(), access.Developer)
	}
	p.data = d
	return p
}

func (s *studio) invite(v *visit) (answer, error) {
	made, err := v.api.InviteMember(v.ctx(), v.Org.ID, wire.LinkInput{Login: v.typed("login"), Role: v.typed("role")})
	if err != nil {
		return again(v.invitation(v.form().with(err)), err)
	}
	p := v.invitation(form{})
	p.title, p.lead = "The link is made", ""
	p.data = inviteData{Link: &made, Back: v.circle().Page.URL}
	return p, nil
}

// revokeLink takes a link back. One that is not there any more is what was wanted.
func (s *studio) revokeLink(v *visit) (answer, error) {
	login := v.path("login")
	err := v.api.RevokeLink(v.ctx(), v.Org.ID, login)
	notice := fmt.Sprintf("The link of %s does not work any more.", login)
	switch {
	case err == nil:
	case fault.From(err).Code == "link_not_found":
		notice = fmt.Sprintf("There is no pending link of %s anymore: it was used, was revoked or has expired.", login)
	default:
		return nil, err
	}
	return moved{to: v.circle().Page.URL, notice: notice}, nil
}

// roleOptions are roles as choices, with what they may do.
func roleOptions(roles []access.Role, chosen access.Role) []option {
	var out []option
	for _, r := range roles {
		out = append(out, option{Value: string(r), Label: string(r), Hint: roleHint(r), Chosen: r == chosen})
	}
	return out
}

func roleHint(r access.Role) string {
	switch r {
	case access.Owner:
		return "does everything in the organization, and says who is in it"
	case access.Admin:
		return "looks after environments, models, keys, issuers and budgets"
	case access.Developer:
		return "sees environments and models, and uses the playground"
	case access.Auditor:
		return "reads everything, changes nothing"
	case access.Operator:
		return "runs the whole server"
	default:
		return ""
	}
}
