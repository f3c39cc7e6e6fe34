package studio

import (
	"net/http"
	"testing"

	"github.com/adit-hq/adit/internal/access"
)

func TestTheFirstPageOfAPersonWithOneOrganizationIsIts(t *testing.T) {
	s := newStage(t, access.Owner)
	w := s.get("/studio/")
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != s.org() {
		t.Errorf("%d to %q", w.Code, to)
	}
	s.see(s.get(s.org()), http.StatusOK, "<h1>", "acme")
}
