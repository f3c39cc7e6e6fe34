package studio

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signin"
)

// lostPeople are those whose database is away, and who say where it was.
type lostPeople struct{ People }

func databaseDown() error {
	return fault.New(fault.Unavailable, "the database cannot be reached").WithCode("database_down").
		WithRemedy("Check that it runs.").WithDetail("reading a session, PostgreSQL at db.internal:5432/adit")
}

func (lostPeople) Session(context.Context, string) (signin.SignedIn, error) {
	return signin.SignedIn{}, databaseDown()
}

// logged has a stage write its log where the test reads it.
func logged(to *strings.Builder) func(*Settings) {
	return func(s *Settings) { s.Log = slog.New(slog.NewTextHandler(to, nil)) }
}

func TestAStrangerIsToldThatTheDatabaseIsAwayAndNotWhereItIs(t *testing.T) {
	var log strings.Builder
	s := newStage(t, access.Operator, logged(&log), func(st *Settings) { st.People = lostPeople{st.People} })
	for _, path := range []string{"/studio/sign-in", s.org()} {
		log.Reset()
		w := s.get(path)
		s.see(w, http.StatusServiceUnavailable, "The database cannot be reached", "Check that it runs.")
		foundInLogOnly(t, w.Body.String(), log.String(), "db.internal")
	}
}

func TestWhyASignInFailedAtTheProviderIsForTheLog(t *testing.T) {
	var log strings.Builder
	s := newStage(t, access.Owner, logged(&log))
	s.token = ""
	s.people.fail = fault.New(fault.Refused, "the provider refused the sign-in").WithDetail("the token endpoint answered 401: invalid_client")
	w := s.get("/studio/sign-in/callback?code=c&state=s")
	s.see(w, http.StatusBadGateway, "The provider refused the sign-in")
	foundInLogOnly(t, w.Body.String(), log.String(), "invalid_client")
}

func TestOnlyWhoAdministersReadsInThePlaygroundWhatStandsBehindAFault(t *testing.T) {
	texts := url.Values{"model": {titan}, "texts": {"hello"}}
	for _, role := range []access.Role{access.Developer, access.Admin, access.Owner, access.Operator} {
		var log strings.Builder
		f := &fakeBench{fail: fault.New(fault.Config, "no AWS credentials were found").WithDetail("profile adit of /home/adit/.aws/config")}
		s, _ := bench(t, role, logged(&log), func(st *Settings) { st.Playground = f })
		w := s.post(s.org("playground"), texts)
		if role == access.Developer {
			foundInLogOnly(t, w.Body.String(), log.String(), ".aws/config")
			continue
		}
		s.see(w, http.StatusUnprocessableEntity, "No AWS credentials were found", ".aws/config")

		f.fail = databaseDown()
		if body := s.post(s.org("playground"), texts).Body.String(); strings.Contains(body, "db.internal") != (role == access.Operator) {
			t.Errorf("what a person of the role %s reads of the database: %s", role, body)
		}
	}
}

// foundInLogOnly fails the test unless the text is kept from the page, and found in
// the log by the id that the page shows.
func foundInLogOnly(t *testing.T, page, log, text string) {
	t.Helper()
	if strings.Contains(page, text) {
		t.Errorf("%q is shown: %s", text, page)
	}
	id := regexp.MustCompile(`Error id <code>(req_[0-9a-z]+)</code>`).FindStringSubmatch(page)
	if id == nil || !strings.Contains(log, "error_id="+id[1]) || !strings.Contains(log, text) {
		t.Errorf("the log has not what the page leaves out: %v %s", id, log)
	}
}
