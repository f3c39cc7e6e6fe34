package audit_test

import (
	"maps"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/audit"
)

func TestAnEventIsPrintableAndBoundedAfterCleaning(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringN(0, -1, 3000), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
		e := audit.Event{
			Time:  time.Unix(rapid.Int64Range(0, 1<<33).Draw(r, "s"), rapid.Int64Range(0, 999_999_999).Draw(r, "ns")),
			Actor: audit.Actor{Name: text.Draw(r, "name")}, Target: text.Draw(r, "target"), Outcome: text.Draw(r, "outcome"),
			Details: rapid.MapOfN(text, text, 0, 5).Draw(r, "details"),
		}
		clean := e.Clean()
		all := []string{clean.Actor.Name, clean.Target, clean.Outcome}
		for name, value := range clean.Details {
			all = append(all, name, value)
		}
		for _, s := range all {
			if !utf8.ValidString(s) || len(s) > 1024 || strings.ContainsFunc(s, unicode.IsControl) {
				r.Fatalf("%q", s)
			}
		}
		if d := cmp.Diff(clean, clean.Clean()); d != "" {
			r.Fatalf("cleaning twice changes something: %s", d)
		}
	})
}

func TestWhatLooksLikeASecretIsTakenOut(t *testing.T) {
	key := "adit_0123456789abcdef01234567_" + strings.Repeat("aB3", 16)
	token := "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl"
	for in, want := range map[string]string{
		"key " + key + ".":                                        "key [redacted]",
		"Authorization: Bearer " + token + ";":                    "Authorization: Bearer [redacted];",
		"-----BEGIN PRIVATE KEY----- MII":                         "[redacted]",
		"arn:aws:iam::123456789012:role/adit_prod_x is no secret": "arn:aws:iam::123456789012:role/adit_prod_x is no secret",
		"eyJ alone": "eyJ alone",
	} {
		got := audit.Event{Details: map[string]string{"x": in}}.Clean().Details["x"]
		if got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestADetailMapThatIsTooLargeKeepsItsFirstNames(t *testing.T) {
	details := map[string]string{}
	for i := range 200 {
		details[string(rune('一'+i))] = "x"
	}
	before := maps.Clone(details)
	if got := (audit.Event{Details: details}).Clean(); len(got.Details) != 64 || got.Details["一"] != "x" {
		t.Errorf("%d details", len(got.Details))
	}
	if !maps.Equal(before, details) {
		t.Error("cleaning changed the caller's map")
	}
}
