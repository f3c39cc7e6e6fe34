package client

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// problem makes a fault of an answer that is no success. An answer of something
// that is not Adit, such as a proxy's, is a fault too.
func problem(resp *http.Response) error {
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	var p wire.Problem
	if err != nil || media != "application/problem+json" || json.Unmarshal(b, &p) != nil || p.ErrorID == "" {
		return notOurs(resp, err)
	}
	return Fault(p)
}

// Fault returns a problem as a fault: its kind, sentence, remedy and AWS's
// words; places and faults of the input are part of the message, and where there
// are several they are its cause, a [fault.Inputs] too.
func Fault(p wire.Problem) *fault.Error {
	f := fault.New(kind(p), "%s", p.Detail).WithCode(p.Code)
	f.Remedy, f.Detail, f.RetryAfter = p.Remedy, p.Explanation, time.Duration(p.RetryAfter)*time.Second
	if p.AWS != nil {
		f.AWS = &fault.AWS{Code: p.AWS.Code, Message: p.AWS.Message, RequestID: p.AWS.RequestID, Status: p.AWS.Status}
	}
	if len(p.Errors) > 0 {
		f.Param = p.Errors[0].Location
		f.Message, f.Err = sentence(p), each(f, p)
	}
	if p.Status >= http.StatusInternalServerError && p.ErrorID != "" {
		f.Message += " (error id " + p.ErrorID + ")"
	}
	return f
}

// each returns the faults of an input one by one; nil where there are not several.
func each(f *fault.Error, p wire.Problem) error {
	if len(p.Errors) < 2 {
		return nil
	}
	var all fault.Inputs
	for _, e := range p.Errors {
		all = append(all, fault.New(f.Kind, "%s", e.Message).WithParam(e.Location).WithCode(p.Code))
	}
	return all
}

// sentence is one sentence of everything that is wrong with an input.
func sentence(p wire.Problem) string {
	parts := make([]string, len(p.Errors))
	for i, e := range p.Errors {
		parts[i] = e.Message
		if e.Location != "" {
			parts[i] = strings.TrimPrefix(e.Location, "body.") + ": " + e.Message
		}
	}
	joined := strings.Join(parts, "; ")
	if len(parts) == 1 && p.Detail == p.Errors[0].Message {
		return joined
	}
	return strings.TrimRight(p.Detail, ".: ") + ": " + joined
}

// kind is the fault's kind by its name, or by the status of a server that has
// kinds which this program does not know.
func kind(p wire.Problem) fault.Kind {
	for k := fault.Internal; k <= fault.Config; k++ {
		if k.String() == p.Kind {
			return k
		}
	}
	return byStatus(p.Status)
}

func byStatus(status int) fault.Kind {
	switch status {
	case http.StatusUnauthorized:
		return fault.Unauthenticated
	case http.StatusForbidden:
		return fault.Forbidden
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return fault.NotFound
	case http.StatusRequestEntityTooLarge:
		return fault.TooLarge
	case http.StatusTooManyRequests:
		return fault.Throttled
	case http.StatusBadGateway, http.StatusServiceUnavailable:
		return fault.Unavailable
	case http.StatusGatewayTimeout:
		return fault.Deadline
	}
	if status >= 400 && status < 500 {
		return fault.Invalid
	}
	return fault.Internal
}

// notOurs is the fault of an answer that no Adit server gives.
func notOurs(resp *http.Response, cause error) error {
	k := byStatus(resp.StatusCode)
	if resp.StatusCode < http.StatusBadRequest {
		k = fault.Config
	}
	return fault.Wrap(cause, k, "the answer did not come from Adit's control API (%s)", fmt.Sprint(resp.StatusCode, " ", http.StatusText(resp.StatusCode))).
		WithCode("not_adit").WithRemedy("Check --server or ADIT_SERVER, and proxies in between.")
}
