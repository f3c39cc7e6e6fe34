package ident

import "testing"

func TestACommandIsToldTheOrganizationUnlessItLooksThereByItself(t *testing.T) {
	for organization, want := range map[string]string{"": "prod", "default": "prod", "research": "prod --org research"} {
		if got := Argument("prod", organization); got != want {
			t.Errorf("in %q: %q, want %q", organization, got, want)
		}
	}
}

func TestAShellTakesAQuotedArgumentAsItIs(t *testing.T) {
	for argument, want := range map[string]string{
		"/srv/adit": "/srv/adit", "http://127.0.0.1:8090": "http://127.0.0.1:8090", "": "''",
		"/srv/of acme": "'/srv/of acme'", "/srv/$HOME/*": "'/srv/$HOME/*'", "it's": `'it'\''s'`, "~/x": "'~/x'",
	} {
		if got := Quoted(argument); got != want {
			t.Errorf("%s: %s, want %s", argument, got, want)
		}
	}
}
