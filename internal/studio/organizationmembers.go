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
	return page{
		template: "organization-invite", title: "Invite somebody", section: "organization",
		lead:  "The link signs its reader in once, within ten minutes, and lets them choose a password.",
		trail: []link{{Label: "Organization", URL: v.At("organization")}},
		data:  inviteData{Form: f, Roles: roleOptions(v.mayGive(), access.Developer), To: v.At("organization", "invite"), Back: v.At("organization")},
	}
}

func (s *studio) invite(v *visit) (answer, error) {
	p := v.invitation(v.form())
	made, err := v.api.InviteMember(v.ctx(), v.Org.ID, wire.LinkInput{Login: v.typed("login"), Role: v.typed("role")})
	if err != nil {
		return again(v.invitation(v.form().with(err)), err)
	}
	return invited(p, made, v.At("organization")), nil
}

// invited is the page that shows a link, this once.
func invited(p page, made wire.Link, back string) page {
	p.title, p.lead = "The link is made", ""
	p.data = inviteData{Link: &made, Back: back}
	return p
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

// memberData is what a member's page draws.
type memberData struct {
	Member wire.Person
	Role   string
	// ByRule: the role comes from the OIDC provider, and nobody changes it here.
	ByRule bool
	Self   bool
	Form   form
	Roles  []option
}

// findMember finds a person of the organization by id.
func (v *visit) findMember() (wire.Person, string, error) {
	p, err := v.api.Member(v.ctx(), v.Org.ID, v.path("person"))
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return wire.Person{}, "", err
	}
	for _, m := range p.Roles {
		if m.Organization == v.Org.ID {
			return p, m.Role, nil
		}
	}
	return wire.Person{}, "", fault.New(fault.NotFound, "nobody of that id has a role in this organization").WithRemedy("The list of members has those who do.")
}

func (s *studio) member(v *visit) (answer, error) { return s.memberPage(v, form{}) }

func (s *studio) backToMember(v *visit) (answer, error) {
	return moved{to: v.At("organization", "members", v.path("person"))}, nil
}

func (s *studio) memberPage(v *visit, f form) (answer, error) {
	m, role, err := v.findMember()
	if err != nil {
		return nil, err
	}
	p := page{
		template: "organization-member", title: called(m), section: "organization",
		trail: []link{{Label: "Organization", URL: v.At("organization")}},
		data: memberData{
			Member: m, Role: role, ByRule: m.Issuer != "", Self: m.ID == v.who.Person.ID, Form: f,
			Roles: roleOptions(v.mayGive(), access.Role(role)),
		},
	}
	if f.Err() != nil {
		return again(p, f.Err())
	}
	return p, nil
}

// called is what to call a person.
func called(p wire.Person) string {
	for _, name := range []string{p.Name, p.Login, p.Email, p.Subject} {
		if name != "" {
			return name
		}
	}
	return p.ID
}

func (s *studio) changeRole(v *visit) (answer, error) {
	m, err := v.api.UpdateMember(v.ctx(), v.Org.ID, v.path("person"), wire.MemberPatch{Role: v.typed("role")})
	if err != nil {
		return s.memberPage(v, v.form().with(err))
	}
	return moved{to: v.At("organization"), notice: fmt.Sprintf("%s is %s now.", called(m), v.typed("role"))}, nil
}

func (s *studio) removeMemberPage(v *visit) (answer, error) { return s.removal(v, form{}) }

func (s *studio) removal(v *visit, f form) (answer, error) {
	m, role, err := v.findMember()
	if err != nil {
		return nil, err
	}
	breaks := []string{"What they were shown or made here stays: environments, API keys and their secrets. Rotate keys that they know."}
	if len(m.Roles) == 1 {
		breaks = append(breaks, "This is their last role: their account goes, and their sessions end at once.")
	}
	c := confirmation{
		What:   fmt.Sprintf("%s will no longer be %s of %s.", called(m), role, v.Org.Name),
		Breaks: breaks, To: v.At("organization", "members", m.ID, "remove"), Button: "Remove", Back: v.At("organization", "members", m.ID), Form: f,
	}
	p := c.page("Remove "+called(m), link{Label: "Organization", URL: v.At("organization")}, link{Label: called(m), URL: v.At("organization", "members", m.ID)})
	p.section = "organization"
	if f.Err() != nil {
		return again(p, f.Err())
	}
	return p, nil
}

func (s *studio) removeMember(v *visit) (answer, error) {
	if err := v.api.RemoveMember(v.ctx(), v.Org.ID, v.path("person")); err != nil {
		return s.removal(v, form{}.with(err))
	}
	return moved{to: v.At("organization"), notice: "They have no role in this organization any more."}, nil
}

func (s *studio) signOutMember(v *visit) (answer, error) {
	if err := v.api.SignOutMember(v.ctx(), v.Org.ID, v.path("person")); err != nil {
		return nil, err
	}
	return moved{to: v.At("organization", "members", v.path("person")), notice: "All their sessions have ended."}, nil
}
