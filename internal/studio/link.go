package studio

import (
	"net/http"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

func (s *studio) linkRoutes() []route {
	return []route{
		open(get("/link", "", s.linkPage)),
		open(post("/link", "", s.useLink)),
	}
}

// linkData is what the page of a link draws.
type linkData struct {
	Form    form
	Login   string
	Token   string
	Exists  bool // there is a person of the login already
	Expires time.Time
	WhyNot  string
}

// linkPage shows for whom a link is. Looking does not use it: programs that
// open links in messages to check them would.
func (s *studio) linkPage(v *visit) (answer, error) {
	return s.link(v, v.query("token"), form{})
}

func (s *studio) link(v *visit, token string, f form) (answer, error) {
	p := page{template: "link", title: "Sign in by a link", plain: true}
	if why := v.whyNotHere(); why != "" {
		p.status, p.data = http.StatusForbidden, linkData{WhyNot: why}
		return p, nil
	}
	l, exists, err := s.People.LinkOf(v.ctx(), token)
	if err != nil {
		return nil, deadLink(err)
	}
	p.data = linkData{Form: f, Login: l.Login, Token: token, Exists: exists, Expires: l.Expires}
	if f.Err() != nil {
		p.status = status(f.Err())
	}
	return p, nil
}

// deadLink says how to get another one.
func deadLink(err error) error {
	if f := fault.From(err); f.Kind != fault.NotFound && f.Kind != fault.Unauthenticated {
		return err
	}
	return fault.Wrap(err, fault.NotFound, "this link no longer works: links work once, and for ten minutes").
		WithRemedy("Ask for another one. Who runs the server makes one with `adit admin link`.")
}

func (s *studio) useLink(v *visit) (answer, error) {
	token, password, repeated := v.posted().Get("token"), v.posted().Get("password"), v.posted().Get("again")
	if v.whyNotHere() != "" {
		return s.link(v, token, form{})
	}
	if password != repeated {
		err := fault.New(fault.Invalid, "the two passwords are not the same").WithParam("again")
		return s.link(v, token, form{}.with(err))
	}
	opened, err := s.People.UseLink(v.ctx(), token, secret.New(password), v.origin())
	switch {
	case err == nil:
	case fault.KindOf(err) == fault.Invalid: // such as a password that is too short; the link is still good
		return s.link(v, token, form{}.with(err))
	default:
		return nil, deadLink(err)
	}
	return v.begin(opened, ""), nil
}
