package signing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// The algorithms. RS256 with 2048 bits is the default: every verifier takes it,
// Azure's and Google's federation too. ES256 signs thirty times as fast.
const (
	RS256 = "RS256"
	ES256 = "ES256"
)

// leeway is how long AWS takes a token after its exp (AWS re:Post, OIDC federation).
const leeway = 5 * time.Minute

// Settings of a [Signer]. Zero durations mean the defaults named here.
type Settings struct {
	// Algorithm of keys that are made from now on: [RS256] (default) or [ES256].
	// Keys that are there go on; `adit issuer keys rotate` hastens the change.
	Algorithm string
	// TokenTTL is the longest life of a token; 5 minutes.
	TokenTTL time.Duration
	// JWKSMaxAge is how long a verifier may keep the published keys; 5 minutes.
	// Where a CDN stands before them, the time it takes to forget counts too.
	JWKSMaxAge time.Duration
	// Prepublish is how long a key is published before it signs; 24 hours.
	Prepublish time.Duration
	// ActiveLife is how long a key signs; 30 days.
	ActiveLife time.Duration
	// Retire is how long a key stays published after it signed last; 24 hours.
	Retire time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Log takes what happens to keys; nil means nowhere.
	Log *slog.Logger
	// Refresh is called after every change that this signer wrote, so that the
	// replica reads its state anew at once; nil means nothing. It may call
	// [Signer.Set], and nothing that changes keys.
	Refresh func(context.Context) error
}

func (s Settings) withDefaults() Settings {
	s.Algorithm = cmp.Or(s.Algorithm, RS256)
	s.TokenTTL = cmp.Or(s.TokenTTL, 5*time.Minute)
	s.JWKSMaxAge = cmp.Or(s.JWKSMaxAge, 5*time.Minute)
	s.Prepublish = cmp.Or(s.Prepublish, 24*time.Hour)
	s.ActiveLife = cmp.Or(s.ActiveLife, 30*24*time.Hour)
	s.Retire = cmp.Or(s.Retire, 24*time.Hour)
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	return s
}

// Check returns a fault for every rule that the settings break, all joined; nil
// when rotation can keep its promises: no verifier that obeys max-age ever
// meets a key that it has not seen, nor misses one whose tokens live.
func (s Settings) Check() error {
	s = s.withDefaults()
	var faults []error
	rule := func(holds bool, param, format string, args ...any) {
		if !holds {
			faults = append(faults, fault.New(fault.Config, format, args...).WithParam(param).WithCode("bad_rotation"))
		}
	}
	rule(s.Algorithm == RS256 || s.Algorithm == ES256, "algorithm", "the signing algorithm is %q; it must be RS256 or ES256", s.Algorithm)
	rule(s.TokenTTL >= time.Minute && s.TokenTTL <= time.Hour, "token_ttl", "the token lifetime is %v; it must be 1 minute to 1 hour", s.TokenTTL)
	rule(s.JWKSMaxAge >= time.Second && s.JWKSMaxAge%time.Second == 0, "jwks_max_age",
		"verifiers would cache the keys for %v; use whole seconds, at least one: AWS fails when it must fetch them for every token", s.JWKSMaxAge)
	rule(s.JWKSMaxAge <= s.Prepublish/4, "jwks_max_age",
		"verifiers may cache the keys for %v, which is more than a quarter of the prepublish time of %v", s.JWKSMaxAge, s.Prepublish)
	rule(s.Prepublish >= time.Hour, "prepublish", "the prepublish time is %v; AWS caches keys for an undocumented time, so it must be at least 1 hour", s.Prepublish)
	rule(s.ActiveLife >= 2*s.Prepublish, "active_life",
		"the active life is %v; it must be at least twice the prepublish time of %v, so that the next key is always ready", s.ActiveLife, s.Prepublish)
	least := s.TokenTTL + leeway + 2*s.JWKSMaxAge
	rule(s.Retire >= least, "retire",
		"the retire time is %v; tokens, AWS's leeway of %v and caches need at least %v", s.Retire, leeway, least)
	rule(s.Retire <= 4*s.ActiveLife, "retire",
		"the retire time is %v; that is more than four active lives of %v, and publishes too many keys at once", s.Retire, s.ActiveLife)
	return together(faults)
}

// together is one fault that tells of all; they can be unwrapped.
func together(faults []error) error {
	if len(faults) < 2 {
		return errors.Join(faults...)
	}
	var lines []string
	for _, err := range faults {
		lines = append(lines, "- "+fault.From(err).Message)
	}
	return fault.Wrap(errors.Join(faults...), fault.Config, "the signing key settings do not fit together").WithCode("bad_rotation").
		WithRemedy("Correct them; `adit serve --help` lists the settings under Signing keys.").WithDetail("%s", strings.Join(lines, "\n"))
}

// blind is how long a signer goes on with a ring that it cannot compare with
// the store. Its active key may have been demoted a moment after the last look:
// then the key leaves the JWKS a retire time after that moment, and a token
// signed now must be dead by then, for verifiers that just fetched it too. The
// rule on Retire makes it one JWKSMaxAge at least; the defaults, 23 h 45 min.
func (s Settings) blind() time.Duration {
	return s.Retire - s.TokenTTL - leeway - s.JWKSMaxAge
}

// ripens returns when a published key may sign.
func (s Settings) ripens(k Key) time.Time { return k.Created.Add(s.Prepublish) }

func day(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func short(d time.Duration) string {
	return fmt.Sprint(d.Round(time.Minute))
}
