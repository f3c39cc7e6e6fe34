package control

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// The two shapes of a stream: a JSON value a line, or server-sent events for
// those who ask for them.
const (
	jsonLines    = "application/x-ndjson"
	serverEvents = "text/event-stream"
)

// lineTime is how long a client may take to read one value.
const lineTime = 30 * time.Second

// stream sends values one by one, each at once.
type stream struct {
	w      io.Writer
	flush  func() error
	wait   func(time.Time) error // sets the write deadline
	header http.Header
	events bool
	begun  bool
}

// streams makes a handler of a function that sends values one by one. Until its
// first value, or begin, its error is answered as any other; after that the
// connection is cut, so that nobody takes a part for the whole.
func streams[I any](h func(context.Context, *call, *I, *stream) error) handler {
	return handler{register: func(api huma.API, op huma.Operation) {
		op.Responses = map[string]*huma.Response{"200": {
			Description: "One JSON value per line, or one event each with Accept: " + serverEvents,
			Content:     map[string]*huma.MediaType{jsonLines: {}, serverEvents: {}},
		}}
		huma.Register(api, op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
			return &huma.StreamResponse{Body: func(hc huma.Context) {
				r, w := humago.Unwrap(hc)
				control := http.NewResponseController(w)
				out := &stream{
					w: w, flush: control.Flush, wait: control.SetWriteDeadline, header: w.Header(),
					events: strings.Contains(r.Header.Get("Accept"), serverEvents),
				}
				c := callOf(ctx)
				ctx, end := c.watched(ctx)
				defer end()
				err := h(ctx, c, in, out)
				switch {
				case err == nil:
					out.begin() // an empty stream is one too
				case !out.begun:
					p := problemOf(ctx, err)
					for name, values := range p.header {
						w.Header()[name] = values
					}
					writeProblem(w, p.Problem)
				default:
					_ = problemOf(ctx, err) // names the fault in the log
					c.cut = true
				}
			}}, nil
		})
	}}
}

// begin writes the head of the answer, if nothing did yet.
func (s *stream) begin() {
	if s.begun {
		return
	}
	s.begun = true
	if s.events {
		s.header.Set("Content-Type", serverEvents)
	} else {
		s.header.Set("Content-Type", jsonLines)
	}
	s.header.Set("X-Accel-Buffering", "no") // nginx would keep the lines back
	_, _ = s.w.Write(nil)                   // sends the head with status 200
	_ = s.flush()                           // not every writer can
}

// send writes one value. name is the event's, for who asked for events.
func (s *stream) send(name string, v any) error {
	s.begin()
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if s.events {
		b = append([]byte("event: "+name+"\ndata: "), b...)
		b = append(b, '\n')
	}
	_ = s.wait(time.Now().Add(lineTime)) // not every writer has deadlines
	if _, err := s.w.Write(append(b, '\n')); err != nil {
		return err
	}
	_ = s.flush()
	return nil
}
