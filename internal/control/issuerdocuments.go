package control

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/issuer"
)

// Issuer is the identity provider.
type Issuer interface {
	// URL is its public name: the iss of every token.
	URL() string
	// Documents are its two public files.
	Documents() (discovery, jwks []byte, err error)
	// LastFetch is when each of them was last asked for, by name.
	LastFetch() map[string]time.Time
	// Mint makes a token.
	Mint(ctx context.Context, c issuer.Claims) (issuer.Token, error)
	// IsOwn reports whether a text is, or claims to be, one of its tokens.
	IsOwn(token string) bool
}

// issuerDocuments gives the files byte for byte, so that their copies and the
// issuer's own are the same.
func (a *api) issuerDocuments(_ context.Context, _ *call, _ *struct{}) (wire.Documents, error) {
	discovery, jwks, err := a.s.Issuer.Documents()
	if err != nil {
		return wire.Documents{}, err
	}
	return wire.Documents{Issuer: a.s.Issuer.URL(), Files: []wire.DocumentFile{
		{Path: "/.well-known/openid-configuration", Body: string(discovery)},
		{Path: "/.well-known/jwks.json", Body: string(jwks)},
	}}, nil
}
