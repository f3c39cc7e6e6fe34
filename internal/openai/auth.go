package openai

import (
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

// Authenticator tells who calls, by an API key.
type Authenticator struct {
	// Keys are all that are accepted. Without any, whoever reaches the server is
	// the local caller, so that it must listen on loopback only; requests that a
	// web page could have made its reader's browser send are refused.
	Keys []secret.String
}

// caller returns who calls, or a fault of kind Unauthenticated.
func (a Authenticator) caller(r *http.Request) (caller.Caller, error) {
	if len(a.Keys) == 0 {
		return caller.Local(), nil
	}
	key := bearer(r)
	if key == "" {
		return caller.Caller{}, fault.New(fault.Unauthenticated, "the request has no API key").
			WithCode("invalid_api_key").WithRemedy("Send it as `Authorization: Bearer KEY` or `X-API-Key: KEY`.")
	}
	known := false
	for _, k := range a.Keys { // all of them: the time must not tell which one was near
		known = k.Equal(key) || known
	}
	if !known {
		return caller.Caller{}, fault.New(fault.Unauthenticated, "the API key is not known here").
			WithCode("invalid_api_key").WithRemedy("Check it for a missing character, and ask who runs this server for a new one.")
	}
	return caller.Local(), nil
}

func bearer(r *http.Request) string {
	scheme, key, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if ok && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(key)
	}
	return r.Header.Get("X-API-Key")
}

// guarded refuses, on a server without keys, what did not come from a program
// on this machine: another Host (a name that an attacker points at loopback),
// or an Origin that is not the server's own.
func (a Authenticator) guarded(api *API, next http.Handler) http.Handler {
	if len(a.Keys) > 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !loopback(r.Host):
			api.fail(w, r, fault.New(fault.Forbidden, "without API keys this server answers only on this machine, and the request is for another host").
				WithRemedy("Use http://localhost, or give the server keys with ADIT_API_KEYS."))
		case r.Header.Get("Origin") != "" && !sameOrigin(r):
			api.fail(w, r, fault.New(fault.Forbidden, "without API keys this server takes no requests of web pages").
				WithRemedy("Give the server keys with ADIT_API_KEYS."))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func loopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]")
	}
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

func sameOrigin(r *http.Request) bool {
	u, err := url.Parse(r.Header.Get("Origin"))
	return err == nil && u.Host == r.Host
}
