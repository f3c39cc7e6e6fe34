package trust

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/adit-hq/adit/internal/fault"
)

// maxSubject bounds a pattern, and the subject of a token, in bytes. OpenID Connect
// Core 2 allows 255 characters; some issuers write more.
const maxSubject = 1024

// separates reports whether c is one of the two characters that a "*" never crosses.
func separates(c byte) bool { return c == ':' || c == '/' }

// Fits reports whether a pattern stands for the whole of a subject. A "*" is any
// number of characters, also none, but no ":" and no "/"; every other character
// is itself.
func Fits(pattern, subject string) bool {
	p, s := 0, 0
	star, from := -1, 0 // the last "*", and where what it stands for ends so far
	for s < len(subject) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, s
			p++
		case p < len(pattern) && pattern[p] == subject[s]:
			p++
			s++
		case star >= 0 && !separates(subject[from]):
			// An earlier "*" need not be tried: it would only leave less to this one.
			from++
			p, s = star+1, from
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// checkSubject notes what is wrong with a pattern for subjects of an issuer.
func checkSubject(f *fault.Inputs, pattern, issuer string) {
	switch {
	case pattern == "":
		f.Add("subject", "the subject pattern is missing: without one, anyone with a token of the issuer would get access")
	case len(pattern) > maxSubject:
		f.Add("subject", "the subject pattern must have at most %d bytes", maxSubject)
	case !printable(pattern) || strings.TrimSpace(pattern) != pattern:
		f.Add("subject", "the subject pattern must have only printable characters and must not begin or end with a space")
	case strings.Trim(pattern, "*:/") == "":
		remedied(f, "subject", "Name at least the part that is yours, such as repo:acme/search:ref:refs/heads/main or system:serviceaccount:team:*.",
			"the pattern %q names no one in particular: anyone with a token of the issuer could get access", pattern)
	case strings.Contains(pattern, "**"):
		remedied(f, "subject", "Write as many parts as the subject has, each with its own *, such as refs/heads/*/*.",
			"the pattern has **, but a * never crosses a colon or a slash, however many there are")
	case sharedIssuer(issuer) && strings.Contains(owner(pattern), "*"):
		remedied(f, "subject", "Write out the first two parts, such as repo:acme/*:ref:refs/heads/main; for Google, the whole number.",
			"this issuer gives tokens to anyone with an account there, and the pattern does not limit access to yours")
	}
}

// owner is the beginning of a pattern up to the second separator: where issuers
// that serve many customers say whose token it is.
func owner(pattern string) string {
	parts := 0
	for i := range len(pattern) {
		if separates(pattern[i]) {
			if parts++; parts == 2 {
				return pattern[:i]
			}
		}
	}
	return pattern
}

// sharedIssuer reports whether an issuer gives tokens to the customers of a
// public service, told apart by sub alone (GitHub: "Security hardening with
// OpenID Connect", repo:OWNER/REPO:…; GitLab: "ID token", project_path:GROUP/…;
// Terraform, in the USA and in Europe: "Workload identity tokens", organization:NAME:…; Buildkite: "OIDC",
// organization:NAME:…; Google: "OpenID Connect", a number, for any audience that
// somebody's service account asks for).
func sharedIssuer(issuer string) bool {
	u, err := url.Parse(issuer)
	if err != nil {
		return false
	}
	switch strings.ToLower(u.Hostname()) {
	case "token.actions.githubusercontent.com", "gitlab.com", "app.terraform.io", "app.eu.terraform.io", "agent.buildkite.com", "accounts.google.com":
		return true
	}
	return false
}

// printable reports whether text can be shown and stored as it is.
func printable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) })
}

func remedied(f *fault.Inputs, field, remedy, format string, args ...any) {
	*f = append(*f, fault.New(fault.Invalid, format, args...).WithParam(field).WithCode("invalid_input").WithRemedy("%s", remedy))
}
