package openai

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/gateway"
	"github.com/adit-hq/adit/internal/limit"
	"github.com/adit-hq/adit/internal/telemetry"
	"github.com/adit-hq/adit/internal/vector"
)

func TestAnAnswerIsWholeJSONOfTheAnnouncedLengthAndKeepsEveryDigit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 130).Draw(t, "vectors")
		dimensions := rapid.IntRange(1, 40).Draw(t, "dimensions")
		resp := &gateway.Response{Dimensions: dimensions, Tokens: rapid.IntRange(0, 1e6).Draw(t, "tokens")}
		for range n {
			numbers := make([]string, dimensions)
			for i := range numbers {
				numbers[i] = rapid.SampledFrom([]string{"0.1", "-1.9264221E-4", "1", "-0.000123", "5.41687e-4"}).Draw(t, "number")
			}
			resp.Vectors = append(resp.Vectors, vector.Text("["+strings.Join(numbers, ",")+"]"))
		}
		name := rapid.StringN(1, 20, -1).Draw(t, "name")
		for _, coded := range []bool{false, true} {
			w := httptest.NewRecorder()
			if err := writeEmbeddings(w, name, resp, coded); err != nil {
				t.Fatal(err)
			}
			if got := w.Header().Get("Content-Length"); got != strconv.Itoa(w.Body.Len()) {
				t.Fatalf("announced %s bytes, wrote %d", got, w.Body.Len())
			}
			check(t, w.Body.Bytes(), resp, coded)
		}
	})
}

func check(t *rapid.T, body []byte, resp *gateway.Response, coded bool) {
	var out struct {
		Object, Model string
		Data          []struct {
			Object    string
			Index     int
			Embedding json.RawMessage
		}
		Usage struct {
			Prompt int `json:"prompt_tokens"`
			Total  int `json:"total_tokens"`
		}
	}
	if err := json.Unmarshal(body, &out); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	if out.Object != "list" || len(out.Data) != len(resp.Vectors) || out.Usage.Prompt != resp.Tokens || out.Usage.Total != resp.Tokens {
		t.Fatalf("%s", body)
	}
	for i, d := range out.Data {
		want := string(resp.Vectors[i])
		if coded {
			want = fmt.Sprintf("%q", littleEndian(resp.Vectors[i]))
		}
		if d.Object != "embedding" || d.Index != i || string(d.Embedding) != want {
			t.Fatalf("element %d is %d %s, want %s", i, d.Index, d.Embedding, want)
		}
	}
}

// littleEndian is what the answer should hold, by way of the standard library.
func littleEndian(v vector.Text) string {
	var raw []byte
	for number := range strings.SplitSeq(strings.Trim(string(v), "[]"), ",") {
		f, _ := strconv.ParseFloat(number, 32)
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(f)))
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// failing is a gateway that answers every request with one fault.
type failing struct{ err error }

func (f failing) Embed(context.Context, caller.Caller, gateway.Request) (*gateway.Response, error) {
	return nil, f.err
}
func (failing) Metrics(caller.Caller, string) *telemetry.ModelMetrics { return nil }
func (failing) Models(caller.Caller) []gateway.Info                   { return nil }
func (f failing) Model(caller.Caller, string) (gateway.Info, error) {
	return gateway.Info{}, f.err
}
func (failing) Rate(caller.Caller, string) limit.State                   { return limit.State{} }
func (failing) Ready(context.Context, caller.Caller) []gateway.Readiness { return nil }

func TestEachKindOfFaultHasItsStatusAndHeaders(t *testing.T) {
	for _, c := range []struct {
		err            error
		status         int
		header, value  string
		says, saysNone string
	}{
		{fault.New(fault.Invalid, "bad"), 400, "", "", "bad", "error id"},
		{fault.New(fault.NotFound, "none"), 404, "", "", "none", "error id"},
		{&fault.Error{Kind: fault.Throttled, Message: "full", RetryAfter: 1500 * time.Millisecond}, 429, "Retry-After", "2", "full", ""},
		{fault.New(fault.Throttled, "full"), 429, "Retry-After", "1", "full", ""},
		{fault.New(fault.Refused, "denied").WithDetail("role arn:aws:iam::1:role/x"), 502, "X-Should-Retry", "false", "error id req_", "arn:aws"},
		{fault.New(fault.Unavailable, "down"), 503, "Retry-After", "1", "down", ""},
		{fault.New(fault.Deadline, "late"), 504, "", "", "late", ""},
		{context.DeadlineExceeded, 504, "", "", "ran out", ""},
		{errors.New("pq: password of user adit is wrong"), 500, "", "", "internal error", "password"},
	} {
		var log bytes.Buffer
		api := New(Settings{Gateway: failing{c.err}, Log: slog.New(slog.NewJSONHandler(&log, nil))})
		r := httptest.NewRequest(http.MethodPost, "http://localhost/v1/embeddings", strings.NewReader(`{"model":"m","input":"CANARY TEXT"}`))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		api.Handler().ServeHTTP(w, r)
		var body errorBody
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
			t.Fatal(err)
		}
		if w.Code != c.status || c.header != "" && w.Header().Get(c.header) != c.value {
			t.Errorf("%v: status %d, %s: %q", c.err, w.Code, c.header, w.Header().Get(c.header))
		}
		if !strings.Contains(body.Error.Message, c.says) || c.saysNone != "" && strings.Contains(body.Error.Message, c.saysNone) {
			t.Errorf("%v: says %q", c.err, body.Error.Message)
		}
		if body.Error.ID == "" || body.Error.ID != w.Header().Get("X-Request-Id") || !strings.Contains(log.String(), fmt.Sprint(c.status)) {
			t.Errorf("%v: id %q, header %q, log %s", c.err, body.Error.ID, w.Header().Get("X-Request-Id"), log.String())
		}
		if strings.Contains(log.String(), "CANARY") {
			t.Errorf("the log holds the text: %s", log.String())
		}
	}
}

func TestANameThatAClientMadeUpStaysOutOfTheLog(t *testing.T) {
	var log bytes.Buffer
	api := New(Settings{Gateway: failing{fault.New(fault.NotFound, "none").WithCode("model_not_found")}, Log: slog.New(slog.NewJSONHandler(&log, nil))})
	r := httptest.NewRequest(http.MethodPost, "http://localhost/v1/embeddings", strings.NewReader(`{"model":"CANARY NAME","input":"a"}`))
	r.Header.Set("Content-Type", "application/json")
	api.Handler().ServeHTTP(httptest.NewRecorder(), r)
	if log.Len() == 0 || strings.Contains(log.String(), "CANARY") {
		t.Errorf("%s", log.String())
	}
}
