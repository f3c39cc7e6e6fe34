// Package signin knows the people who use Adit in a browser: who they are, what
// roles they have in which organizations, how they prove it (a password, a
// one-time link, another OIDC provider), and the sessions that follow.
//
// Sessions and links are kept by hashes of their tokens, so a copy of the
// database opens none. A password is kept as argon2id's answer.
//
// The package does not know cookies, pages or routes, and not what a role may
// do; access knows that.
package signin
