package issuer

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// IsOwn reports whether a bearer string is, or claims to be, a token of this
// issuer: a JWT with its iss or with the kid of a key that it publishes. Our own
// API must refuse those in words: they are made for AWS. The signature is
// not looked at, so this lets nobody in.
func (i *Issuer) IsOwn(token string) bool {
	if len(token) > maxToken || !strings.HasPrefix(token, "eyJ") {
		return false
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return false
	}
	var header struct {
		KID string `json:"kid"`
	}
	var body struct {
		Issuer string `json:"iss"`
	}
	if part(parts[1], &body) && body.Issuer == i.URL() {
		return true
	}
	ring, ok := i.settings.Signer.Ring(i.settings.ID)
	return ok && part(parts[0], &header) && ring.Has(header.KID)
}

func part(text string, into any) bool {
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
	return err == nil && json.Unmarshal(b, into) == nil
}
