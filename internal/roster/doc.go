// Package roster knows what registries of configured things do alike. A [Roster]
// finds the things of one snapshot by organization, id and name: organizations,
// environments, API keys, trusted issuers. [Change] changes a thing as it was read,
// these and budgets. [Uses] collects when keys and issuers were last used until
// that is written.
//
// It does not know what the things are, who may change them, or how they are stored.
package roster
