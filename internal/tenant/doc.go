// Package tenant knows organizations and their environments: what they may look
// like, who may see which, and when an environment may be used.
//
// An environment is an organization's binding to one AWS role in one region. It
// is pending until its role was seen to refuse the subjects of others; then it
// is ready, or unsafe until somebody answers for it, and failing while AWS
// refuses it. Ids are random, never chosen by a client, and never come again.
//
// The package does not talk to AWS, does not know tokens or API keys, and does
// not know where anything is kept: it reads from memory what [Registry.Set] was
// given, and changes things through a [Store].
package tenant
