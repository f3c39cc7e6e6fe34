package ident

import "testing"

func TestACommandIsToldTheOrganizationUnlessItLooksThereByItself(t *testing.T) {
	for organization, want := range map[string]string{"": "prod", "default": "prod", "research": "prod --org research"} {
		if got := Argument("prod", organization); got != want {
			t.Errorf("in %q: %q, want %q", organization, got, want)
		}
	}
}
