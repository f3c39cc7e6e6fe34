package trust_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/trust"
)

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, subject string
		want             bool
	}{
		{mainBranch, mainBranch, true},
		{mainBranch, mainBranch + "x", false},
		{mainBranch, "x" + mainBranch, false},
		{"repo:acme/*:ref:refs/heads/main", mainBranch, true},
		{"repo:acme/*:ref:refs/heads/main", "repo:acme/a:b:ref:refs/heads/main", false},
		{"repo:acme/*:ref:refs/heads/main", "repo:acme/a/b:ref:refs/heads/main", false},
		{"repo:acme/*:ref:refs/heads/main", "repo:acme/:ref:refs/heads/main", true},
		{"repo:acme/*", mainBranch, false},
		{"repo:acme/search:*", mainBranch, false},
		{"repo:acme/search:*:*/*/*", mainBranch, true},
		{"repo:acme/search:ref:refs/heads/release-*", "repo:acme/search:ref:refs/heads/release-1.2", true},
		{"repo:acme/search:ref:refs/heads/release-*", "repo:acme/search:ref:refs/heads/release-1/evil", false},
		{"system:serviceaccount:search:*", "system:serviceaccount:search:indexer", true},
		{"system:serviceaccount:search:*", "system:serviceaccount:search:", true},
		{"system:serviceaccount:search:*", "system:serviceaccount:search-evil:indexer", false},
		{"a*b*c", "abbbbc", true},
		{"a*b*c", "a-c", false},
		{"a*b*c", "ab/c", false},
		{"*a", "aaa", true},
		{"a.c", "abc", false},
		{"a?c", "abc", false},
		{"a[bc]", "ab", false},
		{"a\\*", "a\\x", true},
		{"^a$", "a", false},
		{"ü*", "üé", true},
		{"a", "", false},
		{"a*", "a\n", true}, // which no token's subject may have
		{"a*", "A", false},
	} {
		if got := trust.Fits(c.pattern, c.subject); got != c.want {
			t.Errorf("%q and %q: %v", c.pattern, c.subject, got)
		}
	}
}

// reference says the same by a regular expression.
func reference(pattern string) *regexp.Regexp {
	quoted := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, `[^:/]*`)
	return regexp.MustCompile(`(?s)\A` + quoted + `\z`)
}

func TestAPatternFitsPartByPart(t *testing.T) {
	split := func(text string) []string { return regexp.MustCompile(`[:/]`).Split(text, -1) }
	separators := func(text string) string {
		return strings.Map(func(r rune) rune {
			if r == ':' || r == '/' {
				return r
			}
			return -1
		}, text)
	}
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringMatching(`[ab*:/]{0,12}`).Draw(t, "pattern")
		subject := rapid.StringMatching(`[ab:/]{0,12}`).Draw(t, "subject")
		if rapid.Bool().Draw(t, "likely") { // otherwise few of them fit
			subject = strings.ReplaceAll(pattern, "*", rapid.StringMatching(`[ab]{0,3}[:/]?`).Draw(t, "instead"))
		}
		want := separators(pattern) == separators(subject)
		if want {
			parts := split(subject)
			for i, p := range split(pattern) {
				want = want && reference(p).MatchString(parts[i])
			}
		}
		if got := trust.Fits(pattern, subject); got != want || got != reference(pattern).MatchString(subject) {
			t.Fatalf("%q and %q: %v", pattern, subject, got)
		}
	})
}

func FuzzFits(f *testing.F) {
	f.Add(mainBranch, mainBranch)
	f.Add("repo:acme/*:ref:*/*", mainBranch)
	f.Add("a*b*c*", "abcabc/")
	f.Add(strings.Repeat("a*", 50), strings.Repeat("a", 100)+":")
	f.Fuzz(func(t *testing.T, pattern, subject string) {
		if len(pattern) > 200 || len(subject) > 2000 || !strings.Contains(pattern, "*") && pattern != subject && trust.Fits(pattern, subject) {
			if len(pattern) <= 200 && len(subject) <= 2000 {
				t.Fatalf("%q and %q", pattern, subject)
			}
			return
		}
		got := trust.Fits(pattern, subject)
		if strings.ToValidUTF8(pattern, "") == pattern && strings.ToValidUTF8(subject, "") == subject && got != reference(pattern).MatchString(subject) {
			t.Fatalf("%q and %q: %v", pattern, subject, got)
		}
		if got && strings.Count(pattern, ":") != strings.Count(subject, ":") {
			t.Fatalf("%q crosses a colon in %q", pattern, subject)
		}
	})
}

func TestPatternsThatNameNobodyAreRefused(t *testing.T) {
	s := newServer(t)
	for pattern, want := range map[string]string{
		"":                                 "missing",
		"*":                                "no one in particular",
		"**":                               "no one in particular",
		"*:*":                              "no one in particular",
		"*/*:*":                            "no one in particular",
		":":                                "no one in particular",
		"repo:acme/**":                     "never crosses",
		" repo:acme/x":                     "printable",
		"repo:acme/x ":                     "printable",
		"repo:acme/\x00":                   "printable",
		"repo:acme/\u202ex":                "printable",
		"repo:acme/\xff":                   "printable",
		strings.Repeat("a", 1025):          "1024",
		"repo:" + strings.Repeat("é", 600): "1024",
	} {
		_, err := s.trust.Create(t.Context(), system(), trust.Input{Organization: orgA, Name: "n", URL: s.issuer.URL, Subject: pattern})
		f := fault.From(err)
		if err == nil || f.Param != "subject" || f.Code != "invalid_input" || !strings.Contains(f.Sentence(), want) {
			t.Errorf("%.40q: %v", pattern, err)
		}
		if strings.HasPrefix(want, "n") && f.Remedy == "" {
			t.Errorf("%.40q: no remedy", pattern)
		}
	}
}

// At issuers that serve everybody, a pattern has to say whose tokens it means.
func TestPatternsOfSharedIssuersNameTheirOwner(t *testing.T) {
	s := newServer(t)
	for _, c := range []struct {
		issuer, pattern string
		want            bool
	}{
		{"https://token.actions.githubusercontent.com", "repo:acme/*:ref:refs/heads/main", true},
		{"https://token.actions.githubusercontent.com", "repo:*/search:ref:refs/heads/main", false},
		{"https://token.actions.githubusercontent.com", "repo:ac*/search:ref:refs/heads/main", false},
		{"https://token.actions.githubusercontent.com", "*:acme/search:ref:refs/heads/main", false},
		{"https://token.actions.githubusercontent.com", "repo:acme*", false},
		{"https://token.actions.githubusercontent.com", "repo:acme/search:*", true},
		{"https://token.actions.githubusercontent.com/acme", "repo:*/search:*", false},
		{"https://gitlab.com", "project_path:acme/*:ref_type:branch:ref:main", true},
		{"https://accounts.google.com", "103200000000000000000", true},
		{"https://accounts.google.com", "1032*", false},
		{"https://gitlab.com", "project_path:*/*:ref_type:branch:ref:main", false},
		{"https://app.terraform.io", "organization:acme:project:*:workspace:*:run_phase:apply", true},
		{"https://app.terraform.io", "organization:*:project:*:workspace:*:run_phase:apply", false},
		{"https://app.eu.terraform.io", "organization:acme:project:*:workspace:*:run_phase:apply", true},
		{"https://app.eu.terraform.io", "organization:*:project:*:workspace:*:run_phase:apply", false},
		{"https://agent.buildkite.com", "organization:*:pipeline:search:*", false},
		{"https://gitlab.example.com", "project_path:*/*:ref_type:branch:ref:main", true},
		{"https://kubernetes.example.com", "system:serviceaccount:*:indexer", true},
	} {
		_, err := s.trust.Create(t.Context(), system(), trust.Input{Organization: orgA, Name: c.issuer + c.pattern, URL: c.issuer, Subject: c.pattern})
		if (err == nil) != c.want {
			t.Errorf("%s, %s: %v", c.issuer, c.pattern, err)
		}
	}
}
