package issuer

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
)

// WriteFiles writes an issuer's two documents as files below dir, for a bucket or
// a CDN that serves dir at the root of the issuer's host, and returns their paths.
// An issuer with a path gets the folders of that path. Each file is
// replaced in one piece, so a server that reads meanwhile sees the old or the new one.
//
// What stands before the issuer must send the JWKS with a max-age no longer than
// JWKSMaxAge, and an export must follow every change of the keys.
func WriteFiles(dir, issuerURL string, discovery, jwks []byte) ([]string, error) {
	if err := CheckURL(issuerURL); err != nil {
		return nil, err
	}
	_, path, _ := strings.Cut(strings.TrimPrefix(issuerURL, "https://"), "/")
	root := filepath.Join(dir, filepath.FromSlash(path))
	var written []string
	// The keys first: the other document tells their algorithms.
	for _, f := range []struct {
		path string
		body []byte
	}{{jwksPath, jwks}, {discoveryPath, discovery}} {
		name := filepath.Join(root, filepath.FromSlash(f.path))
		if err := replace(name, f.body); err != nil {
			return written, fault.Wrap(err, fault.Config, "the issuer's documents cannot be written to %s", name)
		}
		written = append(written, name)
	}
	return written, nil
}

// replace writes a file beside its name, and renames it when it is whole.
func replace(name string, body []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil { //nolint:gosec // public documents, for a web server to read
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
