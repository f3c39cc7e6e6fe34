package emulator

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// discovery is what STS reads of an issuer's discovery document (OpenID
// Connect Discovery 1.0).
type discovery struct {
	keys       string   // jwks_uri
	algorithms []string // id_token_signing_alg_values_supported
}

// fetchDiscovery reads /.well-known/openid-configuration below the issuer.
func (e *Emulator) fetchDiscovery(ctx context.Context, p OIDCProvider) (discovery, error) {
	issuer := "https://" + p.URL
	document, _, err := e.fetch(ctx, opFetchDiscovery, discoveryURL(issuer), e.issuerTLS(p.Thumbprints))
	if err != nil {
		return discovery{}, err
	}
	d, err := parseDiscovery(document, issuer)
	if err != nil {
		return discovery{}, fmt.Errorf("the discovery document: %w", err)
	}
	return d, nil
}

func discoveryURL(issuer string) string {
	return strings.TrimSuffix(issuer, "/") + "/.well-known/openid-configuration"
}

// parseDiscovery wants the members that AWS documents, and the issuer letter
// by letter.
func parseDiscovery(document []byte, issuer string) (d discovery, err error) {
	v, err := parseJSON(document)
	if err != nil || v.kind != kindObject {
		return d, errors.New("it is not a JSON object")
	}
	if stated, _ := v.member("issuer"); stated.kind != kindString || stated.text != issuer {
		return d, fmt.Errorf("its issuer is %q and not %q", clip(stated.text), issuer)
	}
	keys, _ := v.member("jwks_uri")
	u, bad := url.Parse(keys.text)
	if bad != nil || u.Scheme != "https" || u.Host == "" || strings.Contains(u.Host, ":") || u.User != nil || u.Fragment != "" {
		return d, errors.New("its jwks_uri is not https without a port")
	}
	d.keys = keys.text
	for name, needed := range map[string][]string{
		"response_types_supported":              {"id_token"},
		"subject_types_supported":               {"public"},
		"claims_supported":                      {"sub", "aud", "exp", "iat", "iss"},
		"id_token_signing_alg_values_supported": {},
	} {
		list, err := discoveryList(v, name)
		if err != nil {
			return d, err
		}
		for _, word := range needed {
			if !slices.ContainsFunc(list, func(s string) bool { return slices.Contains(strings.Fields(s), word) }) {
				return d, fmt.Errorf("its %s lacks %s", name, word)
			}
		}
		if len(needed) == 0 {
			d.algorithms = list
		}
	}
	return d, nil
}

func discoveryList(v value, name string) ([]string, error) {
	list, _ := v.member(name)
	if list.kind != kindArray || len(list.items) == 0 {
		return nil, fmt.Errorf("it has no list %s", name)
	}
	var texts []string
	for _, item := range list.items {
		if item.kind != kindString {
			return nil, fmt.Errorf("its %s holds more than texts", name)
		}
		texts = append(texts, item.text)
	}
	return texts, nil
}
