package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/gateway"
)

func TestWordsThatAClientMadeUpStayOutOfTheLog(t *testing.T) {
	for _, c := range []struct{ method, path, body string }{
		{http.MethodGet, "/CANARY", ""},
		{http.MethodGet, "/v1/models/CANARY", ""},
		{http.MethodGet, "/v1//CANARY", ""},
		{"CANARY", "/v1/embeddings", ""},
		{http.MethodPost, "/v1/embeddings", `{"model":"m","input":"a","CANARY":1}`},
		{http.MethodPost, "/v1/embeddings", `{"model":"m","input":"a","input[CANARY":1}`},
		{http.MethodPost, "/v1/embeddings", `{"CANARY":1,"CANARY":2}`},
	} {
		var log bytes.Buffer
		api := New(Settings{
			Gateway: failing{fault.New(fault.NotFound, "none").WithCode("model_not_found")},
			Log:     slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		})
		r := httptest.NewRequest(c.method, "http://localhost"+c.path, strings.NewReader(c.body))
		r.Header.Set("Content-Type", "application/json")
		api.Handler().ServeHTTP(httptest.NewRecorder(), r)
		if log.Len() == 0 || strings.Contains(log.String(), "CANARY") {
			t.Errorf("%s %s: %s", c.method, c.path, log.String())
		}
	}
}

// panicking is a gateway with a fault in its code.
type panicking struct{ failing }

func (panicking) Embed(_ context.Context, _ caller.Caller, r gateway.Request) (*gateway.Response, error) {
	if r.Model == "index" {
		behind := len(r.Texts)
		return nil, fault.New(fault.Invalid, "%s", r.Texts[behind])
	}
	panic("no vector for " + r.Texts[0])
}

func TestAPanicIsAnsweredWithAnErrorIDAndTellsNoText(t *testing.T) {
	for model, says := range map[string]string{"index": "index out of range", "words": "panic: string"} {
		var log bytes.Buffer
		api := New(Settings{Gateway: panicking{}, Log: slog.New(slog.NewJSONHandler(&log, nil))})
		r := httptest.NewRequest(http.MethodPost, "http://localhost/v1/embeddings", strings.NewReader(`{"model":"`+model+`","input":"CANARY TEXT"}`))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		api.Handler().ServeHTTP(w, r)
		id := w.Header().Get("X-Request-Id")
		if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "server_error") || !strings.Contains(w.Body.String(), id) {
			t.Errorf("%s: %d %s", model, w.Code, w.Body)
		}
		if !strings.Contains(log.String(), says) || !strings.Contains(log.String(), "record_test.go") || strings.Contains(log.String(), "CANARY") {
			t.Errorf("%s: the log says %s", model, log.String())
		}
	}
}

func TestPathsThatAreNotCleanAreUnknownInJSON(t *testing.T) {
	for path, want := range map[string]int{
		"//v1/models": 404, "/v1//embeddings": 404, "/v1/../v1/models": 404, "/v1/models/./a": 404, "/v1/models//": 404,
		"/v1/models": 200, "/v1/models/": 200, "/v1/models/a/b": 200, "/v1/models/a/": 200,
	} {
		r := httptest.NewRequest(http.MethodGet, "http://localhost/", http.NoBody)
		r.URL.Path = path
		w := httptest.NewRecorder()
		New(Settings{Gateway: failing{}}).Handler().ServeHTTP(w, r)
		var body struct{ Error struct{ Code string } }
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != want || want == 404 && body.Error.Code != "unknown_url" {
			t.Errorf("%s: %d %s (%v)", path, w.Code, w.Body, err)
		}
	}
}

func TestABodyThatStopsComingIsAnsweredWithWhatToDo(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		says   string
	}{
		{os.ErrDeadlineExceeded, http.StatusRequestTimeout, "did not arrive in time. Send fewer"},
		{io.ErrUnexpectedEOF, http.StatusBadRequest, "could not be read completely. Check"},
	} {
		body := io.MultiReader(strings.NewReader(`{"model":`), iotest.ErrReader(c.err))
		r := httptest.NewRequest(http.MethodPost, "http://localhost/v1/embeddings", body)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		New(Settings{Gateway: failing{}}).Handler().ServeHTTP(w, r)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%v: %d %s", c.err, w.Code, w.Body)
		}
	}
}
