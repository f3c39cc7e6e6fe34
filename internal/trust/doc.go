// Package trust knows the issuers whose tokens an organization takes in place of
// API keys: a Kubernetes cluster's, GitHub Actions'. Who presents such a token at
// /v1 is a caller of the organization, with limits, tags and a name as a key has.
//
// A token must be made for the audience adit:ORGANIZATION_ID, which Adit fixes:
// a token for one organization is never taken by another that trusts the same
// issuer.
//
// The package does not know HTTP routes, and not which addresses may be called;
// its client comes from egress.
package trust
