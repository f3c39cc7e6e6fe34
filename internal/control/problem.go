package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// Bounds of an answer to a hostile body: how many faults it lists, and how much
// of a name that the client made up it repeats.
const (
	maxFaults   = 50
	maxLocation = 120
)

// statusClientGone is what the log says of a client that did not wait.
const statusClientGone = 499

// status maps a fault to an HTTP status. Input that can be read but cannot be
// right is 422, whoever found it; 400 is left for what cannot be read.
func status(f *fault.Error) int {
	switch f.Kind {
	case fault.Invalid:
		switch f.Code {
		case "name_taken", codeConflict, "in_use", "not_unsafe", "no_ripe_key", "budget_exists", "role_by_rule", "too_many", codeAlreadyDone, codeOutcomeUnknown:
			return http.StatusConflict
		case codeUnreadable:
			return http.StatusBadRequest
		case codeMediaType:
			return http.StatusUnsupportedMediaType
		}
		return http.StatusUnprocessableEntity
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.NotFound:
		if f.Code == codeMethod {
			return http.StatusMethodNotAllowed
		}
		return http.StatusNotFound
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.Throttled:
		return http.StatusTooManyRequests
	case fault.Refused:
		return http.StatusBadGateway
	case fault.Config: // what is asked for is set up so that it cannot be done
		return http.StatusConflict
	case fault.Unavailable:
		if f.Code == codeUnderWay {
			return http.StatusConflict
		}
		return http.StatusServiceUnavailable
	case fault.Deadline:
		return http.StatusGatewayTimeout
	case fault.Canceled:
		return statusClientGone
	default: // fault.Internal
		return http.StatusInternalServerError
	}
}

// Codes of faults that this room finds itself.
const (
	codeUnreadable = "unreadable_body"
	codeMediaType  = "unsupported_media_type"
	codeMethod     = "method_not_allowed"
	codeUnknownURL = "unknown_url"
	codeInput      = "invalid_input"
	// Of a request that came again with its idempotency key.
	codeUnderWay    = "under_way"
	codeAlreadyDone = "already_done"
	// codeOutcomeUnknown is the store's for a change that it may have made.
	codeOutcomeUnknown = "outcome_unknown"
	codeConflict       = "conflict" // of the rooms too: another version is there than the one that was to be changed
)

// problem is a fault on its way to the client. huma writes it with its own
// status and as application/problem+json.
type problem struct {
	wire.Problem
	header http.Header
}

// Error implements error.
func (p *problem) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *problem) GetStatus() int { return p.Status }

// GetHeaders implements huma.HeadersError.
func (p *problem) GetHeaders() http.Header { return p.header }

// ContentType implements huma.ContentTypeFilter.
func (p *problem) ContentType(string) string { return "application/problem+json" }

// problemOf turns an error into what its reader may see of it. It keeps the
// fault for the log.
func problemOf(ctx context.Context, err error) *problem {
	c := callOf(ctx)
	f := fault.From(err)
	if cause := context.Cause(ctx); cause != nil && f.Kind == fault.Canceled {
		f = fault.From(cause) // which may say who ended it, and why
	}
	c.fault = f
	code := status(f)
	if f.Code == codeConflict && c.ifMatch != nil {
		code = http.StatusPreconditionFailed
	}
	faults := fieldErrors(err)
	p := &problem{header: http.Header{}}
	p.Problem = wire.Problem{
		Title: cmp.Or(http.StatusText(code), "Client Closed Request"), Status: code, Kind: f.Kind.String(), Code: f.Code, ErrorID: c.id,
		Detail: clip(cmp.Or(f.Message, f.Kind.String()+" error"), 4<<10), Remedy: f.Remedy, Errors: firstFaults(faults),
	}
	if len(faults) > 1 {
		p.Detail = fmt.Sprintf("the request has %d errors", len(faults))
	}
	if f.Kind == fault.Internal {
		p.Detail, p.Remedy = "internal error", "Ask the server's operator to look up the error id in its log."
	}
	if c.mayRead(f) {
		p.Explanation = f.Detail
	}
	if f.AWS != nil {
		p.AWS = &wire.AWSError{Code: f.AWS.Code, Message: f.AWS.Message, RequestID: f.AWS.RequestID, Status: f.AWS.Status}
	}
	switch {
	case code == http.StatusTooManyRequests, code == http.StatusServiceUnavailable, f.Code == codeUnderWay:
		p.RetryAfter = max(1, int(math.Ceil(f.RetryAfter.Seconds())))
		p.header.Set("Retry-After", strconv.Itoa(p.RetryAfter))
	case code == http.StatusUnauthorized:
		p.header.Set("WWW-Authenticate", `Bearer realm="adit"`)
	}
	return p
}

// fieldErrors collects the faults that an error is made of and that name a
// place. A room joins them, or returns one.
func fieldErrors(err error) []wire.FieldError {
	var out []wire.FieldError
	var walk func(error)
	walk = func(err error) {
		switch e := err.(type) { //nolint:errorlint // the tree is walked by hand, branch by branch
		case nil:
		case *fault.Error:
			if e.Param != "" {
				out = append(out, wire.FieldError{Location: place(e.Param), Message: clip(e.Message, 1<<10)})
				return
			}
			walk(e.Err)
		case interface{ Unwrap() []error }:
			for _, each := range e.Unwrap() {
				walk(each)
			}
		case interface{ Unwrap() error }:
			walk(e.Unwrap())
		}
	}
	walk(err)
	return out
}

// place writes a room's parameter as the place in a body, where it is none already.
func place(param string) string {
	for _, of := range []string{"body", "query.", "path.", "header."} {
		if strings.HasPrefix(param, of) {
			return clip(param, maxLocation)
		}
	}
	return clip("body."+param, maxLocation)
}

func firstFaults(all []wire.FieldError) []wire.FieldError {
	if len(all) > maxFaults {
		more := wire.FieldError{Message: fmt.Sprintf("and %d more", len(all)-maxFaults)}
		all = append(all[:maxFaults:maxFaults], more)
	}
	return all
}

// problems makes problems of what huma itself refuses: it is given every answer
// before it is written. What huma quotes of the input is left out.
func problems(ctx huma.Context, _ string, v any) (any, error) {
	switch v := v.(type) {
	case *problem:
		return v.Problem, nil
	case *huma.ErrorModel:
		p := problemOf(ctx.Context(), ofSchema(v))
		p.Status, p.Title = v.Status, http.StatusText(v.Status)
		return p.Problem, nil
	}
	return v, nil
}

// ofSchema is a fault of the input as huma tells it.
func ofSchema(m *huma.ErrorModel) error {
	if m.Status >= http.StatusInternalServerError {
		return fault.New(fault.Internal, "%s", m.Detail)
	}
	f := &fault.Error{Kind: fault.Invalid, Code: codeInput, Message: "the request has errors"}
	switch m.Status {
	case http.StatusRequestEntityTooLarge:
		f.Kind, f.Code, f.Message = fault.TooLarge, "", "the body is too large"
	case http.StatusBadRequest:
		f.Code, f.Message = codeUnreadable, "the body cannot be read"
		if len(m.Errors) == 0 {
			f.Message = m.Detail // such as that there must be one
		}
	}
	var each []error
	for _, e := range m.Errors {
		each = append(each, &fault.Error{Kind: fault.Invalid, Param: cmp.Or(e.Location, "body"), Message: e.Message})
	}
	f.Err = errors.Join(each...)
	if len(each) > 0 && f.Kind == fault.Invalid {
		f.Remedy = "Correct what `errors` lists; /api/openapi.json has every field."
	}
	return f
}

// clip cuts a text that a client may have made as long as it liked.
func clip(s string, most int) string {
	if len(s) <= most {
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return strings.ToValidUTF8(s[:most], "\uFFFD") + "…"
}
