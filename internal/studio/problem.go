package studio

import (
	"cmp"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
)

// problem is a fault as people see it.
type problem struct {
	Title, Message, Remedy, Detail string
	AWS                            *fault.AWS
	ErrorID                        string
	RetryAfter                     time.Duration
}

// problem draws a fault; nil for none. What is our own mistake has an id, and
// the log says the rest under it.
func (v *visit) problem(err error) *problem {
	if err == nil {
		return nil
	}
	f := fault.From(err)
	message, id := apiErrorID(f.Message)
	p := &problem{Title: title(f.Kind), ErrorID: id, Message: sentence(message), Remedy: f.Remedy, Detail: f.Detail, AWS: f.AWS, RetryAfter: f.RetryAfter}
	if f.Kind == fault.Internal {
		if p.ErrorID == "" { // ours, not the control API's
			p.ErrorID, p.Message = v.note(err), "Something went wrong inside Adit."
		}
		p.Remedy = cmp.Or(p.Remedy, "Give the error id to the server's operator, who can find it in the log.")
		p.Detail = ""
	}
	return p
}

// apiErrorID takes the error id off a message of the control API's client, which
// puts it at the end of what the server is to blame for.
func apiErrorID(message string) (rest, id string) {
	rest, id, found := strings.Cut(message, " (error id ")
	if !found || !strings.HasSuffix(id, ")") {
		return message, ""
	}
	return rest, strings.TrimSuffix(id, ")")
}

// note logs a fault that is our own, and returns the id to find it by.
func (v *visit) note(err error) string {
	id := ident.New(ident.Request)
	v.Log.ErrorContext(v.ctx(), "a page failed", "error_id", id, "method", v.r.Method, "error", err.Error())
	return id
}

// title says in a few words what kind of thing went wrong.
func title(k fault.Kind) string {
	switch k {
	case fault.Invalid, fault.TooLarge, fault.Config:
		return "This cannot be done"
	case fault.Unauthenticated:
		return "Please sign in"
	case fault.Forbidden:
		return "Not allowed"
	case fault.NotFound:
		return "Not found"
	case fault.Throttled:
		return "Too many requests"
	case fault.Refused:
		return "AWS refused"
	case fault.Unavailable:
		return "Temporarily unavailable"
	case fault.Deadline, fault.Canceled:
		return "Timed out"
	case fault.Internal:
	}
	return "Something went wrong"
}

// status is a fault's HTTP status.
func status(err error) int {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Config:
		return http.StatusUnprocessableEntity
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.Throttled:
		return http.StatusTooManyRequests
	case fault.Refused:
		return http.StatusBadGateway
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	case fault.Deadline, fault.Canceled:
		return http.StatusGatewayTimeout
	case fault.Internal:
	}
	return http.StatusInternalServerError
}

// wrong is the page of a fault that no form shows.
func (v *visit) wrong(err error) answer {
	return page{
		template: "problem-page", title: title(fault.KindOf(err)), data: v.problem(err), plain: v.who == nil,
	}.refused(err)
}

// sentence begins with a capital and ends with a full stop.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return s
	}
	if word, _, _ := strings.Cut(s, " "); !strings.ContainsAny(word, ":_/.\"'`=") { // else a name, which is not ours to change
		s = capital(s)
	}
	if !strings.ContainsAny(s[len(s)-1:], ".!?:)") {
		s += "."
	}
	return s
}

// capital begins with one.
func capital(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// faultsOf are the faults of an input by their fields, without "body.", and
// what is left of the fault: nil when every part of it has a field.
func faultsOf(err error) map[string]string {
	faults := map[string]string{}
	var all fault.Inputs
	if errors.As(err, &all) {
		for _, each := range all {
			addFault(faults, fault.From(each))
		}
		return faults
	}
	addFault(faults, fault.From(err))
	return faults
}

func addFault(faults map[string]string, f *fault.Error) {
	field := strings.TrimPrefix(f.Param, "body.")
	if field == "" {
		return
	}
	text := sentence(strings.TrimPrefix(f.Message, field+": "))
	if f.Remedy != "" {
		text += " " + f.Remedy
	}
	faults[field] = strings.TrimSpace(faults[field] + " " + text)
}
