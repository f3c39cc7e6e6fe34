package studio

import (
	"strings"
	"testing"
)

func TestCommandsInAnAdviceAreDrawnAsCode(t *testing.T) {
	for text, want := range map[string]string{
		"Run `adit aws setup` again.":     "Run <code>adit aws setup</code> again.",
		"`a` and `b`":                     "<code>a</code> and <code>b</code>",
		"a ` alone":                       "a ` alone",
		"`<script>` <b>\u202e":            "<code>&lt;script&gt;</code> &lt;b&gt;\ufffd",
		"":                                "",
		"`</code><img onerror=x>` & more": "<code>&lt;/code&gt;&lt;img onerror=x&gt;</code> &amp; more",
	} {
		if got := string(prose(text)); got != want {
			t.Errorf("%q:\n got %s\nwant %s", text, got, want)
		}
	}
}

func FuzzProseHasNoMarkupButCode(f *testing.F) {
	f.Add("Run `x` <b>")
	f.Fuzz(func(t *testing.T, text string) {
		rest := strings.NewReplacer("<code>", "", "</code>", "").Replace(string(prose(text)))
		if strings.ContainsAny(rest, "<>\"") {
			t.Errorf("%q became %q", text, rest)
		}
	})
}
