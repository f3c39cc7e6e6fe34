package app

import (
	"fmt"
	"slices"

	"github.com/adit-hq/adit/internal/tenant"
)

// callersOf names the API keys and trusted issuers that are bound to an environment.
func (s *state) callersOf(e tenant.Environment) []string {
	return s.callersWith(e.Organization, func(environments []string) bool { return slices.Contains(environments, e.ID) })
}

// callersOfOrganization names all API keys and trusted issuers of an organization.
func (s *state) callersOfOrganization(o tenant.Organization) []string {
	return s.callersWith(o.ID, func([]string) bool { return true })
}

// callersWith names those of an organization whose environments are such. What
// cannot be read is left out: the deletion itself asks again.
func (s *state) callersWith(organization string, such func(environments []string) bool) (names []string) {
	keys, _ := s.keys.Keys(organization)
	for _, k := range keys {
		if such(k.Environments) {
			names = append(names, fmt.Sprintf("the API key %s (%s)", k.Name, k.ID))
		}
	}
	issuers, _ := s.trusted.Issuers(organization)
	for _, i := range issuers {
		if such(i.Environments) {
			names = append(names, fmt.Sprintf("the trusted issuer %s (%s)", i.Name, i.ID))
		}
	}
	return names
}
