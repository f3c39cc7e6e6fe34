package studio

import (
	"cmp"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
)

// problem is a fault as people see it.
type problem struct {
	Title, Message, Remedy, Detail string
	AWS                            *fault.AWS
	ErrorID                        string
	// Marked are the fields beside which stands what is wrong with them.
	Marked []field
}

// problem draws a fault; nil for none. What is our own mistake has an id, and
// the log says the rest under it.
func (v *visit) problem(err error) *problem {
	if err == nil {
		return nil
	}
	f := fault.From(err)
	message, id := apiErrorID(f.Message)
	p := &problem{Title: title(f.Kind), ErrorID: id, Message: sentence(message), Remedy: f.Remedy, AWS: f.AWS}
	switch {
	case f.Kind == fault.Internal:
		if p.ErrorID == "" { // ours, not the control API's
			p.ErrorID, p.Message = v.note(slog.LevelError, err), "Something went wrong inside Adit."
		}
		p.Remedy = cmp.Or(p.Remedy, "Give the error id to the server's operator, who can find it in the log.")
	case f.Detail == "":
	case v.explains(f):
		p.Detail = f.Detail
	case p.ErrorID == "": // for whom the detail is can find it in the log
		p.ErrorID = v.note(slog.LevelWarn, err)
	}
	return p
}

// explains reports whether a fault's detail is for the person: those who
// administer read roles, policies and sources, and of where the database is only
// those who run the server. The control API judges its own faults by the same rule.
func (v *visit) explains(f *fault.Error) bool {
	if v.who == nil {
		return false
	}
	if strings.HasPrefix(f.Code, "database_") {
		return v.principal.May(access.ReadServer, "")
	}
	return slices.ContainsFunc(v.principal.Key.Roles, func(r access.Role) bool {
		return r == access.Operator || r == access.Owner || r == access.Admin
	})
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

// note logs what a page does not show of a fault, and returns the id to find it by.
func (v *visit) note(level slog.Level, err error) string {
	id := ident.New(ident.Request)
	v.Log.Log(v.ctx(), level, "a page failed", "error_id", id, "method", v.r.Method, "error", err.Error())
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

// eachOf are the faults that an error tells of an input, one by one; of another error it is the only one.
func eachOf(err error) []error {
	var all fault.Inputs
	if errors.As(err, &all) {
		return all
	}
	return []error{err}
}

// faultsOf are the faults of an input by their fields.
func faultsOf(err error) map[string]string {
	faults := map[string]string{}
	for _, each := range eachOf(err) {
		f, field := fault.From(each), fieldOf(each)
		if field == "" {
			continue
		}
		text := sentence(strings.TrimPrefix(f.Message, field+": "))
		if f.Remedy != "" {
			text += " " + f.Remedy
		}
		faults[field] = strings.TrimSpace(faults[field] + " " + text)
	}
	return faults
}
