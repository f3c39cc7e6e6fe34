package app

import (
	"github.com/adit-hq/adit/internal/egress"
	"github.com/adit-hq/adit/internal/trust"
)

// openTrust makes the room of issuers whose tokens stand for API keys. They are
// called on a tenant's word, so only where the operator lets them be.
func (s *state) openTrust() {
	s.trusted = trust.New(trust.Settings{
		Store: s.store, Tenants: s.tenants, Egress: egress.Policy{Allow: s.settings.IssuerNetworks, Roots: s.settings.IssuerRoots},
		Own:     func(issuer string) bool { return s.issuer != nil && issuer == s.issuer.URL() },
		Refresh: s.Refresh, Fresh: s.fresh, Now: s.settings.Now, Log: s.log,
	})
}
