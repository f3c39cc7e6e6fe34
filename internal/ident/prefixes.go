package ident

// What identifiers name, besides a [Request].
const (
	// Organization names a tenant; it stands in the subject of its tokens.
	Organization Prefix = "org"
	// Environment names an organization's binding to an AWS role; it stands in the subject too.
	Environment Prefix = "env"
	// Key names an API key.
	Key Prefix = "key"
	// Token names one token: its jti.
	Token Prefix = "tok"
	// Person names somebody who signs in.
	Person Prefix = "usr"
	// Session names one sign-in of a person; it is not what proves it.
	Session Prefix = "ses"
	// Trust names another issuer whose tokens an organization takes in place of API keys.
	Trust Prefix = "tru"
	// Budget names a bound of what may be spent.
	Budget Prefix = "bud"
)
