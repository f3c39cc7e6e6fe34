package emulator

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxBody is the largest request body of InvokeModel (Bedrock API reference);
// the other services get the same bound.
const maxBody = 25_000_000

// exchange is one request on its way through the emulator.
type exchange struct {
	e     *Emulator
	w     http.ResponseWriter
	r     *http.Request
	path  string // as it came over the wire, still escaped
	query string // as it came over the wire
	body  []byte
	event Event
	over  bool // the event is written
	began time.Time
	who   principal
}

// serve is the handler: it reads the body, routes, and leaves an event.
func (e *Emulator) serve(w http.ResponseWriter, r *http.Request) {
	x := &exchange{e: e, w: w, r: r, began: time.Now()}
	x.path, x.query, _ = strings.Cut(wireTarget(r), "?")
	if strings.HasPrefix(x.path, controlPrefix) {
		e.serveControl(w, r)
		return
	}
	x.event = Event{Seq: e.trail.next(), Time: e.now(), RequestID: newRequestID()}
	// Deferred, because a cut connection leaves by panic (http.ErrAbortHandler)
	// and is an event all the same.
	defer x.finish()
	h := w.Header()
	h.Set("X-Amzn-Requestid", x.event.RequestID)
	h.Set("Date", e.now().UTC().Format(http.TimeFormat))
	service, operation, run := x.route()
	x.event.Service, x.event.Operation = service, operation
	if operation == opInvoke {
		x.event.InFlight = int(e.flight.Add(1))
	}
	if err := x.readBody(); err != nil {
		x.fail(err)
		return
	}
	if operation == "" || operation == opInvoke {
		run(x) // draws its fault itself, once it knows more
		return
	}
	x.unlessSpoiled(func() { run(x) })
}

// finish counts the exchange out and writes its event, once: before the answer
// is sent, so that whoever has the answer finds the event, or at the end where
// none is sent.
func (x *exchange) finish() {
	if x.over {
		return
	}
	x.over = true
	if x.event.InFlight > 0 {
		x.e.flight.Add(-1)
	}
	x.event.Duration = time.Since(x.began)
	if x.e.bodies {
		x.event.Body = x.body
	}
	x.e.trail.add(x.event)
}

// wireTarget is the request target as sent. RequestURI is empty on requests
// that a program built itself and handed straight to the handler.
func wireTarget(r *http.Request) string {
	target := r.RequestURI
	if target == "" {
		target = r.URL.RequestURI()
	}
	if rest, ok := strings.CutPrefix(target, "http://"); ok {
		_, rest, _ = strings.Cut(rest, "/")
		return "/" + rest
	}
	return target
}

func (x *exchange) readBody() *awsError {
	if x.r.Body == nil {
		return nil
	}
	var err error
	if n := x.r.ContentLength; n > 0 && n <= maxBody {
		x.body = make([]byte, n)
		_, err = io.ReadFull(x.r.Body, x.body)
	} else {
		x.body, err = io.ReadAll(io.LimitReader(x.r.Body, maxBody+1))
	}
	if err != nil {
		return &awsError{status: http.StatusBadRequest, code: "SerializationException", message: "The request body could not be read to its end."}
	}
	if len(x.body) > maxBody {
		return validation("1 validation error detected: Value at 'body' failed to satisfy constraint: Member must have length less than or equal to 25000000")
	}
	return nil
}

// respond sends a whole body.
func (x *exchange) respond(status int, body []byte) {
	x.event.Status = status
	x.finish()
	x.w.WriteHeader(status)
	x.w.Write(body) // the caller is gone; there is nobody to tell
}

// respondJSON sends a success in JSON.
func (x *exchange) respondJSON(body []byte) {
	x.w.Header().Set("Content-Type", "application/json")
	x.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	x.respond(http.StatusOK, body)
}

// fail answers with an error in the form of the exchange's service.
func (x *exchange) fail(err *awsError) {
	x.event.ErrorCode = err.code
	if x.event.Service == serviceSTS || x.event.Service == serviceIAM {
		err.writeXML(x)
		return
	}
	err.writeJSON(x)
}

// segments are the unescaped parts of the wire path: an ARN that was escaped
// as one segment comes back whole. ok is false for a path with bad escapes.
func segments(path string) (parts []string, ok bool) {
	for part := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		text, err := url.PathUnescape(part)
		if err != nil {
			return nil, false
		}
		parts = append(parts, text)
	}
	return parts, true
}

// sleep waits for d or until the caller goes away, and says which.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return errors.Join(context.Cause(ctx), ctx.Err())
	}
}
