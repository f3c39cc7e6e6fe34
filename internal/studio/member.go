package studio

import (
	"context"
	"fmt"
	"strconv"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// memberData is what a person's page draws.
type memberData struct {
	Circle circle
	Member wire.Person
	Role   string
	// ByRule: the role comes from the OIDC provider, and nobody changes it here.
	ByRule bool
	Self   bool
	Change bool
	Form   form
	Roles  []option // those to choose from; none for an operator, who has one
}

// findMember finds a person of the circle by id, and the role there.
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
	where := "in this organization"
	if v.circle().Operators {
		where = "on this server"
	}
	return wire.Person{}, "", fault.New(fault.NotFound, "nobody of that id has a role %s", where).WithRemedy("The list has those who do.")
}

func (s *studio) member(v *visit) (answer, error) { return s.memberPage(v, form{}) }

func (s *studio) backToMember(v *visit) (answer, error) {
	return moved{to: v.circle().At("members", v.path("person"))}, nil
}

func (s *studio) memberPage(v *visit, f form) (answer, error) {
	m, role, err := v.findMember()
	if err != nil {
		return nil, err
	}
	c := v.circle()
	d := memberData{Circle: c, Member: m, Role: role, ByRule: m.Issuer != "", Self: m.ID == v.who.Person.ID, Change: v.mayChange(c), Form: f}
	if !c.Operators {
		d.Roles = roleOptions(v.mayGive(), access.Role(role))
	}
	p := page{template: "organization-member", title: called(m), section: c.section, trail: []link{c.Page}, data: d}
	if f.Err() != nil {
		return again(p, f.Err())
	}
	return p, nil
}

// mayChange reports whether the person may change who is in the circle.
func (v *visit) mayChange(c circle) bool {
	if c.Operators {
		return v.May(access.WriteOperator)
	}
	return v.May(access.WriteMember)
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

// asSeen is a context in which the person is changed only as the form's page
// showed them: a role that somebody else gave meanwhile is not overwritten unseen.
func (v *visit) asSeen() context.Context {
	version, _ := strconv.ParseInt(v.typed("version"), 10, 64) // what is none asks for none
	return client.IfMatch(v.ctx(), version)
}

// overtaken says it of a person in place of the control API, whose remedy is for programs.
func overtaken(err error) error {
	if !conflicts(err) {
		return err
	}
	return fault.New(fault.Invalid, "somebody else changed this person after you opened the page, and nothing of yours is done yet").
		WithCode("conflict").WithRemedy("Look at what is here now, and send it once more if you still want it.")
}

func (s *studio) changeRole(v *visit) (answer, error) {
	m, err := v.api.UpdateMember(v.asSeen(), v.Org.ID, v.path("person"), wire.MemberPatch{Role: v.typed("role")})
	if err != nil {
		return s.memberPage(v, v.form().with(overtaken(err)))
	}
	return moved{to: v.circle().Page.URL, notice: fmt.Sprintf("%s is %s now.", called(m), v.typed("role"))}, nil
}

func (s *studio) removeMemberPage(v *visit) (answer, error) { return s.removal(v, form{}) }

func (s *studio) removal(v *visit, f form) (answer, error) {
	m, role, err := v.findMember()
	if err != nil {
		return nil, err
	}
	c := v.circle()
	breaks := []string{"What they were shown or made here stays: environments, API keys and their secrets. Rotate keys that they know."}
	breaks = append(breaks, v.whatGoes(m)...)
	page := c.At("members", m.ID)
	confirm := confirmation{
		What: fmt.Sprintf("%s will no longer be %s of %s.", called(m), role, c.Where), Breaks: breaks,
		To: c.At("members", m.ID, "remove"), Button: "Remove", Back: page, Form: f,
		Hidden: map[string]string{"version": strconv.FormatInt(m.Version, 10)},
	}
	p := confirm.page("Remove "+called(m), c.Page, link{Label: called(m), URL: page})
	p.section = c.section
	if f.Err() != nil {
		return again(p, f.Err())
	}
	return p, nil
}

// whatGoes says whether the account goes with the role. Only operators see every
// role of a person; others see those in their own organization.
func (v *visit) whatGoes(m wire.Person) []string {
	switch {
	case !v.Operator():
		return []string{"If it is their last role on this server, their account is deleted and their sessions end at once."}
	case len(m.Roles) == 1:
		return []string{"This is their last role: their account is deleted and their sessions end at once."}
	}
	return nil
}

func (s *studio) removeMember(v *visit) (answer, error) {
	id, c := v.path("person"), v.circle()
	if err := v.api.RemoveMember(v.asSeen(), v.Org.ID, id); err != nil {
		return s.removal(v, form{}.with(overtaken(err)))
	}
	done := moved{to: c.Page.URL, notice: "They have no role in this organization any more."}
	if c.Operators {
		done.notice = "They are no operator any more."
	}
	if id == v.who.Person.ID { // whose page that may not be any more
		done.to, done.notice = root+"/", "Your role here is gone."
	}
	return done, nil
}

func (s *studio) signOutMember(v *visit) (answer, error) {
	if err := v.api.SignOutMember(v.ctx(), v.Org.ID, v.path("person")); err != nil {
		return nil, err
	}
	return moved{to: v.circle().At("members", v.path("person")), notice: "All their sessions have ended."}, nil
}
