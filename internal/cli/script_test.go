package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/cli"
)

// The programs that scripts run, each in a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"adit":  func() { os.Exit(adit(os.Args[1:])) },
		"exits": func() { os.Exit(exits(os.Args[1], os.Args[2:])) },
		"ask":   func() { os.Exit(ask(os.Args[1:])) },
	})
}

// TestScripts runs every script of testdata/script beside an emulator of its
// own. ADIT_UPDATE=1 writes the outputs that it compares.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       os.Getenv("ADIT_UPDATE") != "",
		RequireExplicitExec: true,
		Setup:               besideEmulator,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start":     start,
			"reload":    reload,
			"interrupt": interrupt,
		},
	})
}

// besideEmulator starts an emulator and hands its address and key to a script.
// The secret is a canary: adit fails when it prints it.
func besideEmulator(env *testscript.Env) error {
	const secret = "canary-secret-of-the-emulators-key"
	e, err := emulator.New(emulator.WithKey(emulator.Key{AccessKeyID: "AKIASCRIPT", SecretAccessKey: secret, Policies: []string{
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"bedrock:*","Resource":"*"}]}`,
	}}))
	if err != nil {
		return err
	}
	if err := e.Start("127.0.0.1:0"); err != nil {
		return err
	}
	env.Defer(func() { _ = e.Close() })
	binary, err := exec.LookPath("adit")
	if err != nil {
		return err
	}
	env.Setenv("ADIT", binary)
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("ADIT_DATA_DIR", filepath.Join(env.WorkDir, ".adit"))
	env.Setenv("EMULATOR", e.URL())
	env.Setenv("SECRET", secret)
	env.Setenv("CANARIES", secret+" canary-api-key-of-the-script")
	env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	env.Setenv("GORACE", "atexit_sleep_ms=0") // or each program waits a second at its end under the race detector
	return nil
}

// adit is cmd/adit, but that it ends with 99 when a canary was printed.
func adit(args []string) int {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	out, err := &watched{w: os.Stdout}, &watched{w: os.Stderr}
	code := cli.Run(ctx, cli.Process{
		Version: "v0.0.0-script", Stdin: os.Stdin, Stdout: out, Stderr: err, Environ: os.Environ(), Hangups: hangups,
	}, args...)
	for _, canary := range strings.Fields(os.Getenv("CANARIES")) {
		if out.printed(canary) || err.printed(canary) {
			fmt.Fprintln(os.Stderr, "a secret was printed")
			return 99
		}
	}
	return code
}

// watched remembers what was written.
type watched struct {
	w    io.Writer
	seen bytes.Buffer
}

func (w *watched) Write(b []byte) (int, error) {
	w.seen.Write(b)
	return w.w.Write(b)
}

func (w *watched) printed(s string) bool { return bytes.Contains(w.seen.Bytes(), []byte(s)) }

// exits runs adit and succeeds if it exits with the code.
func exits(want string, args []string) int {
	if got := strconv.Itoa(adit(args)); got != want {
		fmt.Fprintf(os.Stderr, "adit exited with %s, not with %s\n", got, want)
		return 1
	}
	return 0
}

// ask sends a GET, or with a body a POST, and prints the status and the answer.
func ask(args []string) int {
	method, body := http.MethodGet, ""
	if len(args) > 1 {
		method, body = http.MethodPost, args[1]
	}
	req, err := http.NewRequest(method, args[0], strings.NewReader(body))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	req.Header.Set("Content-Type", "application/json")
	if key := os.Getenv("KEY"); key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer resp.Body.Close()
	fmt.Fprintln(os.Stdout, resp.StatusCode)
	_, _ = io.Copy(os.Stdout, resp.Body)
	return 0
}
