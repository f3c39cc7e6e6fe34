package app

import (
	"path/filepath"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/issuer"
)

// WriteIssuerFiles writes the public documents of the issuer with that URL, by
// their paths, as files below dir for a web server, a bucket or a CDN. It
// returns the paths of the files. Each is replaced in one piece.
func WriteIssuerFiles(dir, issuerURL string, documents map[string]string) ([]string, error) {
	var discovery, jwks string
	for path, body := range documents {
		switch {
		case strings.HasSuffix(path, "/openid-configuration"):
			discovery = body
		case strings.HasSuffix(path, "/jwks.json"):
			jwks = body
		}
	}
	if discovery == "" || jwks == "" {
		return nil, fault.New(fault.Refused, "the server did not return both of the issuer's documents").WithRemedy("It may be older than this program: compare `adit version` with `adit status`.")
	}
	return issuer.WriteFiles(dir, issuerURL, []byte(discovery), []byte(jwks))
}

// MasterKeyFile is where a data directory keeps the master key, unless it is given otherwise.
func MasterKeyFile(dataDir string) string { return filepath.Join(dataDir, masterKeyName) }
