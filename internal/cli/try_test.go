package cli

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/adit-hq/adit/internal/spicepod"
)

// staying is a run of `adit try` that stays up.
type staying struct {
	out  *io.PipeReader
	stop context.CancelFunc
	code chan int
}

func startTry(t *testing.T, args ...string) *staying {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	s := &staying{out: out, stop: stop, code: make(chan int, 1)}
	go func() {
		s.code <- Run(ctx, Process{Version: "v0.0.0-test", Stdin: strings.NewReader(""), Stdout: in, Stderr: in}, append([]string{"try"}, args...)...)
		_ = in.Close()
	}()
	return s
}

// until returns what is printed up to a text, that included.
func (s *staying) until(t *testing.T, text string) string {
	t.Helper()
	var got bytes.Buffer
	b := make([]byte, 4096)
	for !strings.Contains(got.String(), text) {
		n, err := s.out.Read(b)
		got.Write(b[:n])
		if err != nil {
			t.Fatalf("%v before %q was printed:\n%s", err, text, got.String())
		}
	}
	return got.String()
}

func TestTheLinesToRepeatItWorkAndCtrlCEndsItAll(t *testing.T) {
	defer goleak.VerifyNone(t)
	t.Setenv("TMPDIR", t.TempDir())
	s := startTry(t)
	page := s.until(t, "stays up until Ctrl-C")
	curl := regexp.MustCompile(`(?s)curl (\S+) \\\s+-H "Authorization: (Bearer \S+)" \\\s+-H "Content-Type: (\S+)" \\\s+-d '([^']+)'`).FindStringSubmatch(page)
	if curl == nil {
		t.Fatalf("no curl line:\n%s", page)
	}
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for key, status := range map[string]int{curl[2]: http.StatusOK, "Bearer another-throw-away-key": http.StatusUnauthorized} {
		req, err := http.NewRequest(http.MethodPost, curl[1], strings.NewReader(curl[4]))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", key)
		req.Header.Set("Content-Type", curl[3])
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != status || (status == http.StatusOK) != strings.Contains(string(body), `"embedding":[`) {
			t.Errorf("status %d, want %d: %.200s", resp.StatusCode, status, body)
		}
	}

	t.Run("JavaScript", func(t *testing.T) { runJavaScript(t, page) })

	s.stop()
	rest, err := io.ReadAll(s.out)
	if code := <-s.code; code != exitOK || err != nil || !strings.HasSuffix(string(rest), "\nEnded. Nothing is left behind.\n") {
		t.Errorf("exit code %d, %v:\n%s", code, err, rest)
	}
	if _, err := client.Get(curl[1]); err == nil {
		t.Error("the server answers still")
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// runJavaScript gives the program on the page to OpenAI's JavaScript client.
func runJavaScript(t *testing.T, page string) {
	dir := os.Getenv("ADIT_JUDGES")
	if dir == "" {
		t.Skip("needs OpenAI's JavaScript client: run through `make test`, which installs it, or set ADIT_JUDGES")
	}
	program := regexp.MustCompile(`(?s)import OpenAI from "openai";.*slice\(0, 3\)\);\n`).FindString(page)
	node := exec.CommandContext(t.Context(), "node", "--input-type=module")
	node.Dir, node.Stdin = dir, strings.NewReader(program)
	out, err := node.CombinedOutput()
	if err != nil || !regexp.MustCompile(`^\[\s+-?0\.\d+,\s+-?0\.\d+,\s+-?0\.\d+\s+\]\s$`).Match(out) {
		t.Errorf("%v: %s\nof:\n%s", err, out, program)
	}
}

func TestAnInterruptedWalkSaysSo(t *testing.T) {
	defer goleak.VerifyNone(t)
	s := startTry(t)
	s.until(t, "1. Start")
	s.stop()
	rest, _ := io.ReadAll(s.out)
	if code := <-s.code; code != exitInterrupted || !strings.HasSuffix(string(rest), "adit: interrupted\n") {
		t.Errorf("exit code %d:\n%s", code, rest)
	}
}

func TestEveryLineOfTheWalkFitsEightyColumns(t *testing.T) {
	for _, m := range tryModels() {
		var out, errs bytes.Buffer
		code := Run(t.Context(), Process{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs},
			"try", "--once", "--model", m[0], "--ask", strings.Repeat("How long may a question be? ", 9))
		if code != exitOK || errs.Len() > 0 {
			t.Fatalf("exit code %d: %s", code, errs.String())
		}
		for line := range strings.Lines(out.String()) {
			line = strings.TrimSuffix(line, "\n")
			if utf8.RuneCountInString(line) > 80 && strings.Contains(strings.TrimSpace(line), " ") {
				t.Errorf("%d columns: %s", utf8.RuneCountInString(line), line)
			}
			if strings.HasSuffix(line, " ") || strings.Contains(line, "\x1b") {
				t.Errorf("spaces at the end, or colour: %q", line)
			}
		}
	}
}

func TestTheModelsOfThePageAreThoseOfTheFile(t *testing.T) {
	file, err := spicepod.Parse("try", []byte(tryPod), t.TempDir(), []string{"AWS_ACCESS_KEY_ID=AKIATRY", "AWS_SECRET_ACCESS_KEY=throw-away"})
	if err != nil {
		t.Fatal(err)
	}
	var got [][2]string
	for _, m := range file.Models {
		got = append(got, [2]string{m.Name, m.ID.String()})
	}
	if diff := cmp.Diff(tryModels(), got); diff != "" {
		t.Error(diff)
	}
}
