package cli

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// refusal is the error body of the API.
type refusal struct {
	Error struct {
		Message string `json:"message"`
		Param   string `json:"param"`
		Code    string `json:"code"`
		ID      string `json:"error_id"`
	} `json:"error"`
}

// readRefusal turns an error answer back into the fault that it was made of.
func readRefusal(resp *http.Response) *fault.Error {
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	var body refusal
	if err != nil || json.Unmarshal(b, &body) != nil || body.Error.Message == "" {
		return foreignRefusal(resp)
	}
	id := body.Error.ID
	f := fault.New(kindOfStatus(resp.StatusCode), "%s", strings.TrimSuffix(body.Error.Message, " (error id "+id+")"))
	if id != "" && resp.StatusCode >= http.StatusInternalServerError {
		f.Detail = "The server's log has more under the error id " + id + "."
	}
	f.Param, f.Code = body.Error.Param, body.Error.Code
	f.RetryAfter = retryAfter(resp)
	return f
}

// foreignRefusal is an error that Adit did not write: a proxy before it did.
func foreignRefusal(resp *http.Response) *fault.Error {
	f := fault.New(kindOfStatus(resp.StatusCode), "the answer is HTTP %d and not from Adit", resp.StatusCode).
		WithRemedy("Check --server, and any proxies in between.")
	if resp.StatusCode >= http.StatusInternalServerError {
		f.Kind = fault.Unavailable // a restart behind a load balancer looks like this
	}
	f.RetryAfter = retryAfter(resp)
	return f
}

func retryAfter(resp *http.Response) time.Duration {
	seconds, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// kindOfStatus is the kind of fault that the API gives a status to.
func kindOfStatus(status int) fault.Kind {
	switch status {
	case http.StatusUnauthorized:
		return fault.Unauthenticated
	case http.StatusForbidden:
		return fault.Forbidden
	case http.StatusNotFound:
		return fault.NotFound
	case http.StatusRequestEntityTooLarge:
		return fault.TooLarge
	case http.StatusTooManyRequests:
		return fault.Throttled
	case http.StatusBadGateway:
		return fault.Refused
	case http.StatusServiceUnavailable:
		return fault.Unavailable
	case http.StatusGatewayTimeout:
		return fault.Deadline
	}
	if status >= http.StatusInternalServerError {
		return fault.Internal
	}
	return fault.Invalid
}
