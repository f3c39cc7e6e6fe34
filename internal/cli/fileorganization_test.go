package cli

import "testing"

// TestWhoNamesNoOrganizationMeansThatOfTheFileWhateverItIsCalled: not the one
// that has its former name.
func TestWhoNamesNoOrganizationMeansThatOfTheFileWhateverItIsCalled(t *testing.T) {
	d := newDesk(t)
	d.adit("env", "create", "prod", "--region", "us-east-1").exits(0)
	d.adit("org", "update", "default", "--name", "acme").exits(0)
	d.adit("env", "show", "prod").exits(0)
	d.adit("org", "create", "default").exits(0)
	d.adit("env", "list").exits(0).says("prod")
	d.adit("env", "show", "prod", "--org", "default").exits(3)
	d.adit("env", "show", "prod", "--org", "acme").exits(0)
}

func TestWhoNamesNoOrganizationWhereNoneIsTheDefaultIsToldWhatToDo(t *testing.T) {
	d := newDesk(t)
	d.adit("org", "create", "research").exits(0)
	d.adit("org", "delete", "default", "--yes").exits(0)
	d.adit("env", "list").exits(3).tells("no organization is named", "--org NAME", "ADIT_ORG", "adit org list")
	d.adit("env", "list", "--org", "research").exits(0)
}
