// Package roster knows what all registries of configured things do alike: hold
// the things of one snapshot by organization, id and name; change one of them as
// it was read; and collect when they were last used until that is written.
//
// It does not know what the things are, who may change them, or how they are stored.
package roster
