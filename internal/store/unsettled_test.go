package store_test

import (
	"testing"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/store/storetest"
)

// Who is told that nothing was made would make it again.
func TestAChangeWhoseCommitIsNotAnsweredIsNotSaidToHaveFailed(t *testing.T) {
	u, _ := parse(t, storetest.Postgres().New(t))
	gate := open(t, u.Host)
	u.Host = gate.address()
	s := storetest.Open(t, u.String())
	gate.losing.Store(true)
	err := s.CreateOrganization(t.Context(), storetest.Organization("acme"))
	if f := fault.From(err); f == nil || f.Kind != fault.Unavailable || f.Code != "outcome_unknown" || f.Remedy == "" || gate.losing.Load() {
		t.Errorf("%v", err)
	}
	if n, err := s.Snapshot(t.Context()); err != nil || len(n.Organizations) != 1 {
		t.Errorf("there are %d organizations, %v", len(n.Organizations), err)
	}
	gate.shut()
	if err := s.CreateOrganization(t.Context(), storetest.Organization("other")); fault.From(err).Code != "database_down" {
		t.Errorf("before any COMMIT: %v", err)
	}
}
