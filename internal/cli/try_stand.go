package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/app"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

// What `adit try` calls things.
const (
	tryHost        = "issuer.adit.test" // RFC 6761: test is nobody's domain
	tryEnvironment = "prod"
	tryRegion      = "us-east-1"
	tryProfile     = "adit-try" // of AWS credentials
)

// tryPod is the spicepod.yaml of `adit try`: the environment's role signs.
const tryPod = `version: v1
kind: Spicepod
name: try
embeddings:
  - from: bedrock:amazon.titan-embed-text-v2:0
    name: titan
    params: &prod
      environment: prod
      requests_per_min_limit: 100000 # the emulator has no quota
  - from: bedrock:cohere.embed-english-v3
    name: cohere-v3
    params: &cohere
      <<: *prod
      truncate: END
  - from: bedrock:us.cohere.embed-v4:0
    name: cohere-v4
    params: *cohere
`

// tryModels are the models of tryPod, for the page.
func tryModels() [][2]string {
	return [][2]string{
		{"titan", "amazon.titan-embed-text-v2:0"},
		{"cohere-v3", "cohere.embed-english-v3"},
		{"cohere-v4", "us.cohere.embed-v4:0"},
	}
}

// tryStand is an emulator of AWS with Adit in front of it, both on loopback,
// and the clients that speak with Adit.
type tryStand struct {
	emulator *emulator.Emulator
	// admin is the key of the AWS account's administrator. Adit never sees it.
	admin  emulator.Key
	app    *app.App
	folder string
	data   string       // the server's data directory
	public *http.Server // the issuer, under its public name

	control *client.Client
	// client embeds with the first key.
	client *embedClient
	keys   []tryKey
	took   time.Duration
	// failed tells once why the server ended before its time.
	failed chan error
	stop   context.CancelFunc
}

// tryKey is an API key of this run. It is shown on purpose: it opens nothing else.
type tryKey struct{ name, secret string }

// startTryStand starts both. Adit sees nothing of the process's environment:
// no AWS account can be reached from here, even where one is set up.
func startTryStand(ctx context.Context, p *Process, listen string) (_ *tryStand, err error) {
	began := time.Now()
	s := &tryStand{failed: make(chan error, 2), stop: func() {}}
	defer func() {
		if err != nil {
			s.end()
		}
	}()
	cert, trusted, err := throwAwayCA(tryHost)
	if err != nil {
		return nil, err
	}
	public, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, noLoopback(err)
	}
	defer func() {
		if s.public == nil {
			_ = public.Close()
		}
	}()
	if err := s.startEmulator(public.Addr().String(), trusted); err != nil {
		return nil, err
	}
	if err := s.startApp(p, listen, public.Addr().String(), trusted); err != nil {
		return nil, err
	}
	s.run(ctx, public, cert)
	s.took = time.Since(began)
	return s, nil
}

// startEmulator starts an AWS whose STS finds the issuer under its public name.
func (s *tryStand) startEmulator(issuer string, trusted *x509.CertPool) (err error) {
	if s.emulator, err = emulator.New(emulator.WithoutDefaultKey(), emulator.WithHost(tryHost, issuer), emulator.WithCAs(trusted)); err != nil {
		return err
	}
	s.admin, err = s.emulator.AddUser("administrator", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)
	if err != nil {
		return err
	}
	if err := s.emulator.Start("127.0.0.1:0"); err != nil {
		return noLoopback(err)
	}
	return nil
}

func noLoopback(err error) error {
	return fault.Wrap(err, fault.Config, "nothing can listen on 127.0.0.1: %v", err).
		WithRemedy("Does something on this machine forbid programs to listen on loopback?")
}

// startApp makes the server in a folder that is removed at the end.
func (s *tryStand) startApp(p *Process, listen, issuer string, trusted *x509.CertPool) (err error) {
	s.folder, err = os.MkdirTemp("", "adit-try-")
	config, keys := filepath.Join(s.folder, "spicepod.yaml"), filepath.Join(s.folder, "aws-credentials")
	if err == nil {
		err = os.WriteFile(config, []byte(tryPod), 0o600)
	}
	if err == nil {
		err = os.WriteFile(keys, []byte(s.profile()), 0o600)
	}
	if err != nil {
		return fault.Wrap(err, fault.Config, "a temporary folder cannot be written: %v", err).
			WithRemedy("Name a folder that can be written to in TMPDIR (on Windows, TEMP).")
	}
	dial := &net.Dialer{Timeout: 5 * time.Second}
	outside := app.Outside{
		Roots:  trusted,
		Lookup: func(context.Context, string) ([]string, error) { return []string{"192.0.2.1"}, nil }, // RFC 5737: an address for examples
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dial.DialContext(ctx, network, issuer)
		},
	}
	s.data = filepath.Join(s.folder, "data")
	s.app, err = app.New(app.Settings{
		Config: config, Listen: listen, Grace: 5 * time.Second,
		State: app.StateSettings{
			DataDir: s.data, IssuerURL: "https://" + tryHost, Outside: outside,
		},
		Endpoints: app.Endpoints{All: s.emulator.URL()}, Administrator: app.AWSProfile{File: keys, Name: tryProfile},
		Version: p.version(), Log: slog.New(slog.DiscardHandler), // the walk shows errors; a log would run into its prompt
	})
	if err != nil {
		return err
	}
	key, err := app.OperatorKey(s.data)
	if err != nil {
		return err
	}
	s.control, err = client.New(client.Settings{URL: s.app.URL(), Key: key, HTTP: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}})
	return err
}

// profile is the administrator's key as AWS's tools read it. Studio shows a
// command that sets the account up with it; the server never reads it.
func (s *tryStand) profile() string {
	return "[" + tryProfile + "]\naws_access_key_id = " + s.admin.AccessKeyID + "\naws_secret_access_key = " + s.admin.SecretAccessKey + "\n"
}

// run serves until end, or until ctx ends: the API on loopback, and the issuer
// under its public name besides, as a proxy would.
func (s *tryStand) run(ctx context.Context, public net.Listener, cert tls.Certificate) {
	running, stop := context.WithCancel(ctx)
	s.public = &http.Server{
		Handler: s.app.Handler(), ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12},
	}
	done := make(chan struct{}, 2)
	go func() {
		defer func() { done <- struct{}{} }()
		if err := s.app.Run(running); err != nil {
			s.failed <- err
		}
	}()
	go func() {
		defer func() { done <- struct{}{} }()
		if err := s.public.ServeTLS(public, "", ""); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
	}()
	s.stop = func() {
		stop()
		_ = s.public.Close()
		<-done
		<-done
	}
}

// embedder asks for vectors with an API key.
func (s *tryStand) embedder(key tryKey) *embedClient {
	return &embedClient{
		base: s.app.URL(), key: secret.New(key.secret), http: &http.Client{Transport: &http.Transport{}},
		body: embedBody{EncodingFormat: "float"},
	}
}

// end stops both and removes the folder. Errors of closing do not matter: the process ends too.
func (s *tryStand) end() {
	if s.client != nil {
		s.client.http.CloseIdleConnections()
	}
	s.stop()
	if s.app != nil {
		_ = s.app.Close()
	}
	if s.emulator != nil {
		_ = s.emulator.Close()
	}
	if s.folder != "" {
		_ = os.RemoveAll(s.folder)
	}
}
