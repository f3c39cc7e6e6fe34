package emulator_test

import (
	"crypto/tls"
	"io"
	"log"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/adit-hq/adit/emulator"
)

// TestIAMReachesTheIssuerOverTLSAndKeepsItsThumbprint unless it is given some:
// then it keeps those.
func TestIAMReachesTheIssuerOverTLSAndKeepsItsThumbprint(t *testing.T) {
	good, other := newAuthority(t, idpHost), newAuthority(t, "other.test")
	for name, c := range map[string]struct {
		shows  authority
		given  []string
		want   string
		stored []string
	}{
		"its own":             {good, nil, "", []string{fingerprint(good.ca)}},
		"given":               {good, []string{sha}, "", []string{sha}},
		"another host's name": {other, nil, "OpenIdIdpCommunicationError", nil},
	} {
		server := httptest.NewUnstartedServer(newIssuer())
		server.TLS = &tls.Config{Certificates: []tls.Certificate{c.shows.pair}, MinVersion: tls.VersionTLS12}
		server.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are what is tested
		server.StartTLS()
		e, client := startIAM(t, emulator.WithHost(idpHost, server.Listener.Addr().String()))
		_, err := client.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{Url: aws.String(idpURL), ThumbprintList: c.given})
		if code(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if err == nil && !slices.Equal(e.IAM().Providers[0].Thumbprints, c.stored) {
			t.Errorf("%s: IAM keeps %v", name, e.IAM().Providers[0].Thumbprints)
		}
		server.Close()
	}
}
