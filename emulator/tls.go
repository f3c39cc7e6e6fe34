package emulator

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	crand "crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"time"
)

// tlsSettings is what the listener shows, and who trusts it.
type tlsSettings struct {
	config *tls.Config
	pool   *x509.CertPool
}

// WithTLS serves over TLS with the given configuration. With nil it makes a
// certificate of its own for localhost and the loopback addresses; CertPool
// trusts it.
func WithTLS(config *tls.Config) Option {
	return func(e *Emulator) error {
		if config != nil {
			e.tls = &tlsSettings{config: config.Clone()}
			return nil
		}
		var err error
		e.tls, err = selfSigned(e.now())
		return err
	}
}

// CertPool trusts the certificate that WithTLS(nil) made; nil otherwise.
func (e *Emulator) CertPool() *x509.CertPool {
	if e.tls == nil {
		return nil
	}
	return e.tls.pool
}

func selfSigned(now time.Time) (*tlsSettings, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), crand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "AWS emulator"},
		NotBefore: now.Add(-48 * time.Hour), NotAfter: now.Add(365 * 24 * time.Hour),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(crand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	pair := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	return &tlsSettings{config: &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, pool: pool}, nil
}
