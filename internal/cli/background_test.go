package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// start runs adit in the background, waits until it tells where it listens and
// sets $URL: `start serve --listen 127.0.0.1:0`.
func start(ts *testscript.TestScript, _ bool, args []string) {
	cmd := exec.Command(ts.Getenv("ADIT"), args...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{
		"HOME", "CANARIES", "GORACE", "AWS_EC2_METADATA_DISABLED", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
		"ADIT_API_KEYS", "ADIT_AWS_ENDPOINT_URL", "ADIT_LISTEN", "ADIT_METRICS_LISTEN", "ADIT_CONFIG", "ADIT_DATA_DIR",
	} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	out, errs := newSink(), newSink()
	cmd.Stdout, cmd.Stderr = out, errs
	ts.Check(cmd.Start())
	gone := make(chan struct{})
	go func() {
		_ = cmd.Wait() // interrupt reads the code
		close(gone)
	}()
	ts.Defer(func() {
		_ = cmd.Process.Kill() // fails for one that has ended
		<-gone
	})
	select {
	case url := <-out.url:
		ts.Setenv("URL", url)
	case url := <-errs.url:
		ts.Setenv("URL", url)
	case <-gone:
		ts.Fatalf("adit ended at once:\n%s%s", out, errs)
	case <-time.After(30 * time.Second):
		ts.Fatalf("adit did not say where it listens:\n%s%s", out, errs)
	}
	backgrounds.Store(ts, &background{cmd, out, errs, gone})
}

type background struct {
	cmd       *exec.Cmd
	out, errs *sink
	gone      chan struct{}
}

// backgrounds holds what start began last, by script.
var backgrounds sync.Map

func begun(ts *testscript.TestScript) *background {
	b, ok := backgrounds.Load(ts)
	if !ok {
		ts.Fatalf("nothing was started")
	}
	return b.(*background)
}

// reload sends SIGHUP to what start began and waits until the log says the
// text: `reload 'configuration loaded'`.
func reload(ts *testscript.TestScript, _ bool, args []string) {
	b := begun(ts)
	appears := b.errs.wait(args[0])
	ts.Check(hangup(b.cmd.Process))
	select {
	case <-appears:
	case <-time.After(30 * time.Second):
		ts.Fatalf("the log does not say %q:\n%s", args[0], b.errs)
	}
}

// interrupt ends what start began; it must exit with 0. Its output is in
// background.out and background.err then.
func interrupt(ts *testscript.TestScript, _ bool, _ []string) {
	b := begun(ts)
	ts.Check(b.cmd.Process.Signal(os.Interrupt))
	<-b.gone
	ts.Check(os.WriteFile(ts.MkAbs("background.out"), []byte(b.out.String()), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("background.err"), []byte(b.errs.String()), 0o600))
	if code := b.cmd.ProcessState.ExitCode(); code != 0 {
		ts.Fatalf("adit exited with %d:\n%s", code, b.errs)
	}
}

// sink keeps what a process writes and tells what it waits for.
type sink struct {
	mu    sync.Mutex
	text  bytes.Buffer
	url   chan string
	waits map[string]chan struct{}
}

func newSink() *sink { return &sink{url: make(chan string, 1), waits: map[string]chan struct{}{}} }

var listensAt = regexp.MustCompile(`(?:"url":"|"endpoint_url": "|AWS_ENDPOINT_URL=|base_url=")(https?://[^"\s]+)["\n]`)

func (s *sink) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(b)
	if m := listensAt.FindSubmatch(s.text.Bytes()); m != nil {
		select {
		case s.url <- string(m[1]):
		default:
		}
	}
	for text, appears := range s.waits {
		if strings.Contains(string(b), text) {
			close(appears)
			delete(s.waits, text)
		}
	}
	return len(b), nil
}

// wait returns a channel that is closed when text is written from now on.
func (s *sink) wait(text string) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	appears := make(chan struct{})
	s.waits[text] = appears
	return appears
}

func (s *sink) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}
