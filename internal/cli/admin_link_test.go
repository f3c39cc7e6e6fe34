package cli

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/control/wire"
)

func TestAdminLinkSaysByWhichClockItEnds(t *testing.T) {
	ends := time.Date(2027, 1, 31, 12, 3, 0, 0, time.UTC)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		if err := json.NewEncoder(w).Encode(wire.Link{URL: "https://adit.example.com/studio/link", Login: "admin", Expires: ends}); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(s.Close)
	d := &desk{t: t, environ: []string{"ADIT_SERVER=" + s.URL, "ADIT_API_KEY=adit_test"}}
	d.adit("admin", "link").exits(0).says("before " + ends.Local().Format("15:04 MST") + ":")
}

func TestAdminListsLinksThatWaitAndTakesThemBack(t *testing.T) {
	ends := time.Date(2027, 1, 31, 12, 3, 0, 0, time.UTC)
	var asked []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.Path)
		switch {
		case r.Method == http.MethodGet:
			ann := wire.PendingLink{Login: "ann", Roles: []wire.Membership{{Role: "operator"}}, MadeBy: wire.LinkMaker{ID: "system"}, Created: ends.Add(-10 * time.Minute), Expires: ends}
			w.Header().Set("Content-Type", "application/json")
			if err := json.NewEncoder(w).Encode(wire.Page[wire.PendingLink]{Items: []wire.PendingLink{ann}}); err != nil {
				t.Error(err)
			}
		case strings.HasSuffix(r.URL.Path, "/ann"):
			w.WriteHeader(http.StatusNoContent)
		default:
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusNotFound)
			if err := json.NewEncoder(w).Encode(wire.Problem{Status: 404, ErrorID: "req_1", Kind: "not_found", Detail: "this login has no pending link"}); err != nil {
				t.Error(err)
			}
		}
	}))
	t.Cleanup(s.Close)
	d := &desk{t: t, environ: []string{"ADIT_SERVER=" + s.URL, "ADIT_API_KEY=adit_test"}}
	d.adit("admin", "links", "--operators").exits(0).says("ann", "operator", "system", at(ends))
	d.adit("admin", "links", "--operators", "-o", "json").exits(0).says(`"login": "ann"`, `"expires": "2027-01-31T12:03:00Z"`)
	d.adit("admin", "unlink", "ann", "--operators").exits(0).tells("The link of ann does not work any more.")
	d.adit("admin", "unlink", "../ann", "--operators").exits(0) // it stays one name
	d.adit("admin", "unlink", "bob", "--operators").exits(3).tells("this login has no pending link")
	links := "/api/v1/operator/links"
	if d := cmp.Diff([]string{"GET " + links, "GET " + links, "DELETE " + links + "/ann", "DELETE " + links + "/../ann", "DELETE " + links + "/bob"}, asked); d != "" {
		t.Error(d)
	}
}

func TestAdminLinkRefusesARoleThatIsNoneWhereItIsAskedFor(t *testing.T) {
	d := &desk{t: t, environ: []string{"ADIT_SERVER=http://127.0.0.1:1", "ADIT_API_KEY=adit_test"}}
	d.adit("admin", "link", "ann", "--role", "owner").exits(2).tells("the role owner is one in an organization", "Add --org NAME")
	d.adit("admin", "link", "ann", "--role", "invoke", "--org", "research").exits(2).tells("people have no role invoke", "owner, admin, developer or auditor")
	d.adit("admin", "link", "ann", "--role", "operator", "--org", "research").exits(2).tells("not the organization research")
}
