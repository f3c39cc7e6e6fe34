package openai

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ingress"
	"github.com/adit-hq/adit/internal/secret"
)

// Authenticator tells who calls, by an API key.
type Authenticator struct {
	// Keys are those of the server's settings; whoever holds one is Holder.
	Keys []secret.String
	// Holder is who holds one of Keys, and who calls without a key where that is
	// allowed; the zero Caller means caller.Local.
	Holder caller.Caller
	// Identify tells whose any other key is, or returns a fault of kind
	// Unauthenticated or Forbidden; nil knows none.
	Identify func(ctx context.Context, presented string) (caller.Caller, error)
	// Refused is asked when a key was refused, and returns the fault that answers
	// the request: that one, or another, such as when its address sends too many
	// wrong ones. nil: always that one.
	Refused func(r *http.Request, err error) error
	// Open reports whether whoever reaches the server is Holder, with any key or
	// none. Such a server must listen on loopback only; requests that a web page
	// could have made its reader's browser send are refused. nil means: when
	// there are no Keys.
	Open func() bool
}

// open reports whether a key is not needed at this moment.
func (a Authenticator) open() bool {
	if a.Open == nil {
		return len(a.Keys) == 0
	}
	return a.Open()
}

// aditKey begins every API key that Adit made: such a one is meant, even where none is needed.
const aditKey = "adit_"

// caller returns who calls, or a fault of kind Unauthenticated or Forbidden.
func (a Authenticator) caller(r *http.Request) (caller.Caller, error) {
	key := ingress.Key(r)
	if a.open() && (a.Identify == nil || !strings.HasPrefix(key, aditKey)) {
		return a.holder(), nil
	}
	if key == "" {
		return caller.Caller{}, fault.New(fault.Unauthenticated, "the request has no API key").
			WithCode("invalid_api_key").WithRemedy("Send it as `Authorization: Bearer KEY` or `X-API-Key: KEY`.")
	}
	c, err := a.whose(r.Context(), key)
	if err != nil && a.Refused != nil {
		err = a.Refused(r, err)
	}
	return c, err
}

// whose returns who holds a key.
func (a Authenticator) whose(ctx context.Context, key string) (caller.Caller, error) {
	known := false
	for _, k := range a.Keys { // all of them: the time must not tell which one was near
		known = k.Equal(key) || known
	}
	switch {
	case known:
		return a.holder(), nil
	case a.Identify != nil:
		return a.Identify(ctx, key)
	}
	return caller.Caller{}, fault.New(fault.Unauthenticated, "the API key is unknown").
		WithCode("invalid_api_key").WithRemedy("Check that it is complete, or ask the operator of this server for a new one.")
}

func (a Authenticator) holder() caller.Caller {
	if a.Holder.Key == "" {
		return caller.Local()
	}
	return a.Holder
}

// guarded refuses, on a server that needs no keys, what did not come from a
// program on this machine: another Host (a name that an attacker points at
// loopback), or an Origin that is not the server's own.
func (a Authenticator) guarded(api *API, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !a.open():
			next.ServeHTTP(w, r)
		case !ingress.Loopback(r.Host):
			api.fail(w, r, fault.New(fault.Forbidden, "a server without API keys answers only requests for this machine, and this one names another host").
				WithRemedy("Use http://localhost, or set API keys with ADIT_API_KEYS."))
		case r.Header.Get("Origin") != "" && !sameOrigin(r):
			api.fail(w, r, fault.New(fault.Forbidden, "a server without API keys refuses requests from web pages").
				WithRemedy("Set API keys with ADIT_API_KEYS."))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func sameOrigin(r *http.Request) bool {
	u, err := url.Parse(r.Header.Get("Origin"))
	return err == nil && u.Host == r.Host
}
