package signin

import (
	"errors"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/adit-hq/adit/internal/fault"
)

func flowEnded() error {
	return fault.New(fault.Unauthenticated, "this sign-in was begun more than %d minutes ago, in another browser, or not at all", int(flowLife/time.Minute)).
		WithCode("flow_ended").WithRemedy("Begin again from the sign-in page; cookies must be allowed.")
}

// saidNo puts an error of the provider's into words. Anybody can send a browser
// here with any text, so only words of the specifications are repeated.
func saidNo(p *Provider, word string) error {
	known := []string{
		"access_denied", "login_required", "interaction_required", "consent_required", "account_selection_required",
		"invalid_request", "invalid_scope", "unauthorized_client", "unsupported_response_type", "server_error", "temporarily_unavailable",
	}
	if !slices.Contains(known, word) {
		word = "an error that is not one of the specification"
	}
	return fault.New(fault.Unauthenticated, "%s did not sign you in (%s)", p.name, word).
		WithCode("sign_in_refused").WithRemedy("Try again; if it stays so, ask who looks after %s.", p.name)
}

// refused is one sentence for all that is wrong with a token; the reason is for administrators.
func refused(p *Provider, why error) error {
	return fault.New(fault.Unauthenticated, "what %s says of you could not be verified", p.name).
		WithCode("token_refused").WithRemedy("Try again; if it stays so, tell the administrator of this server.").
		WithDetail("%s", clean(why.Error()))
}

// notExchanged tells a provider that says no from one that does not answer. Its
// answer is not repeated: the code, or more, may be in it.
func notExchanged(p *Provider, err error) error {
	var said *oauth2.RetrieveError
	if errors.As(err, &said) && said.Response != nil && said.Response.StatusCode < 500 {
		word := said.ErrorCode
		if word == "" || len(word) > 40 || strings.Trim(word, "abcdefghijklmnopqrstuvwxyz_") != "" {
			word = "no code of the specification"
		}
		return fault.New(fault.Unauthenticated, "%s did not accept the answer that it gave your browser", p.name).
			WithCode("token_refused").WithRemedy("Begin again from the sign-in page.").
			WithDetail("the token endpoint answered %d: %s; invalid_client means that client id or secret are wrong", said.Response.StatusCode, word)
	}
	why := err
	if said != nil {
		why = errors.New("the token endpoint answered with a server's error")
	}
	return unreachable(p, why)
}

func unreachable(p *Provider, why error) error {
	return fault.Wrap(why, fault.Unavailable, "%s, with which you sign in, cannot be reached or does not answer as it should", p.name).
		WithCode("provider_unavailable").
		WithRemedy("Try again in a minute. An administrator can make you a link that signs in once.").
		WithDetail("the issuer is %s", p.issuer)
}
