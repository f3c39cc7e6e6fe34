package control

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"github.com/adit-hq/adit/internal/usage"
)

// Settings are what the API is built from: the rooms that it asks, each by the
// few methods that it needs, and its limits.
type Settings struct {
	Access        Authenticator
	Keys          Keys
	Organizations Organizations
	Environments  Environments
	SigningKeys   SigningKeys
	Issuer        Issuer
	Activity      Activity
	Acceptances   Acceptor
	Exchange      Exchange
	Models        Models
	Diagnosis     Diagnosis
	Audit         Audit
	Events        Recorder
	Reports       Reports
	Health        Health
	People        People
	Trusted       Trusted
	Budgets       Budgets
	Prices        Prices
	Callables     Callables
	// Replies keep answers for requests that come again; nil: an Idempotency-Key is refused.
	Replies Replies

	// KeepUsage is for how long the sums that Reports adds up are kept. Zero values
	// mean the defaults.
	KeepUsage usage.Keep

	// Refresh reads the configuration in force anew, if another replica has changed
	// it; requests that name a version, and a person's in [As], wait for that. Default: nothing.
	Refresh func(ctx context.Context) error

	// StudioURL is where people reach Studio, such as https://adit.example.com/studio;
	// "" makes no links. Default: "".
	StudioURL func() string
	// Thumbprint is of the authority of the issuer's certificate where that is a
	// private one, for setup to pin. Default: "", a public one.
	Thumbprint func() string

	// Version of the program, and Started when it began.
	Version string
	Started time.Time

	// Proxies are those whose X-Forwarded-For is believed. Default: none.
	Proxies []netip.Prefix
	// PerKey, PerOrganization and PerAddress are requests a minute; a quarter of
	// them may come at once. Default 600, 3,000 and 1,200; below 0: no limit.
	PerKey, PerOrganization, PerAddress int
	// Timeout is how long an ordinary request may take. Default 30 seconds.
	Timeout time.Duration

	// Now is the clock. Default time.Now.
	Now func() time.Time
	// Log gets one line for every request. Default: nobody.
	Log *slog.Logger
}

func (s Settings) withDefaults() Settings {
	for limit, usual := range map[*int]int{&s.PerKey: 600, &s.PerOrganization: 3000, &s.PerAddress: 1200} {
		if *limit == 0 {
			*limit = usual
		}
	}
	if s.Timeout == 0 {
		s.Timeout = 30 * time.Second
	}
	if s.Refresh == nil {
		s.Refresh = func(context.Context) error { return nil }
	}
	if s.StudioURL == nil {
		s.StudioURL = func() string { return "" }
	}
	if s.Thumbprint == nil {
		s.Thumbprint = func() string { return "" }
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	return s
}
