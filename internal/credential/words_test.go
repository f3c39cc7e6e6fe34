package credential

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"
)

func TestScrubTakesSecretsAndFurtherLinesOut(t *testing.T) {
	for text, want := range map[string]string{
		"token abcdef was refused.":  "token [redacted] was refused",
		"first\nabcdef":              "first",
		" spaced ":                   "spaced",
		strings.Repeat("é", 200):     strings.Repeat("é", 150) + "…",
		"abcdef\nsecond is cut away": "[redacted]",
	} {
		if got := scrub(text, []string{"abcdef\n", ""}); got != want {
			t.Errorf("scrub(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestOnlyAWSsOwnNoIsARefusal(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"expired": {denial(), true},
		"network": {errors.New("connection refused"), false},
		"timeout": {context.DeadlineExceeded, false},
		"a proxy's page": {&smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: &http.Response{StatusCode: http.StatusForbidden}},
			Err:      errors.New("this is HTML"),
		}, false},
		"wrapped": {fmt.Errorf("operation error STS: %w", denial()), true},
	} {
		if refused(c.err) != c.want {
			t.Errorf("%s: refused = %v", name, !c.want)
		}
	}
}

func TestTheEnvironmentMayNameFilesUnderTheHomeDirectory(t *testing.T) {
	for _, c := range []struct {
		env  []string
		want string
	}{
		{[]string{"HOME=/h", "USERPROFILE=/h"}, "/h/.aws/config"},
		{[]string{"HOME=/h", "USERPROFILE=/h", "AWS_CONFIG_FILE=~/c"}, "/h/c"},
		{[]string{"HOME=/h", "USERPROFILE=/h", "AWS_CONFIG_FILE=/else/c"}, "/else/c"},
		{[]string{"AWS_CONFIG_FILE=~/c"}, "~/c"},
		{[]string{"NOT A PAIR"}, ""},
	} {
		if got := strings.ReplaceAll(newEnviron(c.env).configFile(), `\`, "/"); got != c.want {
			t.Errorf("%q: config file = %q, want %q", c.env, got, c.want)
		}
	}
}

func TestSectionsAreReadAsAWSToolsReadThem(t *testing.T) {
	got := sections("stray = 1\n[default]\r\nKEY = v\n# note = x\n[ profile   dev ] # dev\n[broken\nb=c\n")
	want := []section{
		{"default", 2, map[string]bool{"key": true}},
		{"profile dev", 5, map[string]bool{"b": true}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(section{})); diff != "" {
		t.Error(diff)
	}
}

func FuzzSections(f *testing.F) {
	f.Add("[default]\naws_access_key_id = A\n")
	f.Add("[profile x]\r\n[")
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		for _, s := range sections(text) {
			if s.line <= last || s.line > strings.Count(text, "\n")+1 {
				t.Fatalf("line %d after %d", s.line, last)
			}
			last = s.line
			if strings.ContainsAny(s.head, "\n") || utf8.ValidString(text) && !utf8.ValidString(s.head) {
				t.Fatalf("head = %q", s.head)
			}
		}
	})
}
