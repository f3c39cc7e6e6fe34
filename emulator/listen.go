package emulator

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// listener is the emulator's server, if it was started.
type listener struct {
	mu     sync.Mutex
	server *http.Server
	url    string
	done   chan struct{}
}

// Start listens on addr, such as "127.0.0.1:0", and serves HTTP/1.1 and HTTP/2
// without TLS (prior knowledge), or both over TLS under WithTLS. It returns
// when connections are accepted; Close ends it.
func (e *Emulator) Start(addr string) error {
	l := &e.listener
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.server != nil {
		return errors.New("emulator: already started at " + l.url)
	}
	var config net.ListenConfig
	socket, err := config.Listen(context.Background(), "tcp", addr)
	if err != nil {
		return err
	}
	protocols := &http.Protocols{}
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	protocols.SetHTTP2(true)
	l.server = &http.Server{
		Handler: e.Handler(), Protocols: protocols, ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: log.New(io.Discard, "", 0), // broken handshakes of tests are no news
	}
	l.url, l.done = "http://"+socket.Addr().String(), make(chan struct{})
	if e.tls != nil {
		l.url = "https://" + socket.Addr().String()
		l.server.TLSConfig = e.tls.config.Clone()
	}
	go func(server *http.Server, done chan struct{}) {
		defer close(done)
		// Either always ends with ErrServerClosed, or because the socket is gone.
		if server.TLSConfig != nil {
			_ = server.ServeTLS(socket, "", "")
			return
		}
		_ = server.Serve(socket)
	}(l.server, l.done)
	return nil
}

// URL is where the emulator listens, "" before Start and after Close.
func (e *Emulator) URL() string {
	e.listener.mu.Lock()
	defer e.listener.mu.Unlock()
	return e.listener.url
}

// Close stops listening and cuts what is still open. It is not an error to
// close an emulator that was not started.
func (e *Emulator) Close() error {
	l := &e.listener
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.server == nil {
		return nil
	}
	err := l.server.Close()
	<-l.done
	l.server, l.url = nil, ""
	return err
}
