package cli

import (
	"strings"
	"testing"
)

func TestARotatedKeyShowsWhenItWasLastUsed(t *testing.T) {
	d := newDesk(t)
	created := d.adit("key", "create", "ci", "--role", "admin", "-o", "json").exits(0).json()
	if r := d.adit("key", "rotate", "ci").exits(0); strings.Contains(r.out, "last used") {
		t.Errorf("nobody used the key:\n%s", r.out)
	}
	d.with("ADIT_API_KEY="+created["secret"].(string)).adit("env", "list").exits(0)
	d.adit("key", "rotate", "ci").exits(0).says("last used     20", "old secret")
	if k := d.adit("key", "rotate", "ci", "-o", "json").exits(0).json()["key"].(map[string]any); k["last_used"] == nil {
		t.Errorf("%v", k)
	}
}
