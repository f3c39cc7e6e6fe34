// Package signin knows the people who use Adit in a browser: who they are, what
// roles they have in which organizations, how they prove it (a password, a
// one-time link, another OIDC provider), and the sessions that follow.
//
// Whoever guesses is slowed down by login and by address; a guess is counted
// before anybody looks whether it is right. A one-time link works in spite of
// that, and the audit tells. A person of the OIDC provider is known by issuer and
// subject for ever, never by an e-mail address, and gets at each sign-in what the
// rules give then.
//
// Sessions and links are kept by hashes of their tokens, so a copy of the
// database opens none. A password is kept as argon2id's answer.
//
// The package does not know cookies, pages or routes, and not what a role may
// do; access knows that.
package signin
