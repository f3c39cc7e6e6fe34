package studio

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signin"
)

const (
	stageOrg  = "org_5f0c2d1e9a7b4c3d2e1f0a9b"
	otherOrg  = "org_aaaaaaaaaaaaaaaaaaaaaaaa"
	stageEnv  = "env_0a9b5f0c2d1e9a7b4c3d2e1f"
	stageUser = "usr_2e1f0a9b5f0c2d1e9a7b4c3d"
)

// visitor is Studio with a control API that answers what the test says, and one
// person who is signed in. It is for the tests of all pages.
type visitor struct {
	t       *testing.T
	handler http.Handler
	people  *fakePeople
	api     *fakeAPI
	token   string // of the session; "": nobody is signed in
}

// newStage signs in a person with the role in stageOrg; access.Operator is of the whole server.
func newStage(t *testing.T, role access.Role, change ...func(*Settings)) *visitor {
	t.Helper()
	st := &visitor{t: t, people: newFakePeople(role), api: newFakeAPI(t), token: "token-1"}
	s := Settings{
		People: st.people, Client: st.api.client, Version: "test", ProviderName: "Acme",
		Now: stageNow,
	}
	for _, c := range change {
		c(&s)
	}
	h, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	st.handler = h
	org := wire.Organization{ID: stageOrg, Name: "acme", Created: stageNow().Add(-time.Hour), Version: 1}
	st.api.answer("GET /organizations/"+stageOrg, org)
	st.api.answer("GET /organizations/"+stageOrg+"/members/links", wire.Page[wire.PendingLink]{})
	st.api.answer("GET /organizations/"+stageOrg+"/overview", wire.Overview{Organization: org})
	return st
}

func stageNow() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// get asks for a page below /studio, as the person.
func (s *visitor) get(path string, header ...string) *httptest.ResponseRecorder {
	return s.do(http.MethodGet, path, nil, header...)
}

// post sends a form.
func (s *visitor) post(path string, form url.Values, header ...string) *httptest.ResponseRecorder {
	return s.do(http.MethodPost, path, form, header...)
}

// do sends a request of the same site; headers are names and values.
func (s *visitor) do(method, path string, form url.Values, header ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(form.Encode()))
	r.RemoteAddr = "127.0.0.1:40000"
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if s.token != "" {
		r.AddCookie(&http.Cookie{Name: sessionCookie, Value: s.token})
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// org is a path of the organization's pages.
func (s *visitor) org(parts ...string) string { return address(root+"/o/"+stageOrg, parts...) }

// see fails the test unless the answer has the status and all of the texts.
func (s *visitor) see(w *httptest.ResponseRecorder, status int, texts ...string) {
	s.t.Helper()
	if w.Code != status {
		s.t.Errorf("status = %d, want %d; %.2000s", w.Code, status, w.Body.String())
		return
	}
	for _, text := range texts {
		if !strings.Contains(w.Body.String(), text) {
			s.t.Errorf("the page lacks %q:\n%.6000s", text, w.Body.String())
		}
	}
}

// forget forgets what was asked so far.
func (s *visitor) forget() { s.api.asked, s.people.did = nil, nil }

// fakeAPI is a control API that answers what it was told. It keeps what was asked.
type fakeAPI struct {
	t       *testing.T
	answers map[string]func(r *http.Request) (int, any)
	// Asked are the requests so far: "POST /organizations/… {body}".
	asked []asked
}

type asked struct{ Method, Path, Query, Body, By string }

func newFakeAPI(t *testing.T) *fakeAPI {
	return &fakeAPI{t: t, answers: map[string]func(*http.Request) (int, any){}}
}

// answer has "METHOD /path" (below /api/v1) answered with a body as JSON.
func (a *fakeAPI) answer(what string, body any) {
	a.answers[what] = func(*http.Request) (int, any) { return http.StatusOK, body }
}

// refuse has it answered with a problem.
func (a *fakeAPI) refuse(what string, p wire.Problem) {
	p.ErrorID = "req_1"
	a.answers[what] = func(*http.Request) (int, any) { return p.Status, p }
}

// changes are what was asked besides GETs.
func (a *fakeAPI) changes() []asked {
	var out []asked
	for _, q := range a.asked {
		if q.Method != http.MethodGet {
			out = append(out, q)
		}
	}
	return out
}

func (a *fakeAPI) client(p access.Principal, _ string) *client.Client {
	c, err := client.New(client.Settings{URL: "http://adit.invalid", HTTP: &http.Client{Transport: roundTrip(func(r *http.Request) *http.Response {
		return a.serve(p, r)
	})}})
	if err != nil {
		a.t.Fatal(err)
	}
	return c
}

type roundTrip func(*http.Request) *http.Response

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }

func (a *fakeAPI) serve(p access.Principal, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	path := strings.TrimPrefix(r.URL.Path, "/api/v1")
	q := asked{Method: r.Method, Path: path, Query: r.URL.RawQuery, By: p.Key.ID}
	if r.Body != nil {
		b, _ := io.ReadAll(r.Body)
		q.Body = string(b)
	}
	a.asked = append(a.asked, q)
	status, body := http.StatusNotFound, any(wire.Problem{
		Title: "Not Found", Status: http.StatusNotFound, Kind: "not_found", Detail: "there is no such thing: " + path, ErrorID: "req_1",
	})
	if answer, ok := a.answers[r.Method+" "+path]; ok && a.mayAsk(p, path) {
		status, body = answer(r)
	}
	media := "application/json"
	if status > 299 {
		media = "application/problem+json"
	}
	w.Header().Set("Content-Type", media)
	w.WriteHeader(status)
	switch body := body.(type) {
	case nil:
	case string: // such as lines of a stream
		_, _ = w.WriteString(body)
	default:
		_ = json.NewEncoder(w).Encode(body)
	}
	resp := w.Result()
	resp.Request = r
	return resp
}

// mayAsk is the one rule of authorization that the pages' tests need: another organization is not there.
func (a *fakeAPI) mayAsk(p access.Principal, path string) bool {
	rest, ok := strings.CutPrefix(path, "/organizations/")
	if !ok || p.Key.Organization == "" {
		return true
	}
	org, _, _ := strings.Cut(rest, "/")
	return org == p.Key.Organization
}

// fakePeople is one person with one session.
type fakePeople struct {
	Person   signin.Person
	sessions []signin.Session
	// fail is what every change comes to.
	fail error
	// did are the changes that were asked for.
	did []string
	// password is what signs in; link is the token that does.
	password, link string
}

func newFakePeople(role access.Role) *fakePeople {
	m := signin.Membership{Organization: stageOrg, Role: role}
	if role == access.Operator {
		m.Organization = ""
	}
	now := stageNow()
	return &fakePeople{
		Person: signin.Person{ID: stageUser, Login: "ada", Name: "Ada", Roles: []signin.Membership{m}, Password: "hash"},
		sessions: []signin.Session{
			{ID: "ses_1", Person: stageUser, Method: "password", Address: "192.0.2.1", Agent: "Firefox", Created: now.Add(-time.Hour), Seen: now, Ends: now.Add(24 * time.Hour)},
			{ID: "ses_2", Person: stageUser, Method: "oidc", Address: "192.0.2.2", Agent: "Safari", Created: now.Add(-2 * time.Hour), Seen: now.Add(-time.Hour), Ends: now.Add(24 * time.Hour)},
		},
		password: "correct horse", link: "link-1",
	}
}

func (f *fakePeople) opened() signin.Opened {
	return signin.Opened{Session: f.sessions[0], Person: f.Person, Token: secret.New("token-2")}
}

func (f *fakePeople) do(what string) error { f.did = append(f.did, what); return f.fail }

func (f *fakePeople) SignIn(_ context.Context, login string, password secret.String, _ signin.Origin) (signin.Opened, error) {
	if err := f.do("sign-in " + login); err != nil {
		return signin.Opened{}, err
	}
	if login != f.Person.Login || !password.Equal(f.password) {
		return signin.Opened{}, fault.New(fault.Unauthenticated, "the name or the password is wrong").WithCode("sign_in_failed")
	}
	return f.opened(), nil
}

func (f *fakePeople) LinkOf(_ context.Context, token string) (signin.Link, bool, error) {
	if token != f.link {
		return signin.Link{}, false, fault.New(fault.Unauthenticated, "this link was used, or is over").WithCode("link_ended")
	}
	return signin.Link{Login: f.Person.Login, Roles: f.Person.Roles, Expires: stageNow().Add(9 * time.Minute)}, true, nil
}

func (f *fakePeople) UseLink(_ context.Context, token string, password secret.String, _ signin.Origin) (signin.Opened, error) {
	what := "use-link"
	if !password.Empty() {
		what += " with a password"
	}
	if err := f.do(what); err != nil {
		return signin.Opened{}, err
	}
	if token != f.link {
		return signin.Opened{}, fault.New(fault.Unauthenticated, "this link was used, or is over").WithCode("link_ended")
	}
	return f.opened(), nil
}

func (f *fakePeople) Begin(_ context.Context, returnTo string) (signin.Flow, error) {
	return signin.Flow{URL: "https://login.example.com/authorize?state=s", Cookie: secret.New("flow " + returnTo), Expires: stageNow().Add(10 * time.Minute)}, f.fail
}

func (f *fakePeople) Finish(_ context.Context, cookie string, _ url.Values, _ signin.Origin) (signin.Opened, string, error) {
	if err := f.do("finish"); err != nil {
		return signin.Opened{}, "", err
	}
	return f.opened(), strings.TrimPrefix(cookie, "flow "), nil
}

func (f *fakePeople) Session(_ context.Context, token string) (signin.SignedIn, error) {
	if token != "token-1" && token != "token-2" {
		return signin.SignedIn{}, fault.New(fault.Unauthenticated, "the session is over").WithCode("session_ended")
	}
	return signin.SignedIn{Session: f.sessions[0], Person: f.Person}, nil
}

func (f *fakePeople) SignOut(context.Context, signin.SignedIn, signin.Origin) error {
	return f.do("sign-out")
}

func (f *fakePeople) Sessions(context.Context, string) ([]signin.Session, error) {
	return f.sessions, nil
}

func (f *fakePeople) EndSessions(_ context.Context, by signin.By, person string, ids []string) (int, error) {
	if by.Principal.Key.ID != person {
		return 0, fault.New(fault.NotFound, "there is no such person")
	}
	return max(1, len(ids)), f.do("end " + person + " " + strings.Join(ids, ","))
}

func (f *fakePeople) SetPassword(_ context.Context, _ signin.SignedIn, _, _ secret.String, o signin.Origin) error {
	return f.do("set-password from " + o.Address)
}

// deafPeople are those whose database is away.
type deafPeople struct{ People }

func (deafPeople) Session(context.Context, string) (signin.SignedIn, error) {
	return signin.SignedIn{}, fault.New(fault.Unavailable, "the database cannot be read").WithRemedy("Try again in a moment.")
}
