package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/adit-hq/adit/internal/audit"
)

// signInSetting is what the database keeps the fingerprint of the provider and its rules under.
const signInSetting = "signin.rules"

// fingerprint tells whether somebody else may sign in with the provider, or as
// something else: of the issuer, the client and the rules in any order. "" is no provider.
func (s SignIn) fingerprint() string {
	if s.Issuer == "" {
		return ""
	}
	rules := slices.Sorted(slices.Values(s.Rules))
	text, _ := json.Marshal([]any{s.Issuer, s.ClientID, slices.Compact(rules)}) // texts always marshal
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// followRules ends the sessions of the provider's people when it, or a rule, is
// not that of the last server on this database: a role that a rule gave must not
// outlive the rule. The fingerprint is kept last, so that a start that fails half way does it again.
func (s *state) followRules(ctx context.Context) error {
	former, _, err := s.store.Setting(ctx, signInSetting)
	if err != nil {
		return err
	}
	now := s.settings.SignIn.fingerprint()
	if now == former {
		return nil
	}
	ended, err := s.people.RulesChanged(ctx)
	if err != nil {
		return err
	}
	s.log.Info("the OIDC provider or its rules have changed since the last start: its users must sign in again", "sessions", ended)
	return s.store.SetSetting(ctx, signInSetting, now, audit.Event{
		Time: s.settings.Now(), Actor: audit.System(), Action: "signin.rules", Outcome: "ok",
	})
}
