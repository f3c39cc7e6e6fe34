package signin_test

import (
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signin"
)

func TestARuleIsReadAndWritten(t *testing.T) {
	for text, want := range map[string]signin.Rule{
		"group:platform=owner@default":        {Kind: signin.ByGroup, Value: "platform", Role: access.Owner, Organization: "default"},
		"group:a=b=operator":                  {Kind: signin.ByGroup, Value: "a=b", Role: access.Operator},
		"subject:auth0|x:y@z=auditor@a":       {Kind: signin.BySubject, Value: "auth0|x:y@z", Role: access.Auditor, Organization: "a"},
		"email:ada@example.com=admin@" + orgA: {Kind: signin.ByEmail, Value: "ada@example.com", Role: access.Admin, Organization: orgA},
		"domain:example.com=developer@a b":    {Kind: signin.ByDomain, Value: "example.com", Role: access.Developer, Organization: "a b"},
	} {
		got, err := signin.ParseRule(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	if r, err := signin.ParseRule("email:Ada@Example.COM=operator"); err != nil || r.Value != "ada@example.com" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestAllThatIsWrongWithARuleIsTold(t *testing.T) {
	for text, faults := range map[string]int{
		"": 1, "x": 1, "group:x": 1, "group=owner@a": 1, "\xff:x=owner@a": 1,
		"group:=owner@a":      1,
		"team:=king":          3, // kind, value, role
		"group:x=owner":       1,
		"group:x=owner@":      2,
		"group:x=operator@a":  1,
		"group:x=operator@":   1,
		"group:x=invoke@a":    1,
		"group: x=owner@a":    1,
		"group:x\x00=owner@a": 1,
		"group:x=owner@a\n":   1,
		"subject:" + strings.Repeat("x", 256) + "=owner@a": 1,
		"domain:*.example.com=owner@a":                     1,
		"domain:com=owner@a":                               1,
		"domain:@example.com=owner@a":                      1,
		"domain:example..com=owner@a":                      1,
		"domain:gmail.com=owner@a":                         1,
		"domain:GMail.com=operator":                        1,
		"email:example.com=owner@a":                        1,
		"email:*@example.com=owner@a":                      1,
		"email:a@b@example.com=owner@a":                    1,
		"email:ada@example.com =owner@a":                   2,
	} {
		r, err := signin.ParseRule(text)
		if err == nil || len(places(err)) != faults || fault.KindOf(err) != fault.Invalid || r != (signin.Rule{}) {
			t.Errorf("%q: %d faults: %v", text, len(places(err)), err)
		}
	}
}

func FuzzParseRule(f *testing.F) {
	for _, s := range []string{"group:platform=owner@default", "email:a@b.c=operator", "domain:EXAMPLE.com=admin@o", "subject:x=y=auditor@z", "::==@@", "domain:K.com=operator"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := signin.ParseRule(s)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("%v", err)
			}
			return
		}
		again, err := signin.ParseRule(r.String())
		if err != nil || again != r {
			t.Fatalf("%q is %+v, read again %+v, %v", s, r, again, err)
		}
		if r.Role == access.Operator != (r.Organization == "") || r.Value == "" {
			t.Fatalf("%+v", r)
		}
	})
}
