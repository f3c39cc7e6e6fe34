package studio

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ingress"
	"github.com/adit-hq/adit/internal/signin"
)

// changingPeople are those of whom something is different from a moment on.
type changingPeople struct {
	People
	from time.Time
	then func(signin.SignedIn) (signin.SignedIn, error)
}

func (p changingPeople) Session(ctx context.Context, token string) (signin.SignedIn, error) {
	who, err := p.People.Session(ctx, token)
	if err == nil && !time.Now().Before(p.from) {
		return p.then(who)
	}
	return who, err
}

// endlessStage is one of an auditor whose exports do not end by themselves.
func endlessStage(t *testing.T, from time.Time, then func(signin.SignedIn) (signin.SignedIn, error)) *visitor {
	t.Helper()
	api := newFakeAPI(t)
	s := newStage(t, access.Auditor, func(st *Settings) {
		st.People, st.Client = changingPeople{st.People, from, then}, endless(api)
	})
	api.answers = s.api.answers
	return s
}

// endless answers an export with a row a second, until the one who asks ends it.
func endless(api *fakeAPI) func(access.Principal, string) *client.Client {
	return func(p access.Principal, _ string) *client.Client {
		rows := roundTrip(func(r *http.Request) *http.Response {
			if !strings.HasSuffix(r.URL.Path, "/audit/export") {
				return api.serve(p, r)
			}
			body, to := io.Pipe()
			go func() {
				for r.Context().Err() == nil {
					_, _ = io.WriteString(to, "{\"seq\":1}\n")
					select {
					case <-r.Context().Done():
					case <-time.After(time.Second):
					}
				}
				_ = to.CloseWithError(io.ErrUnexpectedEOF)
			}()
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: body, Request: r}
		})
		c, err := client.New(client.Settings{URL: "http://adit.invalid", HTTP: &http.Client{Transport: rows}})
		if err != nil {
			api.t.Fatal(err)
		}
		return c
	}
}

func TestAnExportEndsSecondsAfterTheSessionOrTheRoleIsGone(t *testing.T) {
	demoted := func(who signin.SignedIn) (signin.SignedIn, error) {
		who.Person.Roles = []signin.Membership{{Organization: stageOrg, Role: access.Developer}}
		return who, nil
	}
	moved := func(who signin.SignedIn) (signin.SignedIn, error) {
		who.Person.Roles = []signin.Membership{{Organization: otherOrg, Role: access.Owner}}
		return who, nil
	}
	gone := func(signin.SignedIn) (signin.SignedIn, error) {
		return signin.SignedIn{}, fault.New(fault.Unauthenticated, "the session has ended").WithCode("session_ended")
	}
	for name, c := range map[string]struct {
		then func(signin.SignedIn) (signin.SignedIn, error)
		says string
	}{
		"the session ended": {gone, "the session has ended"}, "the role is a smaller one": {demoted, "your role was changed"}, "the role is another organization's": {moved, "your role was changed"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				s := endlessStage(t, began.Add(10*time.Second), c.then)
				ctx, leave := context.WithTimeout(t.Context(), time.Minute)
				defer leave()
				w := getIn(ctx, s, s.org("audit.jsonl"))
				took := time.Since(began)
				s.see(w, http.StatusOK, `{"seq":1`, `"broken_off":"`+c.says)
				if took < 10*time.Second || took > 10*time.Second+ingress.AskAgain {
					t.Errorf("it went on for %s", took)
				}
			})
		})
	}
}

func TestAnExportGoesOnWhileTheDatabaseCannotTellOfTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away := func(signin.SignedIn) (signin.SignedIn, error) {
			return signin.SignedIn{}, errors.New("the database is away")
		}
		s := endlessStage(t, time.Now().Add(time.Second), away)
		ctx, leave := context.WithTimeout(t.Context(), time.Minute)
		defer leave()
		if w := getIn(ctx, s, s.org("audit.jsonl")); strings.Count(w.Body.String(), `{"seq":1`) < 59 {
			t.Errorf("it was broken off: %s", w.Body)
		}
	})
}

// getIn asks for a page until ctx ends.
func getIn(ctx context.Context, s *visitor, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "http://localhost"+path, nil)
	r.RemoteAddr = "127.0.0.1:40000"
	r.AddCookie(&http.Cookie{Name: sessionCookie, Value: s.token})
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}
