package app

import (
	"crypto/x509"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signing"
)

// StateSettings say where organizations, environments and keys are kept, and
// how the issuer works. The zero value keeps nothing: then there are only the
// models of spicepod.yaml.
type StateSettings struct {
	// DataDir is a directory of this machine's own: the database (unless Database
	// names another), the master key that was made, the operator's key. One
	// process at a time uses it. "" keeps nothing.
	DataDir string
	// Database is "postgres://…"; "" is a SQLite file in DataDir.
	Database string
	// MasterKey seals every secret in the database; or MasterKeyFile holds it.
	// With neither, and SQLite, DataDir/master.key is made on the first start.
	MasterKey     secret.String
	MasterKeyFile string
	// IssuerURL is the public URL of the issuer; "" means the one that was used
	// last, and none when there was none: then no environment can be used.
	IssuerURL string
	// FileOrganization is the organization, by name or id, that the models of
	// spicepod.yaml and the keys of the settings belong to. A name is looked up when
	// it is first asked for; from then on it means that organization, however it is
	// called. "" means the one of the last start, "default" at the first.
	FileOrganization string
	// Stale is how long known keys and environments serve while the database is
	// down; 0 means 5 minutes.
	Stale time.Duration
	// Signing is how keys rotate. Its clock, log and refresh are the server's.
	Signing Rotation
	// TrustedProxies may tell where a request came from.
	TrustedProxies []netip.Prefix
	// Outside is how the server looks at its own public URL.
	Outside Outside
	// StudioURL is where people reach the server, such as https://adit.example.com:
	// Studio is at /studio below it. "" means the address it listens on where that
	// is this machine's only, and else the issuer's.
	StudioURL string
	// SignIn is the OIDC provider that people sign in with; the zero value is none.
	SignIn SignIn
	// Prices is a file that overrides the prices of AWS that Adit knows; "" is none.
	Prices string
	// KeepUsage is how long the sums of usage by day are kept; 0 means 800 days.
	// Those by hour are kept for an eighth of it.
	KeepUsage time.Duration
	// IssuerNetworks are private networks that trusted issuers may be in. Others
	// are never called on a tenant's word.
	IssuerNetworks []netip.Prefix
	// IssuerRoots are the authorities whose certificates trusted issuers may show; nil means the system's.
	IssuerRoots *x509.CertPool
	// Poll is how often the database is asked for changes; 0 means 500 ms.
	Poll time.Duration
	// Now is the clock of everything that is kept; nil means time.Now.
	Now func() time.Time
}

// Rotation is how signing keys live.
type Rotation = signing.Settings

// DefaultDataDir is where the state is kept when nothing says otherwise: the
// directory for a program's data that the system of this user has. The lookup
// returns a variable of the environment.
func DefaultDataDir(lookup func(string) string) (string, error) {
	home := lookup("HOME")
	switch {
	case runtime.GOOS == "windows" && lookup("LOCALAPPDATA") != "":
		return filepath.Join(lookup("LOCALAPPDATA"), "adit"), nil
	case runtime.GOOS == "darwin" && home != "":
		return filepath.Join(home, "Library", "Application Support", "adit"), nil
	case filepath.IsAbs(lookup("XDG_DATA_HOME")):
		return filepath.Join(lookup("XDG_DATA_HOME"), "adit"), nil
	case home != "":
		return filepath.Join(home, ".local", "share", "adit"), nil
	}
	return "", fault.New(fault.Config, "there is no home directory for the data directory").
		WithRemedy("Give one with --data-dir, or use --data-dir none to store nothing.")
}

func (s StateSettings) withDefaults() StateSettings {
	if s.Stale == 0 {
		s.Stale = 5 * time.Minute
	}
	if s.Poll == 0 {
		s.Poll = 500 * time.Millisecond
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	return s
}

// databaseURL returns what the store opens.
func (s StateSettings) databaseURL() string {
	if s.Database != "" {
		return s.Database
	}
	return "sqlite:" + filepath.Join(s.DataDir, "adit.db")
}

// makeDataDir makes the directory for its owner only.
func makeDataDir(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fault.Wrap(err, fault.Config, "the data directory cannot be created: %v", err).WithRemedy("Give another with --data-dir.")
	}
	return nil
}
