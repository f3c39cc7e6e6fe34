package app

import (
	"testing"

	"github.com/adit-hq/adit/internal/fault"
)

func TestABudgetsTargetIsReadFromTheDatabaseOnlyForAPersonsID(t *testing.T) {
	whole := startReplica(t, newAWS(t), nil).state
	bare := &state{tenants: whole.tenants, keys: whole.keys, trusted: whole.trusted} // to ask for people panics
	for _, gone := range []string{"env_aaaaaaaaaaaaaaaaaaaaaaaa", "key_aaaaaaaaaaaaaaaaaaaaaaaa", "tru_aaaaaaaaaaaaaaaaaaaaaaaa", "prod"} {
		if _, _, err := bare.target(whole.file, gone); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: %v", gone, err)
		}
	}
	if _, _, err := whole.target(whole.file, "usr_aaaaaaaaaaaaaaaaaaaaaaaa"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a person who is not there: %v", err)
	}
}
