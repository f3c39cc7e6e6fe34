package openai

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/gateway"
	"github.com/adit-hq/adit/internal/vector"
)

// answering is a gateway that answers every request with one response, which
// came from no call and so panics when it is released.
type answering struct {
	failing
	resp *gateway.Response
}

func (g answering) Embed(context.Context, caller.Caller, gateway.Request) (*gateway.Response, error) {
	return g.resp, nil
}

func response(vectors ...string) *gateway.Response {
	resp := &gateway.Response{Dimensions: 1}
	for _, v := range vectors {
		resp.Vectors = append(resp.Vectors, vector.Text(v))
	}
	return resp
}

// connection is what an answer is written to. It fails once it has taken as much as it can.
type connection struct {
	*httptest.ResponseRecorder
	takes    int
	deadline time.Time
}

var errGone = errors.New("the caller stopped reading")

func (c *connection) SetWriteDeadline(t time.Time) error {
	c.deadline = t
	return nil
}

func (c *connection) Write(b []byte) (int, error) {
	if c.takes -= len(b); c.takes < 0 {
		return 0, errGone
	}
	return c.ResponseRecorder.Write(b)
}

func newConnection(takes int) *connection {
	return &connection{ResponseRecorder: httptest.NewRecorder(), takes: takes}
}

func post(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://localhost/v1/embeddings", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

func TestACallerHasAMinuteAndASecondForEach64KiBToReadAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for digits, want := range map[int]time.Duration{1: time.Minute, 64 * 64 << 10: time.Minute + 64*time.Second} {
			w := newConnection(1 << 30)
			if err := writeEmbeddings(w, "m", response("["+strings.Repeat("1", digits)+"]"), false); err != nil {
				t.Fatal(err)
			}
			if got := time.Until(w.deadline).Truncate(time.Second); got != want {
				t.Errorf("%d digits: the deadline is in %v, want %v", digits, got, want)
			}
		}
		w := newConnection(1 << 30)
		New(Settings{Gateway: failing{errors.New("broken")}}).Handler().ServeHTTP(w, post(`{"model":"m","input":"a"}`))
		if got := time.Until(w.deadline).Truncate(time.Second); got != time.Minute {
			t.Errorf("an error: the deadline is in %v", got)
		}
	})
}

func TestVectorsOfAnAnswerThatWasNotTakenAreNotGivenAway(t *testing.T) {
	for _, takes := range []int{0, 70 << 10} {
		resp := response("["+strings.Repeat("1", 100<<10)+"]", "[2]")
		func() {
			defer func() {
				if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) || resp.Vectors == nil {
					t.Errorf("after %d bytes: the handler panicked with %v, vectors released: %v", takes, err, resp.Vectors == nil)
				}
			}()
			New(Settings{Gateway: answering{resp: resp}}).Handler().ServeHTTP(newConnection(takes), post(`{"model":"m","input":"a"}`))
		}()
	}
}

func TestANumberBeyondFloat32IsAFaultOfTheAnswerAndNoCutConnection(t *testing.T) {
	w := newConnection(1 << 20)
	New(Settings{Gateway: answering{resp: response("[1e99]")}}).Handler().ServeHTTP(w, post(`{"model":"m","input":"a","encoding_format":"base64"}`))
	if w.Code != http.StatusBadGateway || !strings.Contains(w.Body.String(), "Bedrock's response cannot be used") ||
		w.Header().Get("Content-Length") != strconv.Itoa(w.Body.Len()) {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}
