//go:build unix

package app_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/app"
	"github.com/adit-hq/adit/internal/bedrock"
)

// The benchmarks below compare what a request costs in Adit with what it costs
// in a bare Go server that signs and forwards the same bytes. Each is a process
// of its own (this test binary, started again in a role), so that the CPU of
// the client and of the pretended AWS is not counted.

const roleVariable = "ADIT_COST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "adit":
		play(aditRole())
	case "bare":
		play(bareRole(os.Getenv("ADIT_COST_UPSTREAM")))
	default:
		os.Exit(m.Run())
	}
}

// BenchmarkCPUOfOneTitanRequest reports Adit's CPU time of a request with one
// text, the bare server's, and their ratio.
func BenchmarkCPUOfOneTitanRequest(b *testing.B) {
	compare(b, "amazon.titan-embed-text-v2:0", []string{"The level passage by which one walks into a mine."},
		`{"inputText":"The level passage by which one walks into a mine.","dimensions":1024,"normalize":true}`)
}

// BenchmarkCPUOf96CohereTexts does the same for a full call of Cohere v3,
// answered as floats.
func BenchmarkCPUOf96CohereTexts(b *testing.B) {
	texts := make([]string, 96)
	for i := range texts {
		texts[i] = fmt.Sprintf("paragraph %d tells of the mine, its miners, its timber and its water, and of how one walks in", i)
	}
	list, err := json.Marshal(texts)
	if err != nil {
		b.Fatal(err)
	}
	compare(b, "cohere.embed-english-v3", texts, `{"texts":`+string(list)+`,"input_type":"search_document","truncate":"NONE"}`)
}

// BenchmarkMemory reports the peak resident memory of an idle Adit, and after
// rounds of 64 concurrent requests of 96 texts each.
func BenchmarkMemory(b *testing.B) {
	texts := make([]string, 96)
	for i := range texts {
		texts[i] = fmt.Sprintf("paragraph %d tells of the mine, its miners, its timber and its water, and of how one walks in", i)
	}
	input, err := json.Marshal(texts)
	if err != nil {
		b.Fatal(err)
	}
	const model = "cohere.embed-english-v3"
	upstream := replay(b, model, `{"texts":`+string(input)+`,"input_type":"search_document","truncate":"NONE"}`)
	adit, pid := startBinary(b, upstream.URL, model)
	b.ReportMetric(peakMB(b, pid), "idle-MB")
	adit.loadFrom(b, 64, max(1024, b.N), "/v1/embeddings", fmt.Sprintf(`{"model":"m","input":%s}`, input))
	b.ReportMetric(peakMB(b, pid), "64x96-MB")
	b.ReportMetric(0, "ns/op")
}

// startBinary builds the program and runs `adit serve`, since a test binary is
// larger than what people run.
func startBinary(b *testing.B, upstream, model string) (role, int) {
	binary := filepath.Join(b.TempDir(), "adit")
	if out, err := exec.Command("go", "build", "-o", binary, "../../cmd/adit").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	cmd := exec.Command(binary, "serve", "--config", writePod(b, model), "--listen", "127.0.0.1:0", "--metrics-listen", "none", "--aws-endpoint-url", upstream)
	cmd.Env = []string{"AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=not-a-secret", "ADIT_DATA_DIR=" + b.TempDir()}
	log, err := cmd.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	url := listensAt(b, log)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if resp, err := http.Get(url + "/v1/ready"); err == nil && resp.StatusCode == http.StatusOK {
			_ = resp.Body.Close()
			return role{url}, cmd.Process.Pid
		}
	}
	b.Fatal("the program did not get ready")
	return role{}, 0
}

// listensAt reads in a program's log at which URL it listens, and the rest of it then.
func listensAt(b *testing.B, log io.Reader) (url string) {
	b.Helper()
	for lines := bufio.NewScanner(log); lines.Scan(); {
		var line struct{ Msg, URL string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "listening" {
			go func() { _, _ = io.Copy(io.Discard, log) }() // until it ends, so that it is not held up
			return line.URL
		}
	}
	b.Fatal("the program did not start")
	return ""
}

// peakMB is the most resident memory that a process ever had.
func peakMB(b *testing.B, pid int) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Skip("needs /proc, which Linux has")
	}
	for line := range strings.Lines(string(status)) {
		var kB float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kB); n == 1 {
			return kB / 1024
		}
	}
	b.Fatal("no VmHWM")
	return 0
}

func compare(b *testing.B, model string, texts []string, wire string) {
	upstream := replay(b, model, wire)
	input, err := json.Marshal(texts)
	if err != nil {
		b.Fatal(err)
	}
	adit := startRole(b, "adit", upstream.URL, model)
	bare := startRole(b, "bare", upstream.URL, model)
	aditBody := fmt.Sprintf(`{"model":"m","input":%s}`, input)

	aditCPU, bareCPU := time.Duration(0), time.Duration(0)
	requests := max(b.N, 1000)
	for _, count := range []int{200, requests} { // the first round is not counted
		aditCPU, bareCPU = 0, 0
		for done := 0; done < count; { // in turns, so that noise hits both
			n := min(100, count-done)
			aditCPU += adit.load(b, n, "/v1/embeddings", aditBody)
			bareCPU += bare.load(b, n, "/model/"+url.PathEscape(model)+"/invoke", wire)
			done += n
		}
	}
	b.ReportMetric(float64(aditCPU.Microseconds())/float64(requests), "adit-cpu-µs/req")
	b.ReportMetric(float64(bareCPU.Microseconds())/float64(requests), "bare-cpu-µs/req")
	b.ReportMetric(float64(aditCPU)/float64(bareCPU), "adit/bare")
	b.ReportMetric(0, "ns/op") // wall time says nothing here
}

// replay is an AWS that answers at once with what the emulator answered once.
func replay(b *testing.B, model, wire string) *httptest.Server {
	aws, err := emulator.New()
	if err != nil {
		b.Fatal(err)
	}
	key := aws.DefaultKey()
	req := signed(b.Context(), "https://bedrock-runtime.us-east-1.amazonaws.com/model/"+strings.ReplaceAll(model, ":", "%3A")+"/invoke",
		[]byte(wire), key.AccessKeyID, key.SecretAccessKey)
	resp, err := aws.Transport().RoundTrip(req)
	if err != nil {
		b.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		b.Fatalf("the emulator answered %d: %.200s, %v", resp.StatusCode, body, err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.URL.Path == "/" { // STS
			_, _ = io.WriteString(w, `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/u</Arn><UserId>U</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
			return
		}
		for _, h := range []string{"Content-Type", "X-Amzn-Bedrock-Input-Token-Count", "X-Amzn-Requestid"} {
			w.Header().Set(h, resp.Header.Get(h))
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		_, _ = w.Write(body)
	}))
	b.Cleanup(server.Close)
	return server
}

func signed(ctx context.Context, target string, body []byte, id, secretKey string) *http.Request {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	sum := sha256.Sum256(body)
	err = v4.NewSigner().SignHTTP(ctx, aws.Credentials{AccessKeyID: id, SecretAccessKey: secretKey}, req, hex.EncodeToString(sum[:]), "bedrock", "us-east-1", time.Now())
	if err != nil {
		panic(err)
	}
	return req
}

// bareRole forwards what it gets, signed, and nothing else.
func bareRole(upstream string) http.Handler {
	transport := bedrock.NewTransport()
	signer := v4.NewSigner()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, upstream+r.URL.EscapedPath(), bytes.NewReader(body))
		if err != nil {
			return
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "application/json")
		sum := sha256.Sum256(body)
		if signer.SignHTTP(r.Context(), aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "not-a-secret"}, req, hex.EncodeToString(sum[:]), "bedrock", "us-east-1", time.Now()) != nil {
			return
		}
		resp, err := transport.RoundTrip(req)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer func() { _ = resp.Body.Close() }()
		for k, v := range resp.Header {
			w.Header()[k] = v
		}
		w.WriteHeader(resp.StatusCode)
		_, _ = io.Copy(w, resp.Body)
	})
}

// aditRole is Adit as `adit serve` runs it, but for the listener.
func aditRole() http.Handler {
	a, err := app.New(app.Settings{
		Config: os.Getenv("ADIT_COST_CONFIG"), Listen: "127.0.0.1:0", Version: "test",
		Endpoints: app.Endpoints{All: os.Getenv("ADIT_COST_UPSTREAM")},
		Environ:   []string{"AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=not-a-secret"},
	})
	if err != nil {
		panic(err)
	}
	return a.Handler()
}

// play serves a role until its standard input ends. /cpu tells the CPU time so far.
func play(h http.Handler) {
	mux := http.NewServeMux()
	mux.Handle("/", h)
	mux.HandleFunc("/cpu", func(w http.ResponseWriter, _ *http.Request) {
		var u syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
		_, _ = fmt.Fprint(w, u.Utime.Nano()+u.Stime.Nano())
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr())
	go func() { _ = http.Serve(listener, mux) }()
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

type role struct{ url string }

// writePod writes a file with the model under the name m, practically without limits.
func writePod(b *testing.B, model string) string {
	path := filepath.Join(b.TempDir(), "spicepod.yaml")
	pod := "version: v1\nkind: Spicepod\nname: cost\nembeddings:\n  - from: bedrock:" + model + "\n    name: m\n    params:\n      requests_per_min_limit: 10000000\n      max_concurrent_invocations: 64\n"
	if err := os.WriteFile(path, []byte(pod), 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

func startRole(b *testing.B, name, upstream, model string) role {
	config := writePod(b, model)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+name, "ADIT_COST_UPSTREAM="+upstream, "ADIT_COST_CONFIG="+config)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	var address string
	if _, err := fmt.Fscanln(out, &address); err != nil {
		b.Fatal(err)
	}
	return role{"http://" + address}
}

// load sends n requests from four clients and returns the CPU time they cost the role.
func (r role) load(b *testing.B, n int, path, body string) time.Duration {
	before := r.cpu(b)
	r.loadFrom(b, 4, n, path, body)
	return r.cpu(b) - before
}

// loadFrom sends n requests from so many clients.
func (r role) loadFrom(b *testing.B, parallel, n int, path, body string) {
	var clients sync.WaitGroup
	jobs := make(chan struct{}, n)
	for range n {
		jobs <- struct{}{}
	}
	close(jobs)
	for range parallel {
		clients.Go(func() {
			for range jobs {
				resp, err := http.Post(r.url+path, "application/json", strings.NewReader(body))
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				if resp.StatusCode != http.StatusOK {
					b.Errorf("status %d", resp.StatusCode)
				}
			}
		})
	}
	clients.Wait()
}

// cpu is the CPU time that the role has used so far.
func (r role) cpu(b *testing.B) time.Duration {
	resp, err := http.Get(r.url + "/cpu")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var n int64
	if _, err := fmt.Fscan(resp.Body, &n); err != nil {
		b.Fatal(err)
	}
	return time.Duration(n)
}
