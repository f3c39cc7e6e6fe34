package studio

import (
	"strings"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/client"
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
	return s.organizationPage(v, versioned(f, v.Org.Version))
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
	f, err := v.form(), error(nil)
	if outdated(f, v.Org.Version) {
		err = meanwhile()
	} else {
		_, err = v.api.UpdateOrganization(client.IfMatch(v.ctx(), v.Org.Version), v.Org.ID, organizationPatch(f, v.Org))
	}
	if err == nil {
		return moved{to: v.At("organization"), notice: "The organization is changed."}, nil
	}
	if conflicts(err) {
		if v.Org, err = v.api.Organization(v.ctx(), v.Org.ID); err != nil {
			return nil, err
		}
		f, err = versioned(f, v.Org.Version), meanwhile()
	}
	return s.organizationPage(v, f.with(err))
}

// organizationPatch is what the form changes.
func organizationPatch(f form, o wire.Organization) wire.OrganizationPatch {
	var p wire.OrganizationPatch
	if name := strings.TrimSpace(f.Value("name")); name != "" && name != o.Name {
		p.Name = &name
	}
	if description := plainLines(f.Value("description")); description != plainLines(o.Description) {
		p.Description = &description
	}
	if plain := f.Value("plain_users") == "on"; plain != o.PlainUsers {
		p.PlainUsers = &plain
	}
	return p
}

// plainLines is a text with the ends of lines that it had before a browser sent it.
func plainLines(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }

// onOff is a box's value.
func onOff(ticked bool) string {
	if ticked {
		return "on"
	}
	return ""
}
