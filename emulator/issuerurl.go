package emulator

import (
	"errors"
	"net/url"
	"strings"
)

// checkIssuerURL says why IAM and STS refuse an issuer's URL: anything but
// https, a port, a query or a fragment, or more than 255 characters (IAM API
// reference, CreateOpenIDConnectProvider).
func checkIssuerURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		return errors.New("it is not a URL")
	case u.Scheme != "https" || !strings.HasPrefix(text, "https://"):
		return errors.New("it must begin with https://")
	case strings.Contains(u.Host, ":") || u.User != nil:
		return errors.New("it must not have a port or a user")
	case strings.ContainsAny(text, "?#"):
		return errors.New("it must not have a query or a fragment")
	case len(text) > 255:
		return errors.New("it has more than 255 characters")
	}
	return nil
}
