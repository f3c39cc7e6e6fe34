package fault_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/fault"
)

func TestAllFaultsOfAnInputAreToldAtOnceEachWithItsPlace(t *testing.T) {
	var in fault.Inputs
	if err := in.Err(); err != nil {
		t.Errorf("nothing is wrong, and yet: %v", err)
	}
	in.Add("name", "the name is %s", "too long")
	if f := fault.From(in.Err()); f.Param != "name" || f.Kind != fault.Invalid || f.Code != "invalid_input" {
		t.Errorf("one fault: %+v", f)
	}
	in.Add("region", "there is no such region")
	err := in.Err()
	for _, part := range []string{"the name is too long", "there is no such region"} {
		if !strings.Contains(fault.From(err).Sentence(), part) {
			t.Errorf("%q is not told: %v", part, err)
		}
	}
	var all fault.Inputs
	if !errors.As(err, &all) || len(all.Unwrap()) != 2 || fault.From(all[1]).Param != "region" {
		t.Errorf("the places are lost: %v", all)
	}
}
