package ingress

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Key returns the API key or token that a request presents, as `Authorization:
// Bearer KEY` or `X-API-Key: KEY`; "" without one.
func Key(r *http.Request) string {
	scheme, key, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if ok && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(key)
	}
	return r.Header.Get("X-API-Key")
}

// Loopback reports whether a Host header, or a host without a port, leads to this
// machine whoever answers for names: localhost, a name below it (RFC 6761), or a
// loopback address.
func Loopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(hostport, "["), "]")
	}
	host = strings.ToLower(host)
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}
