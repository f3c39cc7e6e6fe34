package studio

import (
	"fmt"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

func (s *studio) organizationsRoutes() []route {
	return []route{
		get("/organizations", access.CreateOrganization, s.organizations),
		get("/organizations/new", access.CreateOrganization, s.newOrganization),
		post("/organizations", access.CreateOrganization, s.createOrganization),
		get("/organizations/{id}/delete", access.DeleteOrganization, s.deleteOrganizationPage),
		post("/organizations/{id}/delete", access.DeleteOrganization, s.deleteOrganization),
	}
}

// organizationsData is what the list of organizations draws.
type organizationsData struct {
	List   wire.Page[wire.Organization]
	Search string
}

func organizationsTrail() link { return link{Label: "Organizations", URL: root + "/organizations"} }

func (s *studio) organizations(v *visit) (answer, error) {
	l := v.list()
	found, err := v.api.OrganizationPage(v.ctx(), l)
	if err != nil {
		return nil, err
	}
	return page{
		template: "organizations", title: "Organizations", lead: "Tenants of this server. Each has its own people, environments, keys and budgets.",
		section: "organizations", data: organizationsData{List: found, Search: l.Search},
		actions: []link{{Label: "New organization", URL: root + "/organizations/new", Primary: true}},
	}, nil
}

func organizationForm(f form) page {
	return page{
		template: "organization-new", title: "New organization", section: "organizations", trail: []link{organizationsTrail()}, data: f,
	}
}

func (s *studio) newOrganization(*visit) (answer, error) { return organizationForm(form{}), nil }

func (s *studio) createOrganization(v *visit) (answer, error) {
	o, err := v.api.CreateOrganization(v.ctx(), wire.OrganizationInput{
		Name: v.typed("name"), Description: v.typed("description"), PlainUsers: v.typed("plain_users") == "on",
	})
	if err != nil {
		return again(organizationForm(v.form().with(err)), err)
	}
	return moved{to: address(root+"/o", o.ID), notice: "The organization " + o.Name + " is created."}, nil
}

func (s *studio) deleteOrganizationPage(v *visit) (answer, error) { return s.deletion(v, form{}) }

// deletion says what goes with an organization.
func (s *studio) deletion(v *visit, f form) (answer, error) {
	overview, err := v.api.Overview(v.ctx(), v.path("id"))
	if err != nil {
		return nil, err
	}
	o := overview.Organization
	environments := 0
	for _, n := range overview.Environments {
		environments += n
	}
	c := confirmation{
		What: fmt.Sprintf("The organization %s and everything in it will be deleted permanently.", o.Name),
		Breaks: []string{
			fmt.Sprintf("%s: no token is made for them any more, and their models answer nobody. The roles in AWS stay; remove them there.", plural(environments, "environment", "environments")),
			fmt.Sprintf("%s and %s: their callers get 401 from the next request on.", plural(overview.Keys, "API key", "API keys"), plural(overview.Trusted, "trusted issuer", "trusted issuers")),
			"Its people lose their roles here. Usage and audit are kept.",
			"The id " + o.ID + " is never given again: a new organization of the same name is another one, which no role trusts.",
		},
		Type: o.Name, TypeWhat: "the organization's name", To: address(root+"/organizations", o.ID, "delete"), Button: "Delete the organization",
		Back: root + "/organizations", Form: f,
	}
	if used := overview.Total.Requests; used > 0 {
		c.Breaks = append([]string{fmt.Sprintf("It is in use: %s in the last 24 hours.", plural(used, "request", "requests"))}, c.Breaks...)
	}
	if environments+overview.Keys+overview.Trusted > 0 {
		c.Boxes = []box{{Name: "force", Label: "Delete what is in it too"}}
	}
	p := c.page("Delete "+o.Name, organizationsTrail())
	p.section = "organizations"
	if f.Err() != nil {
		return again(p, f.Err())
	}
	return p, nil
}

func (s *studio) deleteOrganization(v *visit) (answer, error) {
	o, err := v.api.Organization(v.ctx(), v.path("id"))
	if err != nil {
		return nil, err
	}
	if err := v.confirmed(o.Name); err != nil {
		return s.deletion(v, v.form().with(err))
	}
	if err := v.api.DeleteOrganization(v.ctx(), o.ID, v.typed("force") == "on"); err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return nil, err
		}
		return s.deletion(v, v.form().with(err))
	}
	return moved{to: root + "/organizations", notice: "The organization " + o.Name + " is deleted."}, nil
}
