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
)
