package egress

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
)

// The bounds of a URL (names: RFC 1035).
const (
	maxURL   = 2048
	maxName  = 253
	maxLabel = 63
)

// CheckURL tells early what can be told without asking anybody: it takes https
// URLs of a public name or address on port 443, and others as far as the policy
// may allow their addresses. What a name resolves to is looked at with every
// call, since it may change. A fault is of kind Invalid, "url_refused".
func CheckURL(raw string, p Policy) (*url.URL, error) {
	if err := checkText(raw); err != nil {
		return nil, err
	}
	u, err := url.Parse(raw)
	if err != nil || u.Opaque != "" || u.Scheme != "https" {
		return nil, refused("the URL cannot be read").WithRemedy("Give one such as https://issuer.example.com/path.")
	}
	if len(u.String()) > maxURL { // as it is sent: some characters take three then
		return nil, tooLong()
	}
	port, err := portOf(u)
	if err != nil {
		return nil, err
	}
	host := u.Hostname()
	if a, err := netip.ParseAddr(host); err == nil {
		if strings.Contains(u.Host, "[") != a.Is6() {
			return nil, refused("the URL's host cannot be read")
		}
		if why := p.why(a, port); why != "" {
			return nil, forbidden("the URL's host is not allowed: %s", why)
		}
		return u, nil
	}
	if err := checkName(host, len(p.Allow) > 0); err != nil {
		return nil, err
	}
	if port != httpsPort && len(p.Allow) == 0 && p.why(netip.AddrFrom4([4]byte{1, 1, 1, 1}), port) != "" {
		return nil, forbidden("the URL names port %d; only port 443 is allowed", port)
	}
	return u, nil
}

func tooLong() error { return refused("a URL must have 1 to %d characters", maxURL) }

// checkText refuses what programs read differently, before any of them reads it.
func checkText(raw string) error {
	if raw == "" || len(raw) > maxURL {
		return tooLong()
	}
	for i := range len(raw) {
		if c := raw[i]; c <= ' ' || c >= 0x7f || c == '\\' {
			return refused("the URL has an invalid character").
				WithRemedy("Write international names in their xn-- form, and percent-encode the rest.")
		}
	}
	rest, https := strings.CutPrefix(raw, "https://")
	if !https {
		return refused("the URL does not begin with https://")
	}
	if strings.Contains(raw, "#") {
		return refused("the URL has a fragment (#), which is never sent")
	}
	authority := rest
	if end := strings.IndexAny(rest, "/?"); end >= 0 {
		authority = rest[:end]
	}
	switch {
	case authority == "":
		return refused("the URL has no host")
	case strings.Contains(authority, "@"):
		return refused("the URL contains a user name or password")
	case strings.Contains(authority, "%"):
		return refused("the URL's host is percent-encoded or names a network interface")
	}
	return nil
}

func portOf(u *url.URL) (uint16, error) {
	text := u.Port()
	if text == "" {
		if strings.HasSuffix(u.Host, ":") {
			return 0, refused("the URL has a colon after its host, but no port")
		}
		return httpsPort, nil
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 || strconv.FormatUint(port, 10) != text {
		return 0, refused("the URL's port is not a number from 1 to 65535")
	}
	return uint16(port), nil
}

// checkName holds a host to the names of public DNS, so that nothing is left to
// how a resolver reads numbers, search lists or a dot at the end.
func checkName(host string, private bool) error {
	labels := strings.Split(strings.ToLower(host), ".")
	if host == "" || len(host) > maxName {
		return refused("a host name must have 1 to %d characters", maxName)
	}
	for _, label := range labels {
		if !isLabel(label) {
			return refused("the URL's host is neither a name of letters, digits and hyphens with single dots between, nor an address in its usual form")
		}
	}
	last := labels[len(labels)-1]
	if isNumber(last) {
		return refused("the URL's host is a number, which resolvers may read as an address").WithRemedy("Write the address in its usual form.")
	}
	if private {
		return nil
	}
	if len(labels) == 1 {
		return forbidden("the URL's host is a single-label name, which only a private network can resolve")
	}
	switch last {
	case "localhost", "local", "internal", "intranet", "lan", "home", "corp", "svc":
		return forbidden("the URL's host ends in .%s, which only a private network can resolve", last)
	}
	if strings.HasSuffix(strings.ToLower(host), ".home.arpa") {
		return forbidden("the URL's host ends in .home.arpa, which only a private network can resolve")
	}
	return nil
}

func isLabel(label string) bool {
	if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	for i := range len(label) {
		c := label[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// isNumber reports whether old resolvers take a last label for a part of an IPv4
// address: all digits, or hexadecimal (WHATWG URL, "ends in a number").
func isNumber(label string) bool {
	digits, hex := strings.CutPrefix(label, "0x")
	allowed := "0123456789"
	if hex {
		allowed += "abcdef"
	}
	return strings.Trim(digits, allowed) == ""
}

func refused(format string, args ...any) *fault.Error {
	return fault.New(fault.Invalid, format, args...).WithCode("url_refused")
}

// forbidden is what another policy would let pass.
func forbidden(format string, args ...any) *fault.Error {
	return refused(format, args...).
		WithRemedy("Use a public https address, or ask Adit's operator to allow this one.")
}
