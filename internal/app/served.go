package app

import (
	"context"
	"encoding/json"
	"net/netip"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// servedSetting is what the database keeps the settings of the last server under.
const servedSetting = "server.settings"

// served are the settings of the server that was started last, as far as a
// command needs them that finds none running: it must not rotate keys by other
// rules, print another address, or tell other prices.
type served struct {
	Studio         string         `json:"studio,omitempty"` // with the path
	Algorithm      string         `json:"algorithm,omitempty"`
	TokenTTL       time.Duration  `json:"token_ttl,omitempty"`
	JWKSMaxAge     time.Duration  `json:"jwks_max_age,omitempty"`
	Prepublish     time.Duration  `json:"prepublish,omitempty"`
	ActiveLife     time.Duration  `json:"active_life,omitempty"`
	Retire         time.Duration  `json:"retire,omitempty"`
	KeepUsage      time.Duration  `json:"keep_usage,omitempty"`
	Prices         string         `json:"prices,omitempty"`
	IssuerNetworks []netip.Prefix `json:"issuer_networks,omitempty"`
}

// asServed keeps the settings where a server starts, and takes over those of the
// last one where none does.
func (s *state) asServed(ctx context.Context, serving bool, studio string) error {
	text, _, err := s.store.Setting(ctx, servedSetting)
	if err != nil {
		return err
	}
	if !serving {
		return s.takeOver(text)
	}
	r := s.settings.Signing
	now, err := json.Marshal(served{
		Studio: studio, Algorithm: r.Algorithm, TokenTTL: r.TokenTTL, JWKSMaxAge: r.JWKSMaxAge, Prepublish: r.Prepublish, ActiveLife: r.ActiveLife,
		Retire: r.Retire, KeepUsage: s.settings.KeepUsage, Prices: s.settings.Prices, IssuerNetworks: s.settings.IssuerNetworks,
	})
	if err != nil || string(now) == text {
		return err
	}
	return s.store.SetSetting(ctx, servedSetting, string(now))
}

// takeOver has the settings be those of the last server; "" is of none.
func (s *state) takeOver(text string) error {
	if text == "" {
		return nil
	}
	var last served
	if err := json.Unmarshal([]byte(text), &last); err != nil {
		return fault.Wrap(err, fault.Unavailable, "the setting %s in the database is damaged", servedSetting).
			WithCode("database_broken").WithRemedy("Start the server once, which writes it anew.")
	}
	r := &s.settings.Signing
	r.Algorithm, r.TokenTTL, r.JWKSMaxAge = last.Algorithm, last.TokenTTL, last.JWKSMaxAge
	r.Prepublish, r.ActiveLife, r.Retire = last.Prepublish, last.ActiveLife, last.Retire
	s.settings.KeepUsage, s.settings.IssuerNetworks = last.KeepUsage, last.IssuerNetworks
	s.lastStudio = last.Studio
	s.settings.Prices = last.Prices
	if _, err := s.settings.prices(); err != nil {
		s.log.Warn("the server's price file cannot be read; the built-in prices are used", "error", err)
		s.settings.Prices = ""
	}
	return nil
}
