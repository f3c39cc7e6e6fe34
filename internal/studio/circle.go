package studio

import (
	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

// circle is people who are looked after together: the members of an
// organization, or the server's operators. Their pages are the same.
type circle struct {
	Operators bool
	// Where is what a role in it is of, as sentences say it.
	Where string
	// Page is its own page, and section the row of the navigation.
	Page    link
	section string
}

// circle is the one that the page is of.
func (v *visit) circle() circle {
	if v.Org.ID == "" {
		return circle{Operators: true, Where: "this server", Page: link{Label: "Operators", URL: root + "/operators"}, section: "operators"}
	}
	return circle{Where: v.Org.Name, Page: link{Label: "Organization", URL: v.At("organization")}, section: "organization"}
}

// At is the URL of one of its pages: At("members", id).
func (c circle) At(parts ...string) string { return address(c.Page.URL, parts...) }

// circleRoutes are the rows below the page of a circle.
func (s *studio) circleRoutes(page string, read, write access.Permission) []route {
	const one = "/members/{person}"
	return []route{
		get(page+"/invite", write, s.invitePage),
		post(page+"/invite", write, s.invite),
		post(page+"/links/{login}/revoke", write, s.revokeLink),
		get(page+one, read, s.member),
		get(page+one+"/remove", write, s.removeMemberPage),
		post(page+one+"/remove", write, s.removeMember),
		post(page+one+"/sign-out", write, s.signOutMember),
	}
}

// peopleData is what the part of a page with a circle's people draws.
type peopleData struct {
	Circle  circle
	Members wire.Page[wire.Person]
	Links   wire.Page[wire.PendingLink]
	Search  string
	// Change: who looks may invite, remove and take back.
	Change bool
}

// mostLinks is how many links are shown; they live for minutes, so more are rare.
const mostLinks = 200

// people reads who is in the circle of the page, and who is invited.
func (v *visit) people(filters ...string) (peopleData, error) {
	d := peopleData{Circle: v.circle(), Search: v.query("search")}
	d.Change = v.mayChange(d.Circle)
	var err error
	if d.Links, err = v.api.LinkPage(v.ctx(), v.Org.ID, client.List{Limit: mostLinks}); err != nil {
		return d, err
	}
	d.Members, err = v.api.MemberPage(v.ctx(), v.Org.ID, v.list(filters...))
	return d, err
}

func (s *studio) operatorsRoutes() []route {
	const page, all = "/operators", access.WriteOperator
	return append(s.circleRoutes(page, all, all), get(page, all, s.operators))
}

// operatorsData is what the operators' page draws.
type operatorsData struct{ People peopleData }

func (s *studio) operators(v *visit) (answer, error) {
	d, err := v.people()
	if err != nil {
		return nil, err
	}
	return page{
		template: "operators", title: "Operators", lead: "People who run the whole server and act in every organization.",
		section: "operators", data: operatorsData{d},
		actions: []link{{Label: "Invite operator", URL: d.Circle.At("invite"), Primary: true}},
	}, nil
}
