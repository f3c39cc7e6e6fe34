package studio

import (
	"net/http"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signin"
)

func (s *studio) accountRoutes() []route {
	return []route{
		get("/account", "", s.account),
		get("/account/password", "", backTo("/account")), // a form that was refused stands under its address
		post("/account/password", "", s.changePassword),
		post("/account/sessions/end", "", s.endSession),
		post("/account/sessions/end-all", "", s.endAllSessions),
	}
}

// accountData is what the page of the person draws.
type accountData struct {
	Person   signin.Person
	Roles    []roleRow
	Sessions []signin.Session
	This     string // id of the session that asks
	Form     form
}

// roleRow is a role and where it holds.
type roleRow struct{ Role, Where, URL string }

func (s *studio) account(v *visit) (answer, error) { return s.accountPage(v, form{}) }

func (s *studio) accountPage(v *visit, f form) (answer, error) {
	sessions, err := s.People.Sessions(v.ctx(), v.who.Person.ID)
	if err != nil {
		return nil, err
	}
	p := page{
		template: "account", title: "Account and sessions", status: http.StatusOK,
		data: accountData{Person: v.who.Person, Roles: v.roles(), Sessions: sessions, This: v.who.Session.ID, Form: f},
	}
	if f.Err() != nil {
		p.status = status(f.Err())
	}
	return p, nil
}

// roles are what the person is where. An organization that cannot be read now is shown by its id.
func (v *visit) roles() []roleRow {
	var rows []roleRow
	for _, m := range v.who.Person.Roles {
		row := roleRow{Role: string(m.Role), Where: "the whole server"}
		if m.Organization != "" {
			row.Where, row.URL = m.Organization, address(root+"/o", m.Organization)
			if org, _, err := v.find(m.Organization); err == nil {
				row.Where = org.Name
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func (s *studio) changePassword(v *visit) (answer, error) {
	old, password := v.posted().Get("old_password"), v.posted().Get("new_password")
	if password != v.posted().Get("again") {
		return s.accountPage(v, form{}.with(fault.New(fault.Invalid, "the two passwords are not the same").WithParam("again")))
	}
	err := s.People.SetPassword(v.ctx(), *v.who, secret.New(old), secret.New(password), v.origin())
	if err != nil {
		f := form{}.with(err)
		if fault.KindOf(err) == fault.Internal {
			return nil, err
		}
		return s.accountPage(v, f)
	}
	return moved{to: root + "/account", notice: "The password is changed. Your other sessions have ended."}, nil
}

func (s *studio) endSession(v *visit) (answer, error) {
	id := v.typed("session")
	if id == "" { // none named would mean all
		return nil, fault.New(fault.Invalid, "no session is named").WithRemedy("Choose one in the list.")
	}
	if _, err := s.People.EndSessions(v.ctx(), v.by(), v.who.Person.ID, []string{id}); err != nil {
		return nil, err
	}
	if id == v.who.Session.ID {
		return v.leave("You are signed out."), nil
	}
	return moved{to: root + "/account", notice: "That session has ended."}, nil
}

func (s *studio) endAllSessions(v *visit) (answer, error) {
	if _, err := s.People.EndSessions(v.ctx(), v.by(), v.who.Person.ID, nil); err != nil {
		return nil, err
	}
	return v.leave("You are signed out everywhere."), nil
}

// leave forgets the session that has ended.
func (v *visit) leave(notice string) answer {
	v.dropCookie(sessionCookie)
	return moved{to: root + "/sign-in", notice: notice}
}

// by is the person as who changes something of their own, for which nobody needs a
// role: who is no operator has none outside of organizations.
func (v *visit) by() signin.By {
	p := v.principal
	p.Key.ID, p.Key.Name = v.who.Person.ID, v.who.Person.Called()
	return signin.By{Principal: p, Address: v.address}
}
