package app

import (
	"cmp"
	"net/http"
	"strings"
	"sync"

	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/spicepod"
)

// chains keeps one credential chain for all models whose credentials come from
// the same place, over reloads too.
type chains struct {
	settings Settings
	mu       sync.Mutex
	bySource map[string]*credential.Chain
}

func (c *chains) get(m spicepod.AWS) *credential.Chain {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := sourceOf(m)
	if known, ok := c.bySource[key]; ok {
		return known
	}
	if c.bySource == nil {
		c.bySource = map[string]*credential.Chain{}
	}
	chain := credential.New(ChainSettings(c.settings, m))
	c.bySource[key] = chain
	return chain
}

// keepOnly closes the chains that no model uses any more. Requests under way
// finish with the credentials that those still have.
func (c *chains) keepOnly(models []spicepod.Model) {
	c.mu.Lock()
	defer c.mu.Unlock()
	used := map[string]bool{}
	for _, m := range models {
		used[sourceOf(m.AWS)] = true
	}
	for key, chain := range c.bySource {
		if !used[key] {
			chain.Close()
			delete(c.bySource, key)
		}
	}
}

func (c *chains) close() { c.keepOnly(nil) }

// sourceOf is equal for two models if and only if one chain serves both. It
// holds secrets and stays in memory.
func sourceOf(m spicepod.AWS) string {
	return strings.Join([]string{m.Region, m.EndpointURL, m.Profile, m.RoleSource,
		m.AccessKeyID.Reveal(), m.SecretAccessKey.Reveal(), m.SessionToken.Reveal()}, "\x00")
}

// ChainSettings returns where a model's credentials come from.
func ChainSettings(s Settings, m spicepod.AWS) credential.Settings {
	at := s.Endpoints
	var client *http.Client
	if s.Transport != nil {
		client = &http.Client{Transport: s.Transport}
	}
	return credential.Settings{
		Region: m.Region, Profile: m.Profile, RoleSource: m.RoleSource,
		AccessKeyID: m.AccessKeyID, SecretAccessKey: m.SecretAccessKey, SessionToken: m.SessionToken,
		Environ: s.Environ, Log: s.Log, HTTP: client,
		Endpoints: credential.Endpoints{
			STS:     cmp.Or(at.STS, m.EndpointURL, at.All),
			SSO:     cmp.Or(at.SSO, m.EndpointURL, at.All),
			SSOOIDC: cmp.Or(at.SSOOIDC, m.EndpointURL, at.All),
		},
	}
}
