package egress_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/internal/egress"
)

// pipes is a listener whose connections are made in memory, so that their time is virtual.
type pipes struct {
	made   chan net.Conn
	closed chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.made:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p pipes) Close() error { close(p.closed); return nil }

func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p pipes) connect(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.made <- there:
		return here, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// inPipes has a client with a patience of three seconds call a server with TLS
// in virtual time, of which a handshake takes none.
func inPipes(t *testing.T, h http.HandlerFunc, do func(*testing.T, *http.Client)) {
	t.Helper()
	with := httptest.NewTLSServer(nil) // for its certificate
	with.Close()
	roots := x509.NewCertPool()
	roots.AddCert(with.Certificate())
	synctest.Test(t, func(t *testing.T) {
		listener := pipes{make(chan net.Conn), make(chan struct{})}
		server := &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute}
		served := make(chan error)
		go func() {
			served <- server.Serve(tls.NewListener(listener, &tls.Config{Certificates: with.TLS.Certificates, MinVersion: tls.VersionTLS12}))
		}()
		do(t, egress.Connecting(egress.Policy{Allow: loopback(), Roots: roots, Timeout: 3 * time.Second}, listener.connect))
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
}
