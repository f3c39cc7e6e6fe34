package app

import (
	"net/http"

	"github.com/adit-hq/adit/internal/secret"
)

// SignIn is an OIDC provider that people sign in to Studio with.
type SignIn struct {
	// Issuer is the provider's URL, as its tokens say it; "" is none.
	Issuer   string
	ClientID string
	Secret   secret.String
	// Name is what the sign-in page calls it; "" means the issuer's host.
	Name string
	// Scopes are asked for besides openid, profile and email.
	Scopes []string
	// Rules say who gets which role, such as "group:platform=owner@default".
	Rules []string
	// HTTP reaches the provider; nil means the network.
	HTTP *http.Client
}
