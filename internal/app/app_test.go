package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/app"
	"github.com/adit-hq/adit/internal/telemetry"
)

// everyFamily is a file with a model of each family.
const everyFamily = `version: v1
kind: Spicepod
name: test
embeddings:
  - from: bedrock:amazon.titan-embed-text-v2:0
    name: titan
  - from: bedrock:amazon.titan-embed-text-v1
    name: titan-v1
  - from: bedrock:amazon.titan-embed-image-v1
    name: titan-mm
  - from: bedrock:cohere.embed-english-v3
    name: cohere
  - from: bedrock:us.cohere.embed-v4:0
    name: cohere-v4
  - from: bedrock:amazon.nova-2-multimodal-embeddings-v1:0
    name: nova
`

// server is a running app over an emulator.
type server struct {
	*app.App
	aws *emulator.Emulator
	log *record
	dir string
}

// record is a log that may be read while it is written.
type record struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (r *record) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(b)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// start runs an app on free ports over an emulator in memory.
func start(t testing.TB, spicepod string, change func(*app.Settings), opts ...emulator.Option) *server {
	t.Helper()
	aws, err := emulator.New(opts...)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "spicepod.yaml")
	if err := os.WriteFile(path, []byte(spicepod), 0o600); err != nil {
		t.Fatal(err)
	}
	key := aws.DefaultKey()
	var log record
	s := app.Settings{
		Config: path, Listen: "127.0.0.1:0", Version: "test", Transport: aws.Transport(),
		Environ: []string{"HOME=" + dir, "AWS_ACCESS_KEY_ID=" + key.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + key.SecretAccessKey},
		Log:     telemetry.Logger(&log, -8, "json"),
	}
	if change != nil {
		change(&s)
	}
	a, err := app.New(s)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
		if err := a.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return &server{a, aws, &log, dir}
}

func (s *server) post(t *testing.T, body string) (int, http.Header, map[string]any) {
	t.Helper()
	resp, err := http.Post(s.URL()+"/v1/embeddings", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatalf("the answer is no JSON: %v: %.200s", err, raw)
	}
	return resp.StatusCode, resp.Header, out
}

func TestEveryFamilyAnswersWithVectorsOfItsDefaultDimension(t *testing.T) {
	s := start(t, everyFamily, nil)
	for model, dimensions := range map[string]int{"titan": 1024, "titan-v1": 1536, "titan-mm": 1024, "cohere": 1024, "cohere-v4": 1536, "nova": 3072} {
		status, header, out := s.post(t, fmt.Sprintf(`{"model":%q,"input":["the sea at night","the sea at dawn"]}`, model))
		if status != 200 {
			t.Errorf("%s: status %d: %v", model, status, out["error"])
			continue
		}
		data := out["data"].([]any)
		if len(data) != 2 {
			t.Errorf("%s: %d vectors for 2 texts", model, len(data))
		}
		for i, d := range data {
			d := d.(map[string]any)
			if int(d["index"].(float64)) != i || len(d["embedding"].([]any)) != dimensions {
				t.Errorf("%s: element %d has index %v and %d numbers, want %d", model, i, d["index"], len(d["embedding"].([]any)), dimensions)
			}
		}
		if tokens := out["usage"].(map[string]any)["prompt_tokens"].(float64); tokens < 2 {
			t.Errorf("%s: %v tokens", model, tokens)
		}
		if header.Get("X-Ratelimit-Limit-Requests") != "1500" {
			t.Errorf("%s: limit header %q", model, header.Get("X-Ratelimit-Limit-Requests"))
		}
	}
}
