package cli

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/control/wire"
)

// people serves a control API that knows one operator, and notes what else is asked.
func people(t *testing.T, asked *[]string) *desk {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method+r.URL.Path == "GET/api/v1/operator/people" {
			root := wire.Person{ID: "usr_1", Login: "root", Name: "Root", Roles: []wire.Membership{{Role: "operator"}}}
			w.Header().Set("Content-Type", "application/json")
			if err := json.NewEncoder(w).Encode(wire.Page[wire.Person]{Items: []wire.Person{root}}); err != nil {
				t.Error(err)
			}
			return
		}
		*asked = append(*asked, r.Method+" "+r.URL.Path)
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(s.Close)
	return &desk{t: t, environ: []string{"ADIT_SERVER=" + s.URL, "ADIT_API_KEY=adit_test"}}
}

func TestAdminOfOperatorsListsThemSignsThemOutAndRemovesThem(t *testing.T) {
	var asked []string
	d := people(t, &asked)
	d.adit("admin", "list", "--operators").exits(0).says("Root", "usr_1", "operator", "links")
	d.adit("admin", "sign-out", "root", "--operators").exits(0).tells("Root is signed out everywhere.")
	d.adit("admin", "remove", "Root", "--operators", "--yes").exits(0).tells("Root is removed.")
	if d := cmp.Diff([]string{"POST /api/v1/operator/people/usr_1/sign-out", "DELETE /api/v1/operator/people/usr_1"}, asked); d != "" {
		t.Error(d)
	}
	d.adit("admin", "remove", "ann", "--operators", "--yes").exits(2).tells("none of the operators is called ann", "adit admin list --operators")
	d.adit("admin", "list", "--operators", "--org", "research").exits(2).tells("--operators and --org cannot be combined")
	if len(asked) != 2 {
		t.Errorf("more was asked: %q", asked)
	}
}
