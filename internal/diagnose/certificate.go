package diagnose

import (
	"context"
	"crypto/sha1" //nolint:gosec // AWS's thumbprints are SHA-1; nothing is proven by it here
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

const (
	// patience is how long the public URL gets; AWS waits 5 seconds.
	patience = 10 * time.Second
	awsWaits = 5 * time.Second
	// soon is when a certificate that ends gets a warning.
	soon = 14 * 24 * time.Hour
)

// site is the public URL as it is reached from here.
type site struct {
	url       *url.URL
	client    *http.Client
	transport *http.Transport
}

// newSite makes a client that believes every certificate: what is wrong with
// it is told by a step of its own, and what is read is public.
func newSite(w *walk, u *url.URL) *site {
	t := &http.Transport{
		DialContext: w.Dial, TLSHandshakeTimeout: patience, ResponseHeaderTimeout: patience, ForceAttemptHTTP2: true, DisableCompression: true,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}, //nolint:gosec // see above
	}
	return &site{url: u, transport: t, client: &http.Client{
		Transport: t, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// certificate shakes hands with the public URL and judges its chain as AWS does.
func (w *walk) certificate(ctx context.Context, s *Step) {
	if w.site == nil {
		s.skip("the public URL's host is not known")
		return
	}
	host := w.site.url.Hostname()
	state, err := handshake(ctx, w.Dial, host)
	if err != nil {
		s.fail(fault.Unavailable, "no TLS connection to "+host+": "+fault.Root(err).Error(),
			"The server, or a proxy in front of it, must answer on port 443 with TLS 1.2 or newer.")
		return
	}
	w.reached = true
	chain := state.PeerCertificates
	leaf := chain[0]
	s.fact("version", tls.VersionName(state.Version))
	s.fact("certificates", fmt.Sprint(len(chain)))
	s.fact("issued_by", leaf.Issuer.String())
	s.fact("expires", leaf.NotAfter.UTC().Format(time.RFC3339))
	s.say("the certificate is signed by a public CA")
	now := w.Now()
	switch err := verify(chain, host, w.Roots, now); {
	case err == nil:
	case leaf.VerifyHostname(host) != nil:
		s.fail(fault.Config, "the certificate is not for "+host, "Install a certificate for that name on the server.")
		return
	case now.After(leaf.NotAfter):
		s.fail(fault.Config, "the certificate expired at "+leaf.NotAfter.UTC().Format(time.RFC3339), "Renew it.")
		return
	case now.Before(leaf.NotBefore):
		s.fail(fault.Config, "the certificate is not valid before "+leaf.NotBefore.UTC().Format(time.RFC3339), "Check this machine's clock.")
		return
	default:
		s.fact("thumbprint", thumbprint(chain))
		s.warn("no public CA signed the certificate, or the server does not send the intermediate certificates",
			"Serve the full chain of a public CA. For a private CA, AWS needs its thumbprint: `adit aws setup --environment "+w.env.Argument()+"` adds it to the identity provider.")
	}
	if left := leaf.NotAfter.Sub(now); left < soon {
		s.warn(fmt.Sprintf("the certificate expires in %d days", int(left.Hours()/24)), "Renew it.")
	}
}

// handshake opens a TLS connection and closes it.
func handshake(ctx context.Context, dial func(context.Context, string, string) (net.Conn, error), host string) (tls.ConnectionState, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	raw, err := dial(ctx, "tcp", net.JoinHostPort(host, "443"))
	if err != nil {
		return tls.ConnectionState{}, err
	}
	conn := tls.Client(raw, &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}) //nolint:gosec // the chain is judged by verify
	defer conn.Close()
	if err := conn.HandshakeContext(ctx); err != nil {
		return tls.ConnectionState{}, err
	}
	state := conn.ConnectionState()
	if len(state.PeerCertificates) == 0 {
		return state, errors.New("the server sent no certificate")
	}
	return state, nil
}

func verify(chain []*x509.Certificate, host string, roots *x509.CertPool, now time.Time) error {
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{DNSName: host, Intermediates: between, Roots: roots, CurrentTime: now})
	return err
}

// thumbprint is what an identity provider in IAM names a private chain by: the
// SHA-1 of the last certificate that the server sends (IAM user guide, Obtain
// the thumbprint for an OpenID Connect identity provider).
func thumbprint(chain []*x509.Certificate) string {
	sum := sha1.Sum(chain[len(chain)-1].Raw) //nolint:gosec // as above
	return hex.EncodeToString(sum[:])
}

// Thumbprint returns the thumbprint of the chain that a public URL's host
// serves, if no public CA has signed it; "" if one has.
func Thumbprint(ctx context.Context, s Settings) (string, error) {
	u, err := url.Parse(s.Issuer.URL())
	if err != nil {
		return "", fault.New(fault.Config, "the issuer URL cannot be read")
	}
	dial, now := s.Dial, time.Now
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	if s.Now != nil {
		now = s.Now
	}
	state, err := handshake(ctx, dial, u.Hostname())
	if err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "no TLS connection to %s", u.Hostname())
	}
	if verify(state.PeerCertificates, u.Hostname(), s.Roots, now()) == nil {
		return "", nil
	}
	return thumbprint(state.PeerCertificates), nil
}
