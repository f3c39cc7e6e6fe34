package studio

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

func (s *studio) auditRoutes() []route {
	return []route{
		get("/o/{org}/audit", access.ReadAudit, s.audit),
		get("/o/{org}/audit.jsonl", access.ReadAudit, s.auditExport),
		post("/o/{org}/audit/verify", access.ReadAudit, s.verifyAudit),
		get("/audit", access.ReadWholeAudit, s.audit),
		get("/audit.jsonl", access.ReadWholeAudit, s.auditExport),
		post("/audit/verify", access.ReadWholeAudit, s.verifyAudit),
	}
}

// auditRow is an event as the page draws it.
type auditRow struct {
	wire.AuditRow
	Who    string // a name, or else an id
	Target string // the same of what it was done to; the login of who is not there yet
	Of     string // whose event it is, where the page has those of all organizations; "": the server's
	Said   string // what came of it
	Class  string // how that looks: good, bad or quiet
	Facts  []pair
}

type auditData struct {
	Form      form
	Rows      []auditRow
	Next      string
	Asked     bool // the list is narrowed
	Wrong     bool // what was asked for cannot be
	Choose    []known
	Actions   []string
	Outcomes  []option
	Export    string
	MayVerify bool
	Whole     bool // of the whole server, not of one organization
}

// auditFilters are the fields of the form, as the API calls them.
func auditFilters() []string { return []string{"action", "actor", "target", "outcome"} }

// auditWords are beginnings of actions that people look for.
func auditWords() []string {
	return []string{
		"apikey.", "budget.", "environment.", "issuer.", "key.", "member.", "organization.", "playground.", "signin.", "sts.", "token.", "trust.",
	}
}

// auditDays reads the days of the form. The last one is whole.
func auditDays(q url.Values) (from, to time.Time, err error) {
	var faults fault.Inputs
	day := func(name string) time.Time {
		text := strings.TrimSpace(q.Get(name))
		if text == "" {
			return time.Time{}
		}
		at, err := time.Parse(time.DateOnly, text)
		if err != nil {
			faults.Add(name, "enter a date such as 2027-01-31, or leave empty")
		}
		return at
	}
	from, to = day("from"), day("to")
	if !to.IsZero() {
		to = to.Add(24 * time.Hour)
	}
	return from, to, faults.Err()
}

// Audit is the URL of the audit that the page is of: the organization's or, on
// pages of the server, the one of all.
func (v *visit) Audit(parts ...string) string {
	if v.Org.ID == "" {
		return address(root+"/audit", parts...)
	}
	return address(v.At("audit"), parts...)
}

// auditPage is what all pages of an audit have in common.
func (v *visit) auditPage() page {
	if v.Org.ID == "" {
		return page{
			template: "audit", title: "Audit of the server", section: "server-audit",
			lead: "Events of every organization, including deleted ones, and of the server itself, such as sign-ins and signing keys.",
		}
	}
	return page{
		template: "audit", title: "Audit", section: "audit",
		lead: "Who did what, and the outcome. Events are chained, so that any later change or removal is detected.",
	}
}

// audit draws the list, the newest first.
func (s *studio) audit(v *visit) (answer, error) {
	l := v.list(auditFilters()...)
	l.Search, l.Sort = "", "" // the audit has an order, and fields of its own
	q := v.r.URL.Query()
	d := auditData{
		Form: form{values: q}, Actions: auditWords(), MayVerify: v.May(access.ReadWholeAudit), Whole: v.Org.ID == "",
		Outcomes: chosenOption([]option{{Value: "", Label: "Any outcome"}, {Value: "ok", Label: "ok"}, {Value: "failed", Label: "failed"}}, q.Get("outcome")),
	}
	p := v.auditPage()
	from, to, err := auditDays(q)
	if err != nil {
		d.Form, d.Wrong = d.Form.with(err), true
		p.data = d
		return p.refused(err), nil
	}
	for name, at := range map[string]time.Time{"from": from, "to": to} {
		if !at.IsZero() {
			l.Filter[name] = at.Format(time.RFC3339)
		}
	}
	d.Asked = len(l.Filter) > 0
	if d.Choose = v.auditNamed(l.Filter); len(d.Choose) > 0 {
		p.data = d
		return p, nil
	}
	d.Export = v.auditLink(l.Filter)
	list, err := v.api.EventPage(v.ctx(), v.Org.ID, l)
	if err != nil {
		return nil, err
	}
	n := newNames(v)
	d.Next = list.Next
	for _, r := range list.Items {
		d.Rows = append(d.Rows, auditRowOf(r, n))
	}
	p.data = d
	return p, nil
}

// outcome is what came of an event, and how it looks. A probe is an exchange
// that the role ought to refuse, so what is bad elsewhere is as it should be.
func outcome(action, came string) (said, class string) {
	switch {
	case action == "sts.probe" && came == "AccessDenied":
		return "refused as expected", "quiet"
	case action == "sts.probe" && came == "ok":
		return "accepted unexpectedly", "bad"
	case came == "ok": // as nearly all are: it is not coloured
		return "ok", ""
	}
	return came, "bad"
}

func auditRowOf(r wire.AuditRow, n *names) auditRow {
	said, class := outcome(r.Action, r.Outcome)
	return auditRow{
		AuditRow: r, Who: cmp.Or(r.Actor.Name, n.Of(r.Actor.Key), r.Actor.Key, "unknown"), Target: cmp.Or(n.Of(r.Target), r.Target, r.Details["login"]),
		Of: cmp.Or(n.Of(r.Organization), r.Organization), Said: said, Class: class, Facts: auditFacts(r, n),
	}
}

// auditFacts are what a row has beside its columns.
func auditFacts(r wire.AuditRow, n *names) []pair {
	facts := pairs("Event", thousands(r.Seq), "Time", r.Time.UTC().Format(time.RFC3339Nano), "By", r.Actor.Key, "From", r.Actor.Address, "Target", r.Target, "Organization", r.Organization, "Outcome", r.Outcome)
	for _, name := range slices.Sorted(maps.Keys(r.Details)) {
		value := r.Details[name]
		if name == "target" { // such as what a budget bounds
			value = n.beside(value)
		}
		facts = append(facts, pair{name, value})
	}
	return append(facts, pair{"Chain link", r.MAC})
}

// auditLink is the export of what the page's filters choose.
func (v *visit) auditLink(filter map[string]string) string {
	q := url.Values{}
	for _, name := range auditFilters() {
		if value := filter[name]; value != "" {
			q.Set(name, value)
		}
	}
	for _, name := range []string{"from", "to"} { // days, as the form has them
		if value := v.query(name); value != "" {
			q.Set(name, value)
		}
	}
	return pathAnd(v.Audit()+".jsonl", q)
}
