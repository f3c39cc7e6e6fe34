package studio

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
)

// Entry is one row of the table of pages, as tests look at it.
type Entry struct {
	// Method is GET, which changes nothing, or POST.
	Method string
	// Path is the pattern below /studio, such as /o/{org}/environments.
	Path string
	// Open pages need no session.
	Open bool
}

// route is a row with what draws it.
type route struct {
	Entry
	// needs is what a person must be allowed, in the organization that the path
	// names as {org} or else on the server; "": everyone who is signed in. The control
	// API decides; this only says so before a form is drawn that could not be sent.
	needs  access.Permission
	handle handler
}

// handler makes the answer to a visit.
type handler func(*visit) (answer, error)

// Routes is the whole table, for tests that try every row.
func Routes() []Entry {
	var all []Entry
	for _, r := range (&studio{}).routes() {
		all = append(all, r.Entry)
	}
	return all
}

// get is a page for those who are signed in.
func get(path string, needs access.Permission, h handler) route {
	return route{Entry: Entry{Method: http.MethodGet, Path: path}, needs: needs, handle: h}
}

// post changes something.
func post(path string, needs access.Permission, h handler) route {
	return route{Entry: Entry{Method: http.MethodPost, Path: path}, needs: needs, handle: h}
}

// open makes a row one that needs no session.
func open(r route) route { r.Open = true; return r }

// maxForm bounds what is typed into a form, and how much of a form is kept in
// memory. Of those who have not signed in less is taken: anybody can send it, and
// it is kept while they wait for their turn.
const (
	maxForm     = 4 << 20
	maxOpenForm = 16 << 10
)

// serve is a row as a handler.
func (s *studio) serve(row route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, end := context.WithCancelCause(r.Context())
		defer end(nil)
		r = r.WithContext(ctx)
		v := &visit{studio: s, r: r, w: w, address: s.Address(r), end: end}
		most := int64(maxForm)
		if row.Open {
			most = maxOpenForm
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
		a, err := s.answer(v, row)
		if err != nil {
			a = v.wrong(err)
		}
		if err := a.send(v); err != nil {
			s.Log.ErrorContext(r.Context(), "a page could not be sent", "path", row.Path, "error", err.Error())
		}
	})
}

// answer lets a visit in and has it handled.
func (s *studio) answer(v *visit, row route) (answer, error) {
	if err := v.enter(); err != nil {
		return nil, err
	}
	if !row.Open && v.who == nil {
		return v.signInFirst(row), nil
	}
	if strings.HasPrefix(row.Path, "/o/{org}") {
		if moved, err := v.enterOrganization(); moved != nil || err != nil {
			return moved, err
		}
	}
	if row.needs != "" && !v.May(row.needs) {
		return nil, v.forbidden(row.needs)
	}
	if !row.Open {
		go v.admission(row.needs).watch(v.r.Context(), v.end)
	}
	if v.r.Method == http.MethodPost {
		if err := v.r.ParseForm(); err != nil {
			return nil, unreadable(err)
		}
	}
	return row.handle(v)
}

func (v *visit) forbidden(needs access.Permission) error {
	where := "in the organization " + v.Org.Name
	if v.Org.ID == "" {
		where = "on this server"
	}
	return fault.New(fault.Forbidden, "your role does not allow this %s (it needs %s)", where, needs).
		WithRemedy("Ask an owner of the organization, or who runs this server, for a role that has it.")
}

func unreadable(err error) error {
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return fault.Wrap(err, fault.TooLarge, "the form is larger than %d KiB", long.Limit>>10).WithRemedy("Send less at once.")
	}
	return fault.Wrap(err, fault.Invalid, "the form cannot be read").WithRemedy("Go back, load the page again and send it once more.")
}

// backTo is a page that only a form is sent to: who loads it again is where the form is.
func backTo(path string) handler {
	return func(*visit) (answer, error) { return moved{to: root + path}, nil }
}

// nowhere answers what no page has.
func nowhere(*visit) (answer, error) {
	return nil, fault.New(fault.NotFound, "there is no such page").WithRemedy("Start again from the first page of Studio.")
}

// foreign answers a change that another site's page sent.
func foreign(*visit) (answer, error) {
	return nil, fault.New(fault.Forbidden, "this was sent from another site's page, and nothing was changed").
		WithRemedy("Open Studio itself and do it there.")
}

// localPath is the path and query of a page of Studio that s names; for
// anything else, such as another site, the first page.
func localPath(s string) string {
	first := root + "/"
	if len(s) > 2048 || !strings.HasPrefix(s, first) || strings.ContainsFunc(s, oddInPath) {
		return first
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" || strings.Contains(u.Path, "//") || dotted(u.Path) {
		return first
	}
	return cmp.Or(u.RequestURI(), first)
}

// oddInPath finds what browsers read in ways of their own: a backslash as a slash, and control characters as nothing.
func oddInPath(r rune) bool { return r == '\\' || r <= ' ' || r == 0x7f }

// dotted reports whether a path climbs.
func dotted(path string) bool {
	for part := range strings.SplitSeq(path, "/") {
		if part == "." || part == ".." || strings.ContainsFunc(part, oddInPath) {
			return true
		}
	}
	return false
}
