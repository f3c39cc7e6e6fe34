package main_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/emulator"
)

const spicepod = `version: v1
kind: Spicepod
name: my-app
embeddings:
  - from: bedrock:amazon.titan-embed-text-v2:0
    name: titan
    params:
      dimensions: "256"
`

// build builds adit as releases are built, without cgo, and returns its path.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "adit")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	cmd := exec.Command("go", "build", "-buildvcs=false", "-ldflags", "-X main.version=v1.2.3-test", "-o", binary, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("the build without cgo failed: %v\n%s", err, out)
	}
	return binary
}

func TestTheBinaryWithoutCGOServesEmbeddings(t *testing.T) {
	binary, dir := build(t), t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "spicepod.yaml"), []byte(spicepod), 0o600); err != nil {
		t.Fatal(err)
	}

	if got := output(t, binary, dir, "version"); !strings.HasPrefix(got, "adit v1.2.3-test, go") {
		t.Errorf("version: %s", got)
	}
	if got := output(t, binary, dir, "validate"); !strings.Contains(got, "spicepod.yaml is valid and has 1 model") {
		t.Errorf("validate: %s", got)
	}

	url := serve(t, binary, dir)
	resp, err := http.Post(url+"/v1/embeddings", "application/json", strings.NewReader(`{"model":"titan","input":"Good morning","encoding_format":"float"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Data []struct{ Embedding []float64 }
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("status %d, %v", resp.StatusCode, err)
	}
	if len(answer.Data) != 1 || len(answer.Data[0].Embedding) != 256 {
		t.Errorf("not one vector of 256 numbers: %d vectors", len(answer.Data))
	}
}

func output(t *testing.T, binary, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("adit %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// serve runs `adit serve` against an emulator until the test ends, and returns its URL.
func serve(t *testing.T, binary, dir string) string {
	t.Helper()
	aws, err := emulator.New()
	if err != nil {
		t.Fatal(err)
	}
	if err := aws.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = aws.Close() })
	key := aws.DefaultKey()

	cmd := exec.Command(binary, "serve", "--listen", "127.0.0.1:0", "--metrics-listen", "none", "--aws-endpoint-url", aws.URL())
	cmd.Dir = dir
	cmd.Env = []string{"HOME=" + dir, "AWS_ACCESS_KEY_ID=" + key.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + key.SecretAccessKey, "SystemRoot=" + os.Getenv("SystemRoot")}
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { end(t, cmd) })
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		var record struct{ Msg, URL string }
		if json.Unmarshal(lines.Bytes(), &record) == nil && record.Msg == "listening" {
			go func() { _, _ = io.Copy(io.Discard, log) }()
			return record.URL
		}
	}
	t.Fatal("adit serve ended without listening")
	return ""
}

// end interrupts the server, which must leave with 0 within its grace.
func end(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if runtime.GOOS == "windows" {
		_ = cmd.Process.Kill() // there is no interrupt between processes there
		_ = cmd.Wait()
		return
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	late := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	if err := cmd.Wait(); err != nil {
		t.Errorf("adit serve did not end well: %v", err)
	}
}
