package studio

import (
	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

func (s *studio) organizationRoutes() []route {
	const page = "/o/{org}/organization"
	return append(s.circleRoutes(page, access.ReadMember, access.WriteMember),
		get(page, access.ReadOrganization, s.organization),
		post(page, access.WriteOrganization, s.updateOrganization),
		get(page+"/members/{person}/role", access.ReadMember, s.backToMember),
		post(page+"/members/{person}/role", access.WriteMember, s.changeRole),
	)
}

// organizationData is what the organization's page draws.
type organizationData struct {
	Organization wire.Organization
	People       peopleData
	Form         form
}

func (s *studio) organization(v *visit) (answer, error) {
	f := filled(map[string]string{"name": v.Org.Name, "description": v.Org.Description, "plain_users": onOff(v.Org.PlainUsers)})
	return s.organizationPage(v, f)
}

func (s *studio) organizationPage(v *visit, f form) (answer, error) {
	d := organizationData{Organization: v.Org, Form: f}
	if v.May(access.ReadMember) {
		var err error
		if d.People, err = v.people("role"); err != nil {
			return nil, err
		}
	}
	p := page{template: "organization", title: "Organization", lead: v.Org.Name, section: "organization", data: d}
	if v.May(access.WriteMember) {
		p.actions = []link{{Label: "Invite member", URL: v.At("organization", "invite"), Primary: true}}
	}
	if f.Err() != nil {
		return again(p, f.Err())
	}
	return p, nil
}

func (s *studio) updateOrganization(v *visit) (answer, error) {
	name, description, plain := v.typed("name"), v.typed("description"), v.typed("plain_users") == "on"
	_, err := v.api.UpdateOrganization(v.ctx(), v.Org.ID, wire.OrganizationPatch{Name: &name, Description: &description, PlainUsers: &plain})
	if err != nil {
		return s.organizationPage(v, v.form().with(err))
	}
	return moved{to: v.At("organization"), notice: "The organization is changed."}, nil
}

// onOff is a box's value.
func onOff(ticked bool) string {
	if ticked {
		return "on"
	}
	return ""
}
