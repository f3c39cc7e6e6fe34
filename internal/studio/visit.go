package studio

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signin"
)

// visit is one request for a page, and who makes it. What templates use of it
// is exported.
type visit struct {
	*studio
	r       *http.Request
	w       http.ResponseWriter
	address string
	unnamed []*drawn // forms of the page whose fields are not known yet
	// end ends the visit before its time; the cause says why.
	end context.CancelCauseFunc
	// who is signed in; nil: nobody.
	who       *signin.SignedIn
	principal access.Principal
	// api asks the control API as the person, in the organization of the page.
	api *client.Client
	// Org is the organization of the page; its ID is "" on pages of the server and of the person.
	Org wire.Organization
}

func (v *visit) now() time.Time { return v.Now().UTC() }

// path is a part of the page's path, such as path("env").
func (v *visit) path(name string) string { return v.r.PathValue(name) }

// query is a value of the page's query; typed is one of the form's.
func (v *visit) query(name string) string { return v.r.URL.Query().Get(name) }
func (v *visit) typed(name string) string { return strings.TrimSpace(v.posted().Get(name)) }

// posted is the whole form: what stands in the URL is not of it.
func (v *visit) posted() url.Values {
	return v.r.PostForm //nolint:forbidigo // the field of a request, not http.PostForm
}

// May reports whether the person may do something in the organization of the
// page or, on other pages, on the server: what cannot be done is not offered.
func (v *visit) May(p access.Permission) bool { return v.who != nil && v.principal.May(p, v.Org.ID) }

// At is the URL of a page of the organization: At("environments", id).
func (v *visit) At(parts ...string) string {
	return address(root+"/o/"+url.PathEscape(v.Org.ID), parts...)
}

// Operator reports whether the person acts on the whole server.
func (v *visit) Operator() bool { return v.who != nil && v.who.Operator() }

// SignedIn reports whether somebody is; PersonName is what they are called.
func (v *visit) SignedIn() bool { return v.who != nil }

// PersonName is what the person is called.
func (v *visit) PersonName() string {
	if v.who == nil {
		return ""
	}
	return v.who.Person.Called()
}

// fragment reports whether the script asks for a part of a page.
func (v *visit) fragment() bool { return v.r.Header.Get(fragmentHeader) != "" }

// origin is where the person is.
func (v *visit) origin() signin.Origin {
	return signin.Origin{Address: v.address, Agent: v.r.UserAgent()}
}

// enter finds out who makes the visit.
func (v *visit) enter() error {
	token := v.sessionToken()
	if token == "" {
		return nil
	}
	who, err := v.People.Session(v.ctx(), token)
	switch {
	case err == nil:
	case fault.KindOf(err) == fault.Unauthenticated:
		return nil
	default:
		return err
	}
	v.who = &who
	v.principal, _ = who.Principal("")
	v.api = v.Client(v.principal, v.address)
	return nil
}

// enterOrganization finds the organization that the path names, by id or by
// name; a name's pages are those of the id. One that is not the person's is not there.
func (v *visit) enterOrganization() (answer, error) {
	named := v.path("org")
	org, principal, err := v.find(named)
	if err != nil {
		return nil, err
	}
	v.principal, v.api, v.Org = principal, v.Client(principal, v.address), org
	if named == org.ID {
		v.rememberPlace(org.ID)
		return nil, nil //nolint:nilnil // neither moved nor failed: the page is drawn
	}
	if v.r.Method != http.MethodGet {
		return nil, noOrganization()
	}
	rest := strings.TrimPrefix(v.r.URL.EscapedPath(), root+"/o/"+url.PathEscape(named))
	to := v.At() + rest
	if v.r.URL.RawQuery != "" {
		to += "?" + v.r.URL.RawQuery
	}
	return moved{to: localPath(to)}, nil
}

// find looks for an organization among those where the person may be.
func (v *visit) find(named string) (wire.Organization, access.Principal, error) {
	ids := []string{named}
	if !v.Operator() && !slices.Contains(v.who.Organizations(), named) {
		ids = v.who.Organizations() // one of these may have the name
	}
	for _, id := range ids {
		p, ok := v.who.Principal(id)
		if !ok {
			continue
		}
		org, err := v.Client(p, v.address).Organization(v.ctx(), id)
		if fault.KindOf(err) == fault.NotFound && err != nil {
			continue
		}
		if err != nil || org.ID == named || org.Name == named {
			return org, p, err
		}
	}
	return wire.Organization{}, access.Principal{}, noOrganization()
}

func noOrganization() error {
	return fault.New(fault.NotFound, "there is no such organization, or it is not yours").
		WithRemedy("Choose one of your organizations on the first page.")
}

// list is what a list page was asked for: search, sort, cursor, and the filters named.
func (v *visit) list(filters ...string) client.List {
	q := v.r.URL.Query()
	l := client.List{Search: strings.TrimSpace(q.Get("search")), Sort: q.Get("sort"), Cursor: q.Get("cursor"), Limit: pageRows, Filter: map[string]string{}}
	for _, f := range filters {
		if value := strings.TrimSpace(q.Get(f)); value != "" {
			l.Filter[f] = value
		}
	}
	return l
}

// pageRows is how many rows a list page has.
const pageRows = 50

// address puts parts of a path behind a base.
func address(base string, parts ...string) string {
	var b strings.Builder
	b.WriteString(base)
	for _, p := range parts {
		b.WriteString("/" + url.PathEscape(p))
	}
	return b.String()
}
