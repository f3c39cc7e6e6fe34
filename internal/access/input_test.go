package access_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
)

func TestANameThatIsTakenIsToldWithTheOtherFaults(t *testing.T) {
	s := newServer(t)
	by, past := access.By{Principal: access.System()}, s.clock().Add(-time.Hour)
	taken, _, err := s.keys.Create(t.Context(), by, access.Input{Organization: orgA, Name: "taken"})
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := s.keys.Create(t.Context(), by, access.Input{Organization: orgA, Name: "other"})
	if err != nil {
		t.Fatal(err)
	}
	_, _, created := s.keys.Create(t.Context(), by, access.Input{Organization: orgA, Name: "taken", Expires: past})
	_, changed := s.keys.Update(t.Context(), by, orgA, other.ID, access.Patch{Name: &taken.Name, Expires: &past})
	for _, err := range []error{created, changed} {
		if d := cmp.Diff([]string{"expires", "name"}, places(err)); d != "" {
			t.Error(d)
		}
	}
	_, same := s.keys.Update(t.Context(), by, orgA, taken.ID, access.Patch{Name: &taken.Name, Expires: &past})
	_, _, elsewhere := s.keys.Create(t.Context(), by, access.Input{Organization: orgB, Name: "taken", Expires: past})
	for _, err := range []error{same, elsewhere} {
		if f := fault.From(err); f == nil || f.Param != "expires" {
			t.Errorf("the name is its own, or another organization's: %v", err)
		}
	}
}
