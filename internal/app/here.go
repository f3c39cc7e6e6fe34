package app

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/adit-hq/adit/internal/ident"
	"github.com/adit-hq/adit/internal/studio"
)

// here is what a command on this machine has to be told, because it would not
// find it by itself: where this server is, and which AWS it works with. The data
// directory is enough for the server: it leads to the one that runs on it,
// whatever its database.
func (s *Settings) here() studio.Here {
	var h studio.Here
	dir, err := filepath.Abs(s.State.DataDir)
	if err != nil {
		dir = s.State.DataDir
	}
	if usual, err := DefaultDataDir(s.getenv); err != nil || dir != usual {
		h.Server = "--data-dir " + ident.Quoted(dir)
	}
	var aws []string
	if at := s.Endpoints.All; at != "" && !strings.Contains(at, "@") { // a URL with a password is nobody's to read
		aws = append(aws, "--aws-endpoint-url "+ident.Quoted(at))
	}
	if p := s.Administrator; p.Name != "" {
		aws = append(aws, "--profile "+ident.Quoted(p.Name))
		h.Variables = "AWS_SHARED_CREDENTIALS_FILE=" + ident.Quoted(p.File)
	}
	h.AWS = strings.Join(aws, " ")
	return h
}

// getenv returns a variable of Environ; "" when it is not set. Of several with
// one name the last counts, as everywhere in Go.
func (s *Settings) getenv(name string) string {
	for _, pair := range slices.Backward(s.Environ) {
		if value, ok := strings.CutPrefix(pair, name+"="); ok {
			return value
		}
	}
	return ""
}
