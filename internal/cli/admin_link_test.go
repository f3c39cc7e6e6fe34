package cli

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

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

func TestAdminLinkRefusesARoleThatIsNoneWhereItIsAskedFor(t *testing.T) {
	d := &desk{t: t, environ: []string{"ADIT_SERVER=http://127.0.0.1:1", "ADIT_API_KEY=adit_test"}}
	d.adit("admin", "link", "ann", "--role", "owner").exits(2).tells("the role owner is one in an organization", "Add --org NAME")
	d.adit("admin", "link", "ann", "--role", "invoke", "--org", "research").exits(2).tells("people have no role invoke", "owner, admin, developer or auditor")
	d.adit("admin", "link", "ann", "--role", "operator", "--org", "research").exits(2).tells("not the organization research")
}
