package issuer

import (
	"errors"
	"net/url"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
)

// maxURL is AWS's limit (IAM API reference, CreateOpenIDConnectProvider).
const maxURL = 255

// CheckURL returns a fault for every rule of AWS that a public URL breaks, all
// joined: https, a host name in lower case, a path without slash at its end,
// and nothing else; at most 255 characters. AWS compares the URL to the letter
// with a token's iss, and names condition keys after it, so it must never change.
func CheckURL(text string) error {
	var faults []error
	rule := func(holds bool, format string, args ...any) {
		if !holds {
			faults = append(faults, fault.New(fault.Config, "the issuer URL "+format, args...).WithParam("issuer_url").WithCode("bad_issuer_url").
				WithRemedy("Give the public URL under which AWS reaches this server, such as https://issuer.example.com."))
		}
	}
	if text == "" {
		rule(false, "is not set")
		return errors.Join(faults...)
	}
	rule(len(text) <= maxURL, "has %d characters; AWS accepts at most %d", len(text), maxURL)
	u, err := url.Parse(text)
	if err != nil {
		rule(false, "cannot be read as a URL") // err may quote a password
		return errors.Join(faults...)
	}
	rule(u.Scheme == "https" && strings.HasPrefix(text, "https://"), "does not begin with https://, which AWS requires")
	rule(u.User == nil, "contains a user name or password")
	rule(!strings.Contains(u.Host, ":"), "names a port, which AWS does not allow: the server, or a proxy in front of it, must answer on port 443")
	rule(!u.ForceQuery && u.RawQuery == "" && !strings.Contains(text, "?"), "has a query")
	rule(!strings.Contains(text, "#"), "has a fragment")
	rule(u.Host == strings.ToLower(u.Host), "has upper-case letters in its host name; AWS compares it exactly")
	rule(hostName(u.Hostname()), "has no host name of letters, digits, hyphens and dots (write other scripts in punycode)")
	rule(!strings.HasSuffix(u.Path, "/"), "ends with a slash, which would be part of every condition key in AWS")
	rule(plainPath(u.EscapedPath()), "has a path with empty or dotted parts, or with characters other than letters, digits and - . _ ~")
	return errors.Join(faults...)
}

func hostName(host string) bool {
	if host == "" || len(host) > 253 {
		return false
	}
	for label := range strings.SplitSeq(strings.ToLower(host), ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || !only(label, "-") {
			return false
		}
	}
	return true
}

func plainPath(path string) bool {
	path = strings.TrimSuffix(path, "/") // told already
	if path == "" {
		return true
	}
	for part := range strings.SplitSeq(path[1:], "/") {
		if part == "" || part == "." || part == ".." || !only(part, "-._~") {
			return false
		}
	}
	return true
}

// only reports whether s is made of ASCII letters, digits and the others.
func only(s, others string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && strings.IndexByte(others, c) < 0 {
			return false
		}
	}
	return true
}
