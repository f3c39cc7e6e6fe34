package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/app"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

// tryPod is the spicepod.yaml of `adit try`. Its keys are the emulator's.
const tryPod = `version: v1
kind: Spicepod
name: try
embeddings:
  - from: bedrock:amazon.titan-embed-text-v2:0
    name: titan
    params: &emulator
      aws_access_key_id: ${ secrets:AWS_ACCESS_KEY_ID }
      aws_secret_access_key: ${ secrets:AWS_SECRET_ACCESS_KEY }
      requests_per_min_limit: 100000 # the emulator has no quota
  - from: bedrock:cohere.embed-english-v3
    name: cohere-v3
    params: &cohere
      <<: *emulator
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

// tryStand is an emulator with Adit in front of it, both on loopback, and a
// client that holds the key.
type tryStand struct {
	emulator *emulator.Emulator
	app      *app.App
	client   *embedClient
	// key is made for one run and shown on purpose: it opens nothing else.
	key  string
	took time.Duration
	// failed tells once why the server ended before its time.
	failed chan error
	stop   context.CancelFunc
}

// startTryStand starts both. Adit sees nothing of the process's environment:
// no AWS account can be reached from here, even where one is set up.
func startTryStand(ctx context.Context, p *Process, listen string) (_ *tryStand, err error) {
	began := time.Now()
	s := &tryStand{key: "try-" + strings.ToLower(rand.Text()), failed: make(chan error, 1), stop: func() {}}
	defer func() {
		if err != nil {
			s.end()
		}
	}()
	if s.emulator, err = emulator.New(); err != nil {
		return nil, err
	}
	if err := s.emulator.Start("127.0.0.1:0"); err != nil {
		return nil, fault.Wrap(err, fault.Config, "the emulator cannot listen on 127.0.0.1: %v", err).
			WithRemedy("Does something on this machine forbid programs to listen on loopback?")
	}
	if s.app, err = s.newApp(p, listen); err != nil {
		return nil, err
	}
	s.run(ctx)
	s.client = &embedClient{
		base: s.app.URL(), key: secret.New(s.key), http: &http.Client{Transport: &http.Transport{}},
		body: embedBody{EncodingFormat: "float"},
	}
	s.took = time.Since(began)
	return s, nil
}

// newApp makes the server from a spicepod.yaml that is on disk no longer than
// the server reads it: whatever ends the process, a broken pipe or a kill,
// leaves nothing behind.
func (s *tryStand) newApp(p *Process, listen string) (_ *app.App, err error) {
	folder, err := os.MkdirTemp("", "adit-try-")
	config := filepath.Join(folder, "spicepod.yaml")
	if err == nil {
		defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
		err = os.WriteFile(config, []byte(tryPod), 0o600)
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Config, "a temporary spicepod.yaml cannot be written: %v", err).
			WithRemedy("Name a folder that can be written to in TMPDIR (on Windows, TEMP).")
	}
	aws := s.emulator.DefaultKey()
	return app.New(app.Settings{
		Config: config, Listen: listen, APIKeys: []secret.String{secret.New(s.key)}, Grace: 5 * time.Second,
		Endpoints: app.Endpoints{All: s.emulator.URL()},
		Environ:   []string{"AWS_ACCESS_KEY_ID=" + aws.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + aws.SecretAccessKey},
		Version:   p.version(),
		Log:       app.NewLog(p.Stderr, slog.LevelError, "text"), // that the file cannot be watched is intended
	})
}

// run serves until end, or until ctx ends.
func (s *tryStand) run(ctx context.Context) {
	running, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.app.Run(running); err != nil {
			s.failed <- err
		}
	}()
	s.stop = func() {
		stop()
		<-done
	}
}

// end stops both. Errors of closing do not matter: the process ends too.
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
}
