package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/cli"
)

// fakeAdit answers as a server does whose vectors are their texts' numbers,
// backwards. Before each answer it asks the test, which may give another one.
func fakeAdit(t *testing.T, instead func(w http.ResponseWriter, request int, texts []string) bool) string {
	t.Helper()
	requests := 0 // scripts send one at a time
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/models", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"data":[{"id":"titan","family":"titan-text-v2"}]}`)
	})
	mux.HandleFunc("POST /v1/embeddings", func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Input []string }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		requests++
		if instead(w, requests, body.Input) {
			return
		}
		var data []string
		for i, text := range body.Input {
			number := strings.TrimPrefix(text, "text ")
			data = append([]string{fmt.Sprintf(`{"index":%d,"embedding":[%s.0,-2E-4,0.10]}`, i, number)}, data...)
		}
		fmt.Fprintf(w, `{"data":[%s],"usage":{"total_tokens":%d}}`, strings.Join(data, ","), len(data))
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

// embed runs the command over rows "text 1" to "text N", ten a request.
func embed(ctx context.Context, t *testing.T, url string, stdin io.Reader, out string) (code int, stderr string) {
	t.Helper()
	var stdout, errs bytes.Buffer
	code = cli.Run(ctx, cli.Process{Version: "test", Stdin: stdin, Stdout: &stdout, Stderr: &errs},
		"embed", "--server", url, "--out", out, "--batch", "10", "--concurrency", "1", "--give-up-after", "1ms")
	if stdout.Len() > 0 {
		t.Errorf("on standard output: %q", stdout.String())
	}
	return code, errs.String()
}

func texts(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "text %d\n", i)
	}
	return b.String()
}

func vectors(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, `{"row":%d,"embedding":[%d.0,-2E-4,0.10]}`+"\n", i, i)
	}
	return b.String()
}

func fileText(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEmbedWritesEveryVectorInOrderWithItsDigits(t *testing.T) {
	url := fakeAdit(t, func(http.ResponseWriter, int, []string) bool { return false })
	out := filepath.Join(t.TempDir(), "out.jsonl")
	code, stderr := embed(t.Context(), t, url+"/v1/", strings.NewReader(texts(35)), out)
	if code != 0 || !strings.HasPrefix(stderr, "35 rows embedded in ") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if diff := cmp.Diff(vectors(35), fileText(t, out)); diff != "" {
		t.Error(diff)
	}
}

func TestEmbedStopsWhereGoingOnIsNoUseAndKeepsWhatIsDone(t *testing.T) {
	for status, want := range map[int]struct {
		code int
		says string
	}{
		http.StatusBadRequest:          {3, "no good"},
		http.StatusUnauthorized:        {4, "no good"},
		http.StatusForbidden:           {4, "no good"},
		http.StatusNotFound:            {3, "no good"},
		http.StatusBadGateway:          {5, "The server's log has more under the error id req_7."},
		http.StatusTooManyRequests:     {6, "the next try would be in 1m10s"},
		http.StatusServiceUnavailable:  {6, "the next try would be in 1m10s"},
		http.StatusInternalServerError: {70, "no good"},
	} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			url := fakeAdit(t, func(w http.ResponseWriter, request int, _ []string) bool {
				if request != 3 {
					return false
				}
				w.Header().Set("Retry-After", "70")
				w.WriteHeader(status)
				fmt.Fprint(w, `{"error":{"message":"no good (error id req_7)","error_id":"req_7"}}`)
				return true
			})
			out := filepath.Join(t.TempDir(), "out.jsonl")
			code, stderr := embed(t.Context(), t, url, strings.NewReader(texts(100)), out)
			if code != want.code || !strings.Contains(stderr, want.says) {
				t.Errorf("exit code %d, want %d and %q: %s", code, want.code, want.says, stderr)
			}
			if !strings.Contains(stderr, "20 rows done and kept in "+out+".partial.") {
				t.Errorf("what is done is not told: %s", stderr)
			}
			if diff := cmp.Diff(vectors(20), fileText(t, out+".partial")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEmbedThatIsInterruptedFinishesWhatIsOnTheWay(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	url := fakeAdit(t, func(_ http.ResponseWriter, request int, _ []string) bool {
		if request == 3 {
			interrupt()
		}
		return false
	})
	input, more := io.Pipe() // which stays open, as a keyboard does
	defer func() { _ = more.Close() }()
	go func() { _, _ = io.WriteString(more, texts(35)) }()
	out := filepath.Join(t.TempDir(), "out.jsonl")
	code, stderr := embed(ctx, t, url, input, out)
	if want := "adit: interrupted: 30 rows done and kept in " + out + ".partial\n"; code != 130 || stderr != want {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if diff := cmp.Diff(vectors(30), fileText(t, out+".partial")); diff != "" {
		t.Error(diff)
	}
}

func TestEmbedListsARefusedTextAndSendsTheOthersAgain(t *testing.T) {
	url := fakeAdit(t, func(w http.ResponseWriter, _ int, texts []string) bool {
		for i, text := range texts {
			if text == "text 7" {
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprintf(w, `{"error":{"message":"input[%d]: AWS does not like %s","param":"input[%d]"}}`, i, text, i)
				return true
			}
		}
		return false
	})
	out := filepath.Join(t.TempDir(), "out.jsonl")
	code, stderr := embed(t.Context(), t, url, strings.NewReader(texts(20)), out)
	if want := "adit: 1 of 20 rows failed. They are listed in " + out + ".errors.jsonl.\n"; code != 1 || !strings.HasSuffix(stderr, want) {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	want := strings.Replace(vectors(20), `{"row":7,"embedding":[7.0,-2E-4,0.10]}`+"\n", "", 1)
	if diff := cmp.Diff(want, fileText(t, out)); diff != "" {
		t.Error(diff)
	}
	want = `{"row":7,"file":"-","line":7,"reason":"AWS does not like [text]"}` + "\n"
	if diff := cmp.Diff(want, fileText(t, out+".errors.jsonl")); diff != "" {
		t.Error(diff)
	}
}
