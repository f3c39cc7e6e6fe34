package openai

import (
	"encoding/json"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/telemetry"
)

// statusClientGone is what the log says of a caller who did not wait; nobody reads the answer.
const statusClientGone = 499

// status maps a kind of fault to an HTTP status and OpenAI's word for it.
func status(k fault.Kind) (code int, kind string) {
	switch k {
	case fault.Invalid:
		return http.StatusBadRequest, "invalid_request_error"
	case fault.Unauthenticated:
		return http.StatusUnauthorized, "authentication_error"
	case fault.Forbidden:
		return http.StatusForbidden, "permission_error"
	case fault.NotFound:
		return http.StatusNotFound, "invalid_request_error"
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge, "invalid_request_error"
	case fault.Throttled:
		return http.StatusTooManyRequests, "rate_limit_error"
	case fault.Refused, fault.Config:
		return http.StatusBadGateway, "upstream_error"
	case fault.Unavailable:
		return http.StatusServiceUnavailable, "upstream_error"
	case fault.Deadline:
		return http.StatusGatewayTimeout, "timeout_error"
	case fault.Canceled:
		return statusClientGone, "canceled"
	default: // fault.Internal
		return http.StatusInternalServerError, "server_error"
	}
}

// errorBody is OpenAI's error object. Param and Code are null where unknown.
type errorBody struct {
	Error struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   *string `json:"param"`
		Code    *string `json:"code"`
		// ID is for the person who asks an administrator what happened.
		ID string `json:"error_id"`
	} `json:"error"`
}

// fail answers with a fault. The caller gets the sentence and the request's id,
// under which the log has the rest.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	f := fault.From(err)
	code, kind := status(f.Kind)
	a.failWith(w, r, f, code, kind)
}

// failWith answers with a fault under a status that its kind does not tell.
func (a *API) failWith(w http.ResponseWriter, r *http.Request, f *fault.Error, code int, kind string) {
	id := telemetry.RequestID(r.Context())
	note(r.Context()).fault = f

	var body errorBody
	body.Error.Message = f.Sentence()
	body.Error.Type = kind
	body.Error.Param = orNull(f.Param)
	body.Error.Code = orNull(f.Code)
	body.Error.ID = id
	if code >= http.StatusInternalServerError {
		body.Error.Message += " (error id " + id + ")"
	}
	h := w.Header()
	switch code {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		h.Set("Retry-After", strconv.Itoa(seconds(f.RetryAfter)))
	case http.StatusBadGateway:
		h.Set("X-Should-Retry", "false") // OpenAI's clients read it
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="adit"`)
	}
	writeJSON(w, code, body)
}

// seconds rounds a wait up to whole seconds; unknown waits are one.
func seconds(d time.Duration) int { return max(1, int(math.Ceil(d.Seconds()))) }

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func writeJSON(w http.ResponseWriter, code int, v any) {
	b, err := json.Marshal(v)
	if err != nil { // our own types always marshal
		http.Error(w, `{"error":{"message":"internal error","type":"server_error","param":null,"code":null}}`, http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(b)+1))
	hurry(w, len(b))
	w.WriteHeader(code)
	_, _ = w.Write(append(b, '\n')) // nobody is left to tell
}

// attributes says of a fault what the log may keep. AWS's words on bad input may
// quote the input, and an unknown path or parameter is the client's own word: both
// stay out.
func attributes(f *fault.Error) []slog.Attr {
	out := []slog.Attr{slog.String("fault", f.Kind.String())}
	switch {
	case f.Kind == fault.Invalid:
		if isField(f.Param) {
			out = append(out, slog.String("param", f.Param))
		}
	case f.Code == unknownURL:
		out = append(out, slog.String("code", f.Code))
	default:
		out = append(out, slog.String("error", f.Error()))
	}
	if f.AWS != nil {
		out = append(out, slog.String("aws_code", f.AWS.Code), slog.String("aws_request_id", f.AWS.RequestID))
	}
	return out
}

// isField reports whether a fault's parameter is one of the API's, such as "model" or "input[3]".
func isField(param string) bool {
	if index, ok := strings.CutPrefix(param, "input["); ok {
		return strings.Trim(index, "0123456789") == "]"
	}
	return slices.Contains(fields(), param)
}
