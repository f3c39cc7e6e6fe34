package studio

import (
	"log/slog"
	"net/http"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signin"
)

func (s *studio) signinRoutes() []route {
	return []route{
		open(get("/sign-in", "", s.signInPage)),
		open(get("/sign-in/password", "", backTo("/sign-in"))),
		open(post("/sign-in/password", "", s.signInByPassword)),
		open(get("/sign-in/oidc", "", s.beginOIDC)),
		open(get("/sign-in/callback", "", s.finishOIDC)),
		post("/sign-out", "", s.signOut),
	}
}

// signInData is what the sign-in page draws.
type signInData struct {
	Form     form
	Provider string // "": none
	WhyNot   string // why nobody can sign in here; "": somebody can
	Return   string
}

func (s *studio) signIn(v *visit, f form, back string) page {
	p := page{
		template: "sign-in", title: "Sign in", plain: true,
		data: signInData{Form: f, Provider: s.ProviderName, WhyNot: v.whyNotHere(), Return: localPath(back)},
	}
	if v.whyNotHere() != "" {
		p.status = http.StatusForbidden
	}
	return p
}

func (s *studio) signInPage(v *visit) (answer, error) {
	if v.who != nil {
		return moved{to: localPath(v.query("return"))}, nil
	}
	return s.signIn(v, form{}, v.query("return")), nil
}

func (s *studio) signInByPassword(v *visit) (answer, error) {
	back := v.typed("return")
	if v.whyNotHere() != "" {
		return s.signIn(v, form{}, back), nil
	}
	login := v.typed("login")
	o, err := s.People.SignIn(v.ctx(), login, secret.New(v.posted().Get("password")), v.origin())
	if err != nil {
		p := s.signIn(v, filled(map[string]string{"login": login}).with(err), back)
		return p.refused(err), nil
	}
	return v.begin(o, back), nil
}

// begin gives the browser its new session, and ends the one that it had: a
// session is never older than its last sign-in.
func (v *visit) begin(o signin.Opened, back string) answer {
	if v.who != nil {
		if err := v.People.SignOut(v.ctx(), *v.who, v.origin()); err != nil {
			v.note(slog.LevelError, err)
		}
	}
	v.setCookie(sessionCookie, o.Token.Reveal(), o.Session.Ends)
	return moved{to: localPath(back)}
}

// beginOIDC goes on at the provider. It is a GET, started by a link: browsers
// apply form-action to redirects too.
func (s *studio) beginOIDC(v *visit) (answer, error) {
	if s.ProviderName == "" {
		return nil, fault.New(fault.NotFound, "sign-in with a provider is not set up here").WithRemedy("Sign in with a username and password, or a link.")
	}
	if v.whyNotHere() != "" {
		return s.signIn(v, form{}, v.query("return")), nil
	}
	flow, err := s.People.Begin(v.ctx(), localPath(v.query("return")))
	if err != nil {
		p := s.signIn(v, form{}.with(err), v.query("return"))
		return p.refused(err), nil
	}
	v.setCookie(flowCookie, flow.Cookie.Reveal(), flow.Expires)
	return moved{to: flow.URL}, nil
}

// finishOIDC is where the provider sends people back to. What it brings counts
// only together with the cookie of the browser that began.
func (s *studio) finishOIDC(v *visit) (answer, error) {
	if s.ProviderName == "" || v.whyNotHere() != "" {
		return s.signIn(v, form{}, ""), nil
	}
	cookie := v.cookie(flowCookie)
	v.dropCookie(flowCookie)
	opened, back, err := s.People.Finish(v.ctx(), cookie, v.r.URL.Query(), v.origin())
	if err != nil {
		p := s.signIn(v, form{}.with(err), back)
		return p.refused(err), nil
	}
	return v.begin(opened, back), nil
}

func (s *studio) signOut(v *visit) (answer, error) {
	if err := s.People.SignOut(v.ctx(), *v.who, v.origin()); err != nil {
		return nil, err
	}
	v.dropCookie(sessionCookie)
	return moved{to: root + "/sign-in", notice: "You are signed out."}, nil
}
