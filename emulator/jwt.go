package emulator

import (
	"encoding/base64"
	"errors"
	"strings"
)

// webToken is a signed token in compact form (RFC 7515), read but not proven.
type webToken struct {
	algorithm string
	keyID     string
	claims    claims
	signed    []byte // header and payload as they were signed
	signature []byte
}

// parseWebToken reads a token of exactly three parts. Its parts are canonical
// base64url and strict JSON objects: two spellings of one token would be two
// tokens for whoever counts them.
func parseWebToken(text string) (*webToken, error) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return nil, errors.New("it has not three parts")
	}
	header, err := tokenObject(parts[0])
	if err != nil {
		return nil, errors.New("its header is not a JSON object in base64url")
	}
	payload, err := tokenObject(parts[1])
	if err != nil {
		return nil, errors.New("its payload is not a JSON object in base64url")
	}
	t := &webToken{signed: []byte(text[:len(parts[0])+1+len(parts[1])])}
	if t.signature, err = decodeBase64URL(parts[2]); err != nil || len(t.signature) == 0 {
		return nil, errors.New("its signature is not base64url")
	}
	if err := t.readHeader(header); err != nil {
		return nil, err
	}
	t.claims, err = readClaims(payload)
	return t, err
}

// readHeader wants alg and kid, and no extension that it would have to honour.
func (t *webToken) readHeader(header value) error {
	for _, m := range header.members {
		switch m.name {
		case "alg", "kid", "typ":
			if m.value.kind != kindString {
				return errors.New("its header's " + m.name + " is not a text")
			}
		case "crit", "b64":
			return errors.New("its header has " + m.name + ", which is not understood")
		}
	}
	alg, _ := header.member("alg")
	kid, _ := header.member("kid")
	if t.algorithm, t.keyID = alg.text, kid.text; t.algorithm == "" {
		return errors.New("its header has no alg")
	}
	return nil
}

func tokenObject(part string) (value, error) {
	raw, err := decodeBase64URL(part)
	if err != nil {
		return value{}, err
	}
	v, err := parseJSON(raw)
	if err == nil && v.kind != kindObject {
		err = errors.New("not an object")
	}
	return v, err
}

// decodeBase64URL refuses padding, line breaks and stray bits at the end.
func decodeBase64URL(s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") { // the decoder would skip them
		return nil, errors.New("a line break")
	}
	return base64.RawURLEncoding.Strict().DecodeString(s)
}
