package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/federation"
	"github.com/adit-hq/adit/internal/issuer"
	"github.com/adit-hq/adit/internal/signing"
	"github.com/adit-hq/adit/internal/telemetry"
)

// issuerSetting is what the database keeps the issuer's URL under.
const issuerSetting = "issuer.url"

// check says what is wrong with the settings that no room checks.
func (s StateSettings) check() error {
	if err := checkStudioURL(s.StudioURL); err != nil {
		return err
	}
	if s.IssuerURL != "" {
		if err := issuer.CheckURL(s.IssuerURL); err != nil {
			return err
		}
	}
	return s.Signing.Check()
}

// rotation is how keys live, by the server's clock and log.
func (s StateSettings) rotation(refresh func(context.Context) error, log *slog.Logger) Rotation {
	out := s.Signing
	out.Now, out.Log, out.Refresh = s.Now, log, refresh
	return out
}

// openIssuer makes the issuer of the URL that the settings name, or that was
// used last. A URL that changes is said aloud: every trust policy names it.
func (s *state) openIssuer(ctx context.Context, keys Rotation, log *slog.Logger) error {
	former, _, err := s.store.Setting(ctx, issuerSetting)
	if err != nil {
		return err
	}
	url := s.settings.IssuerURL
	switch {
	case url == "" && former == "":
		return nil
	case url == "":
		url = former
	case url != former:
		if former != "" {
			log.Warn("the issuer URL has changed: AWS accounts that were set up for the old one do not trust it", "former", former, "now", url,
				"remedy", "run `adit aws setup` again for every environment")
		}
		event := audit.Event{Time: s.settings.Now(), Actor: audit.System(), Action: "issuer.url", Outcome: "ok", Details: map[string]string{"former": former, "now": url}}
		if err := s.store.SetSetting(ctx, issuerSetting, url, event); err != nil {
			return err
		}
	}
	s.issuer, err = issuer.New(issuer.Settings{
		URL: url, ID: signing.DefaultIssuer, Signer: s.signer, TokenTTL: keys.TokenTTL, JWKSMaxAge: keys.JWKSMaxAge, Now: s.settings.Now, Log: log,
		OnFetch: func(what string) { s.metrics.Fetched(what) },
	})
	return err
}

// minter makes the tokens of the exchange.
func (s *state) minter() federation.Minter {
	if s.issuer == nil {
		return noIssuer{}
	}
	return s.issuer
}

// noIssuer stands where no public URL is known.
type noIssuer struct{}

func (noIssuer) fault() error {
	return fault.New(fault.Config, "this server has no public URL that AWS could trust").WithCode("no_issuer").
		WithRemedy("Start it with --issuer-url https://HOST.")
}

// Mint implements federation.Minter.
func (n noIssuer) Mint(context.Context, issuer.Claims) (issuer.Token, error) {
	return issuer.Token{}, n.fault()
}

// MintProbe implements federation.Minter.
func (n noIssuer) MintProbe(context.Context, string, string, string, string) (issuer.Token, error) {
	return issuer.Token{}, n.fault()
}

// observer tells the metrics what the federation does.
type observer struct{ metrics *telemetry.KeylessMetrics }

// Exchanged implements federation.Observer.
func (o observer) Exchanged(_, outcome string, _ time.Duration) { o.metrics.Exchanged(outcome) }

// Sessions implements federation.Observer: the gauge asks by itself.
func (observer) Sessions(int) {}

// FellBack implements federation.Observer.
func (o observer) FellBack(string) { o.metrics.FellBack() }
