package emulator

import (
	"context"
	"crypto/sha1" //nolint:gosec // IAM's thumbprints are SHA-1; they name a certificate and prove nothing else
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"slices"
)

// errThumbprint is a certificate of no public CA that the provider's
// thumbprints do not name either.
var errThumbprint = errors.New("HTTPS certificate doesn't match configured thumbprint")

// issuerTLS believes a chain that leads to a public CA; any other only when
// one of its certificates has a thumbprint of the provider and the chain leads
// to that one. The host's name is checked in both cases.
func (e *Emulator) issuerTLS(thumbprints []string) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // VerifyConnection below verifies, by AWS's rules
		VerifyConnection: func(s tls.ConnectionState) error {
			return e.verifyChain(s.PeerCertificates, s.ServerName, thumbprints)
		},
	}
}

func (e *Emulator) verifyChain(chain []*x509.Certificate, host string, thumbprints []string) error {
	if len(chain) == 0 {
		return errors.New("no certificate")
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	opts := x509.VerifyOptions{DNSName: host, Intermediates: between, CurrentTime: e.now()}
	for _, roots := range append([]*x509.CertPool{nil}, e.issuers.roots...) { // nil: the machine's
		opts.Roots = roots
		if _, err := chain[0].Verify(opts); err == nil {
			return nil
		}
	}
	opts.Roots = x509.NewCertPool()
	for _, c := range chain {
		if slices.Contains(thumbprints, thumbprintOf(c)) {
			opts.Roots.AddCert(c)
		}
	}
	if _, err := chain[0].Verify(opts); err != nil {
		return errThumbprint
	}
	return nil
}

// thumbprintOf is the SHA-1 of a certificate in lower-case hexadecimal.
func thumbprintOf(c *x509.Certificate) string {
	sum := sha1.Sum(c.Raw) //nolint:gosec // see the import
	return hex.EncodeToString(sum[:])
}

// contactIssuer is what IAM does when a provider is made: it fetches the
// discovery document over TLS, whoever signed the certificate, and takes the
// thumbprint of the last certificate of the chain, "" for an issuer that a
// handler in this process stands for.
func (e *Emulator) contactIssuer(ctx context.Context, issuer string) (thumbprint string, err error) {
	if err := checkIssuerURL(issuer); err != nil {
		return "", err
	}
	config := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // the thumbprint of an unknown chain is what is asked for
		VerifyConnection: func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) == 0 {
				return errors.New("no certificate")
			}
			thumbprint = thumbprintOf(s.PeerCertificates[len(s.PeerCertificates)-1])
			return s.PeerCertificates[0].VerifyHostname(s.ServerName)
		},
	}
	_, _, err = e.fetch(ctx, opFetchDiscovery, discoveryURL(issuer), config)
	return thumbprint, err
}
