package emulator_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/adit-hq/adit/emulator"
)

// authority is a throw-away CA and a server certificate of it.
type authority struct {
	pool *x509.CertPool
	ca   *x509.Certificate
	leaf *x509.Certificate
	pair tls.Certificate
}

func newAuthority(t *testing.T, host string) authority {
	t.Helper()
	issue := func(template, parent *x509.Certificate, signer *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if signer == nil {
			parent, signer = template, k
		}
		der, err := x509.CreateCertificate(rand.Reader, template, parent, k.Public(), signer)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return c, k
	}
	from, until := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	ca, caKey := issue(&x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"}, NotBefore: from, NotAfter: until, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, nil, nil)
	leaf, key := issue(&x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: from, NotAfter: until, DNSNames: []string{host}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, ca, caKey)
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	return authority{pool, ca, leaf, tls.Certificate{Certificate: [][]byte{leaf.Raw, ca.Raw}, PrivateKey: key}}
}

func fingerprint(c *x509.Certificate) string {
	sum := sha1.Sum(c.Raw)
	return hex.EncodeToString(sum[:])
}

// TestAnIssuerIsBelievedByItsCertificate over a real connection.
func TestAnIssuerIsBelievedByItsCertificate(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	good, wrongName := newAuthority(t, idpHost), newAuthority(t, "other.test")
	const mismatch = "InvalidIdentityToken: HTTPS certificate doesn't match configured thumbprint"
	for name, c := range map[string]struct {
		shows       authority
		public      *x509.CertPool
		thumbprints []string
		mapped      bool
		want        string
	}{
		"a public CA":                                      {good, good.pool, nil, true, "200"},
		"a public CA, old thumbprints":                     {good, good.pool, []string{strings.Repeat("0", 40)}, true, "200"},
		"a private CA":                                     {good, nil, nil, true, mismatch},
		"another CA is the public one":                     {good, wrongName.pool, nil, true, mismatch},
		"a private CA's thumbprint":                        {good, nil, []string{fingerprint(good.ca)}, true, "200"},
		"the server's own thumbprint":                      {good, nil, []string{fingerprint(good.leaf)}, true, "200"},
		"another thumbprint":                               {good, nil, []string{fingerprint(wrongName.ca)}, true, mismatch},
		"a certificate of another host, by its thumbprint": {wrongName, nil, []string{fingerprint(wrongName.ca)}, true, mismatch},
		"a certificate of another host":                    {wrongName, wrongName.pool, nil, true, mismatch},
		"a loopback address without a map":                 {good, good.pool, nil, false, noKey},
	} {
		issuer := newIssuer()
		server := httptest.NewUnstartedServer(issuer)
		server.TLS = &tls.Config{Certificates: []tls.Certificate{c.shows.pair}, MinVersion: tls.VersionTLS12}
		server.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are what is tested
		server.StartTLS()
		host, address := idpHost, server.Listener.Addr().String()
		if !c.mapped {
			host = "elsewhere.test"
		}
		opts := []emulator.Option{
			emulator.WithHost(host, address),
			emulator.WithOIDCProvider(emulator.OIDCProvider{ARN: provider, ClientIDs: []string{"bedrock"}, Thumbprints: c.thumbprints}),
			emulator.WithRole(emulator.IAMRole{ARN: roleARN, TrustPolicy: trustDocument(assumeOnly, exact)}),
		}
		if c.public != nil {
			opts = append(opts, emulator.WithCAs(c.public))
		}
		e, err := emulator.New(opts...)
		if err != nil {
			t.Fatal(err)
		}
		f := &federation{Emulator: e, issuer: issuer}
		f.now.Store(time.Now().Unix())
		if got, _ := f.exchange(t, f.token(nil)); got != c.want {
			t.Errorf("%s: %s, %+v", name, got, e.Fetches())
		}
		server.Close()
	}
}

// TestSTSFollowsNoRedirect: a redirect is not the document.
func TestSTSFollowsNoRedirect(t *testing.T) {
	f := newFederation(t)
	moved := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, idpURL, http.StatusFound) })
	if err := f.ServeIssuer(idpHost, moved); err != nil {
		t.Fatal(err)
	}
	if got, _ := f.exchange(t, f.token(nil)); got != noKey || f.Fetches()[0].Status != 302 {
		t.Errorf("%s %+v", got, f.Fetches())
	}
}
